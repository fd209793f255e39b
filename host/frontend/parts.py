"""The text of one plugin: its types, its calls, its object. Of other plugins it contains nothing but names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from host.common.errors import FrontendError
from host.frontend.calls.call import Call
from host.frontend.calls.sockets import Socket
from host.frontend.model import PluginInput
from host.frontend.names import namespace_of
from host.frontend.text import comment, entry_key, literal, one_line, type_key, union
from host.frontend.types.namespaces import Namespace
from host.frontend.types.wire import Body

_RULE: Final = "─" * 77

#: The kinds of sections that a plugin has, in the order of the file.
KINDS: Final = ("types", "calls", "config")


@dataclass(frozen=True)
class Entity:
    """The calls and sockets that a plugin has under one name.

    Args:
        type: The data type of its payloads.
        calls: Sorted by operation name.
        sockets: Sorted by operation name.
    """

    type: str
    calls: Sequence[Call]
    sockets: Sequence[Socket]


@dataclass(frozen=True)
class Typed:
    """A plugin whose types are collected.

    Args:
        plugin: The input.
        entities: By their names in the file, sorted.
        events: Maps a channel key to the type expression of its messages, sorted.
    """

    plugin: PluginInput
    entities: Mapping[str, Entity]
    events: Mapping[str, str]


@dataclass(frozen=True)
class Parts:
    """The sections of one plugin, each with its heading and a final newline."""

    types: str
    calls: str
    config: str

    @property
    def text(self) -> str:
        """All sections."""
        return self.types + self.calls + self.config


def constant_of(key: str) -> str:
    """Return the name under which a plugin's object is exported: its key, with ``$`` for the dot of a child's."""
    return key.replace(".", "$")


def heading(title: str) -> str:
    """Return the line that begins a section."""
    return f"// {_RULE} {one_line(title)}\n"


def parts_of(typed: Typed, namespaces: Mapping[str, Namespace], bodies: Sequence[Body]) -> Parts:
    """Print one plugin.

    Args:
        typed: The plugin.
        namespaces: Those of all plugins, by key.
        bodies: The bodies of the types that were collected for this plugin.

    Raises:
        FrontendError: ``custom`` is not JSON.
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
    types = "\n".join(_type(name, bodies[number]) for name, number in namespace.emitted())
    return f"export declare namespace {namespace.name} {{\n{types}}}\n"


def _type(name: str, body: Body) -> str:
    docs = comment(body.docs, "  ")
    if body.members is None:
        return f"{docs}  type {name} = {body.alias};\n"
    members = "".join(f"{comment(member.docs, '    ')}    {member.declaration};\n" for member in body.members)
    return f"{docs}  interface {name} {{\n{members}  }}\n"


def _calls(typed: Typed) -> str:
    name = namespace_of(typed.plugin.key)
    events = "".join(f"  {type_key(key)}: {message};\n" for key, message in typed.events.items())
    entities = "".join(_entity(name, entity) for name, entity in typed.entities.items())
    channels = f"  readonly on: Channels<{name}Events>;\n"
    return f"export interface {name}Events {{\n{events}}}\nexport interface {name}Api {{\n{entities}{channels}}}\n"


def _entity(name: str, entity: Entity) -> str:
    calls = "".join(_bound(call, _call(call)) for call in entity.calls)
    calls += "".join(_bound(socket, _socket(socket)) for socket in entity.sockets)
    return f"  readonly {type_key(name)}: {{\n{calls}  }};\n"


def _bound(call: Call | Socket, expression: str) -> str:
    return f"{comment(call.docs, '    ')}    readonly {type_key(call.operation.name)}: {expression};\n"


def _call(call: Call) -> str:
    errors = f", {union([problem for _status, problem in call.errors])}" if call.errors else ""
    return f"{'Read' if call.operation.method == 'GET' else 'Write'}<{call.arguments}, {call.answer.type}{errors}>"


def _socket(socket: Socket) -> str:
    return f"Socket<{socket.arguments}, {socket.send.type}, {socket.receive.type}>"


def _config(typed: Typed, namespace: Namespace, bodies: Sequence[Body]) -> str:
    plugin = typed.plugin
    data = "".join(_data(plugin.key, name, entity) for name, entity in typed.entities.items())
    wire = {key: f"{plugin.key}--{key}" for key in typed.events}
    enums = {name: list(bodies[number].values) for name, number in namespace.emitted() if bodies[number].values}
    # An optional contract would come and go with another plugin; `Contracts` lists it.
    uses = sorted({used.id for used in plugin.uses if not used.optional})
    lines = [
        *(f"{name}: {literal(value)}" for name, value in _identity(plugin).items()),
        f"data: {{\n{data}  }}" if data else "data: {}",
        f"channels: {literal(wire)}",
        f"enums: {literal(enums)}",
        *([f"uses: {literal(uses)}"] if uses else []),
        *([f"custom: {_custom(plugin)}"] if plugin.frontend.custom else []),
    ]
    entries = "".join(f"  {line},\n" for line in lines)
    return f"export const {constant_of(plugin.key)} = {{\n{entries}}} as const satisfies PluginConfig;\n"


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


def _data(key: str, name: str, entity: Entity) -> str:
    calls = {call.operation.name: _operation(key, call) for call in entity.calls}
    sockets = {socket.operation.name: _object(_socket_fields(socket)) for socket in entity.sockets}
    lines = [f"type: {literal(entity.type)}", _table("operations", calls), *([_table("sockets", sockets)] if sockets else [])]
    return f"    {entry_key(name)}: {{\n" + "".join(f"      {line},\n" for line in lines) + "    },\n"


def _table(name: str, entries: Mapping[str, str]) -> str:
    rows = "".join(f"        {entry_key(key)}: {entry},\n" for key, entry in entries.items())
    return f"{name}: {{\n{rows}      }}" if rows else f"{name}: {{}}"


def _socket_fields(socket: Socket) -> list[str]:
    raw = [name for name, frames in (("send", socket.send), ("answer", socket.receive)) if frames.raw]
    # `open` is the only reference to the code of sockets, so a bundler drops that code for a plugin without sockets.
    return [f"target: {socket.target}", f"args: {literal(socket.kinds)}", *(f'{name}: "raw"' for name in raw), "open: socketOf"]


def _operation(key: str, call: Call) -> str:
    operation = call.operation
    fields = [f"target: {call.target}", f"method: {literal(operation.method.lower())}"]
    if operation.store_action is not None:
        fields.append(f"storeActionType: {literal(operation.store_action)}")
    fields.append(f"args: {literal(call.kinds)}")
    if call.send:
        fields.append(f"send: {literal(call.send)}")
    if call.answer.how:
        fields.append(f"answer: {literal(call.answer.how)}")
    if call.errors:
        fields.append(f"errors: {literal([status for status, _problem in call.errors])}")
    if operation.broadcast:
        channels = [{"channel": f"{key}--{channel}", "channelKey": channel, "prefix": key} for channel in operation.broadcast]
        fields.append(f"channels: {literal(channels)}")
        return "{\n" + "".join(f"          {field},\n" for field in fields) + "        }"
    return _object(fields)


def _object(fields: Iterable[str]) -> str:
    return "{ " + ", ".join(fields) + " }"
