"""The whole file: ``generated-config.ts``, as ``design.md`` 6 fixes it (row R20)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final, get_args, get_origin

from hookspecs import Payload, PayloadBody
from host.frontend.calls import Call, call_of
from host.frontend.collect import Collector
from host.frontend.model import Generated, PluginInput, contract_id
from host.frontend.names import namespace_of
from host.frontend.operations import check_operations, rename_entities
from host.frontend.parts import Parts, Typed, constant_of, heading, parts_of
from host.frontend.resolve import Namespace, Owners
from host.frontend.text import literal, one_line, type_key

_DIGITS: Final = 16


def generate(plugins: Iterable[PluginInput]) -> Generated:
    """Print everything that a frontend is told of the plugins.

    Args:
        plugins: the registered ones, in any order; the text does not depend on it.

    Raises:
        ConflictError: two routes of one plugin have one operation name.
        FrontendError: a broadcast on an undeclared channel, an unknown entity renamed, ``custom`` that is no JSON.
    """
    ordered = sorted(plugins, key=lambda one: one.key)
    shown = [one for one in ordered if one.frontend.enabled]
    collectors = {one.key: Collector(one.key) for one in shown}
    typed = [_typed(one, collectors[one.key]) for one in shown]
    for collector in collectors.values():
        collector.finish()
    owners = Owners({one.key: one.package for one in shown})
    namespaces = {key: Namespace(collector, owners, collectors) for key, collector in collectors.items()}
    parts = {one.plugin.key: parts_of(one, namespaces, collectors[one.plugin.key].bodies) for one in typed}
    contracts = _contracts(ordered)
    digest = _digest([*(one.text for one in parts.values()), contracts])
    warnings = tuple(dict.fromkeys(line for collector in collectors.values() for line in collector.warnings))
    return Generated(_file(shown, parts, contracts, digest), digest, warnings, {key: one.text for key, one in parts.items()})


def _typed(plugin: PluginInput, types: Collector) -> Typed:
    routes = sorted(plugin.routes, key=lambda one: (one.path, one.method))
    inside = [(one.method, one.path.removeprefix(plugin.prefix), one.handler.opt) for one in routes]
    keys = {channel.key for channel in plugin.channels}
    operations = check_operations(plugin.key, inside, channels=keys, frontend=plugin.frontend)
    names = rename_entities(plugin.key, operations, plugin.frontend.entity_names)
    by_route = {(one.method, one.path): one for one in operations}
    found: dict[str, list[Call]] = {}
    datatypes: dict[str, dict[str, None]] = {}
    for route, (method, path, _opt) in zip(routes, inside, strict=True):
        operation = by_route.get((method, "/" + path.strip("/")))
        if operation is not None:
            entity = names[operation.entity]
            found.setdefault(entity, []).append(call_of(route, operation, types))
            datatypes.setdefault(entity, {}).update(_datatypes(route.handler.parsed_return_field.raw, plugin))
    events = {one.key: types.type_of(one.message, "out", f"channel {one.key}") for one in sorted(plugin.channels, key=_key)}
    for one in plugin.frontend.types:
        types.type_of(one, "out", "Frontend(types=…)")
    return Typed(
        plugin,
        {entity: sorted(found[entity], key=_name) for entity in sorted(found)},
        {entity: _datatype(entity, datatypes[entity]) for entity in found},
        events,
    )


def _key(channel: Any) -> str:
    return str(channel.key)


def _name(call: Call) -> str:
    return call.operation.name


def _datatypes(annotation: Any, plugin: PluginInput) -> dict[str, None]:
    """The datatypes of the payloads that an annotation holds."""
    origin = get_origin(annotation)
    known = {handler.model: handler.datatype for handler in plugin.payloads}
    if origin in (Payload, PayloadBody):
        return {known[one]: None for one in get_args(annotation) if isinstance(one, type) and one in known}
    return {name: None for one in get_args(annotation) for name in _datatypes(one, plugin)} if origin is not None else {}


def _datatype(entity: str, found: Mapping[str, None]) -> str:
    """The ``type`` of an entity (b3): the datatype of the payloads that its routes return, else the entity."""
    return entity if not found or entity in found else next(iter(found))


def _contracts(plugins: Sequence[PluginInput]) -> str:
    consumers: dict[str, set[str]] = {}
    shown: dict[str, tuple[str, str]] = {}
    for one in plugins:
        for used in one.uses:
            consumers.setdefault(used.id, set()).add(one.key)
            shown.setdefault(used.id, (used.provider, "string"))
    for one in plugins:
        for contract in one.provides:
            shown[contract_id(one.key, contract.protocol, contract.version)] = (one.key, literal(contract.version))
    lines = [
        f"  {type_key(name)}: {{ provider: {literal(who)}; version: {version}; consumers: {_consumers(consumers.get(name))} }};\n"
        for name, (who, version) in sorted(shown.items())
    ]
    return "export interface Contracts {\n" + "".join(lines) + "}\n"


def _consumers(keys: set[str] | None) -> str:
    return " | ".join(literal(key) for key in sorted(keys)) if keys else "never"


def _digest(texts: Iterable[str]) -> str:
    return "sha256-" + hashlib.sha256("\n".join(texts).encode()).hexdigest()[:_DIGITS]


def _file(plugins: Sequence[PluginInput], parts: Mapping[str, Parts], contracts: str, digest: str) -> str:
    keys = sorted(parts)
    scalars, *others = _resource("prelude.ts").split("\n\n// ─")
    api = "".join(f"  readonly {type_key(key)}: {namespace_of(key)}Api;\n" for key in keys)
    return "\n".join(
        [
            _header(plugins, digest),
            scalars + "\n",
            *(parts[key].types for key in keys),
            *(("// ─" + other).rstrip("\n") + "\n" for other in others),
            heading("contracts between plugins") + contracts,
            *(parts[key].calls for key in keys),
            heading("all plugins") + f"export interface Api {{\n{api}}}\n",
            *(parts[key].config for key in keys),
            heading("by plugin key") + _default(keys),
            _resource("runtime.ts"),
        ]
    )


def _header(plugins: Sequence[PluginInput], digest: str) -> str:
    who = ", ".join(f"{one.key} {one.version}" for one in plugins)
    return (
        f"// @generated by `host generate-config`{f' from {one_line(who)}' if who else ''}. Do not edit.\n"
        "// Stale? `host generate-config --check` exits 1 and prints the diff.\n"
        "/* eslint-disable */\n"
        "// biome-ignore-all lint: generated\n\n"
        "/** Digest of everything below that came from the backend. */\n"
        f"export const schemaHash = {literal(digest)};\n"
    )


def _default(keys: Sequence[str]) -> str:
    entries = [key if constant_of(key) == key else f"{literal(key)}: {constant_of(key)}" for key in keys]
    return "export default { " + ", ".join(entries) + " };\n" if entries else "export default {};\n"


def _resource(name: str) -> str:
    return (files("host.frontend") / name).read_text(encoding="utf-8")
