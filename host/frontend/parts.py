"""The text of one plugin: its types, its calls, its object. Nothing of any other plugin stands in it but names."""

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
    """What a plugin has under one name.

    Args:
        type: its payload datatype.
        calls: by operation name, sorted.
        sockets: the same.
    """

    type: str
    calls: Sequence[Call]
    sockets: Sequence[Socket]


@dataclass(frozen=True)
class Typed:
    """A plugin with its types collected.

    Args:
        plugin: what came in.
        entities: by their names in the file, sorted.
        events: channel key → type expression of its messages, sorted.
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
    entities = "".join(_entity(name, entity) for name, entity in typed.entities.items())
    channels = f"  readonly on: Channels<{name}Events>;\n"
    return f"export interface {name}Events {{\n{events}}}\nexport interface {name}Api {{\n{entities}{channels}}}\n"


def _entity(name: str, entity: Entity) -> str:
    shown = "".join(_bound(call, _call(call)) for call in entity.calls)
    shown += "".join(_bound(socket, _socket(socket)) for socket in entity.sockets)
    return f"  readonly {type_key(name)}: {{\n{shown}  }};\n"


def _bound(one: Call | Socket, shown: str) -> str:
    return f"{comment(one.docs, '    ')}    readonly {type_key(one.operation.name)}: {shown};\n"


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
    # What a plugin can be without would come and go with another plugin; `Contracts` has that.
    uses = sorted({used.id for used in plugin.uses if not used.optional})
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


def _data(key: str, name: str, entity: Entity) -> str:
    calls = {call.operation.name: _operation(key, call) for call in entity.calls}
    sockets = {socket.operation.name: _object(_socket_fields(socket)) for socket in entity.sockets}
    lines = [f"type: {literal(entity.type)}", _table("operations", calls), *([_table("sockets", sockets)] if sockets else [])]
    return f"    {entry_key(name)}: {{\n" + "".join(f"      {line},\n" for line in lines) + "    },\n"


def _table(name: str, entries: Mapping[str, str]) -> str:
    shown = "".join(f"        {entry_key(key)}: {entry},\n" for key, entry in entries.items())
    return f"{name}: {{\n{shown}      }}" if shown else f"{name}: {{}}"


def _socket_fields(socket: Socket) -> list[str]:
    raw = [name for name, frames in (("send", socket.send), ("answer", socket.receive)) if frames.raw]
    # A plugin without sockets does not refer to what opens them, so a bundler leaves that away.
    return [f"target: {socket.target}", f"args: {literal(socket.kinds)}", *(f'{name}: "raw"' for name in raw), "open: socketOf"]


def _operation(key: str, call: Call) -> str:
    one = call.operation
    fields = [f"target: {call.target}", f"method: {literal(one.method.lower())}"]
    if one.store_action is not None:
        fields.append(f"storeActionType: {literal(one.store_action)}")
    fields.append(f"args: {literal(call.kinds)}")
    if call.send:
        fields.append(f"send: {literal(call.send)}")
    if call.answer.how:
        fields.append(f"answer: {literal(call.answer.how)}")
    if call.errors:
        fields.append(f"errors: {literal([status for status, _problem in call.errors])}")
    if one.broadcast:
        channels = [{"channel": f"{key}--{channel}", "channelKey": channel, "prefix": key} for channel in one.broadcast]
        fields.append(f"channels: {literal(channels)}")
        return "{\n" + "".join(f"          {field},\n" for field in fields) + "        }"
    return _object(fields)


def _object(fields: Iterable[str]) -> str:
    return "{ " + ", ".join(fields) + " }"
