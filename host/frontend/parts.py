"""The text of one plugin: its types, its calls, its object. Nothing of any other plugin stands in it but names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from host.errors import FrontendError
from host.frontend.calls import Call
from host.frontend.model import PluginInput
from host.frontend.names import namespace_of
from host.frontend.resolve import Namespace
from host.frontend.text import comment, entry_key, literal, one_line, type_key
from host.frontend.wire import Body

_RULE: Final = "─" * 77

#: The kinds of sections that a plugin has, in the order of the file.
KINDS: Final = ("types", "calls", "config")


@dataclass(frozen=True)
class Typed:
    """A plugin with its types collected.

    Args:
        plugin: what came in.
        entities: name in the file → its calls by operation name, both sorted.
        datatypes: name of an entity in the file → its payload datatype.
        events: channel key → type expression of its messages, sorted.
    """

    plugin: PluginInput
    entities: Mapping[str, Sequence[Call]]
    datatypes: Mapping[str, str]
    events: Mapping[str, str]


@dataclass(frozen=True)
class Parts:
    """The sections of one plugin, each with its heading and a final newline."""

    types: str
    calls: str
    config: str

    @property
    def text(self) -> str:
        """All of them."""
        return self.types + self.calls + self.config


def constant_of(key: str) -> str:
    """The name under which a plugin's object is exported: its key; a child's dot is no part of an identifier."""
    return key.replace(".", "$")


def heading(title: str) -> str:
    """The line that begins a section."""
    return f"// {_RULE} {one_line(title)}\n"


def parts_of(typed: Typed, namespaces: Mapping[str, Namespace], bodies: Sequence[Body]) -> Parts:
    """Print one plugin.

    Args:
        typed: the plugin.
        namespaces: of all plugins, by key.
        bodies: of the types that were collected for this one.

    Raises:
        FrontendError: what stands in ``custom`` is no JSON.
    """
    plugin = typed.plugin
    namespace = namespaces[plugin.key]
    title = f"{plugin.key} {plugin.version}"
    config = _config(typed, namespace, bodies)
    return Parts(
        types=namespace.resolved(heading(f"{title}: types") + _types(namespace, bodies), namespaces),
        calls=namespace.resolved(heading(f"{title}: calls") + _calls(typed), namespaces),
        config=namespace.resolved(heading(f"{title}: config") + config, namespaces),
    )


def _types(namespace: Namespace, bodies: Sequence[Body]) -> str:
    shown = "\n".join(_type(name, bodies[number]) for name, number in namespace.emitted())
    return f"export declare namespace {namespace.name} {{\n{shown}}}\n"


def _type(name: str, body: Body) -> str:
    docs = comment(body.docs, "  ")
    if body.members is None:
        return f"{docs}  type {name} = {body.alias};\n"
    members = "".join(f"{comment(one.docs, '    ')}    {one.declaration};\n" for one in body.members)
    return f"{docs}  interface {name} {{\n{members}  }}\n"


def _calls(typed: Typed) -> str:
    name = namespace_of(typed.plugin.key)
    events = "".join(f"  {type_key(key)}: {message};\n" for key, message in typed.events.items())
    entities = "".join(_entity(entity, calls) for entity, calls in typed.entities.items())
    channels = f"  readonly on: Channels<{name}Events>;\n"
    return f"export interface {name}Events {{\n{events}}}\nexport interface {name}Api {{\n{entities}{channels}}}\n"


def _entity(entity: str, calls: Iterable[Call]) -> str:
    shown = "".join(f"{comment(call.docs, '    ')}    readonly {type_key(call.operation.name)}: {_call(call)};\n" for call in calls)
    return f"  readonly {type_key(entity)}: {{\n{shown}  }};\n"


def _call(call: Call) -> str:
    problems = [f"Problem<{status}>" if extra is None else f"Problem<{status}, {extra}>" for status, extra in call.errors]
    errors = f", {' | '.join(problems)}" if problems else ""
    return f"{'Read' if call.operation.method == 'GET' else 'Write'}<{call.arguments}, {call.answer}{errors}>"


def _config(typed: Typed, namespace: Namespace, bodies: Sequence[Body]) -> str:
    plugin = typed.plugin
    data = "".join(_data(plugin.key, entity, typed.datatypes[entity], calls) for entity, calls in typed.entities.items())
    wire = {key: f"{plugin.key}--{key}" for key in typed.events}
    enums = {name: list(bodies[number].values) for name, number in namespace.emitted() if bodies[number].values}
    uses = sorted({used.id for used in plugin.uses})
    lines = [
        *(f"{name}: {literal(value)}" for name, value in _identity(plugin).items()),
        f"data: {{\n{data}  }}" if data else "data: {}",
        f"channels: {literal(wire)}",
        f"enums: {literal(enums)}",
        *([f"uses: {literal(uses)}"] if uses else []),
        *([f"custom: {_custom(plugin)}"] if plugin.frontend.custom else []),
    ]
    shown = "".join(f"  {line},\n" for line in lines)
    return f"export const {constant_of(plugin.key)} = {{\n{shown}}} as const satisfies PluginConfig;\n"


def _identity(plugin: PluginInput) -> dict[str, str]:
    return {
        "pluginName": plugin.name,
        "author": plugin.author,
        "pluginKey": plugin.key,
        "version": plugin.version,
        "routePrefix": plugin.prefix,
    }


def _custom(plugin: PluginInput) -> str:
    try:
        return literal(plugin.frontend.custom)
    except (TypeError, ValueError, RecursionError) as error:
        message = f"{plugin.key}: custom of its Frontend is not JSON: {error}"
        raise FrontendError(message, plugin=plugin.key, hook="generate_frontend", fix="pass what json.dumps takes") from error


def _data(key: str, entity: str, datatype: str, calls: Iterable[Call]) -> str:
    operations = "".join(f"        {entry_key(call.operation.name)}: {_operation(key, call)},\n" for call in calls)
    return f"    {entry_key(entity)}: {{\n      type: {literal(datatype)},\n      operations: {{\n{operations}      }},\n    }},\n"


def _operation(key: str, call: Call) -> str:
    one = call.operation
    fields = [f"target: {call.target}", f"method: {literal(one.method.lower())}"]
    if one.store_action is not None:
        fields.append(f"storeActionType: {literal(one.store_action)}")
    fields.append(f"args: {literal(call.kinds)}")
    if call.errors:
        fields.append(f"errors: {literal([status for status, _extra in call.errors])}")
    if one.broadcast:
        channels = [{"channel": f"{key}--{channel}", "channelKey": channel, "prefix": key} for channel in one.broadcast]
        fields.append(f"channels: {literal(channels)}")
        return "{\n" + "".join(f"          {field},\n" for field in fields) + "        }"
    return "{ " + ", ".join(fields) + " }"
