"""The name of a route in the frontend: its entity and its operation.

As in raclette, the first segment of the path is the entity, the method gives the verb, and every further segment that is not a
parameter becomes part of the name. Beyond that:

* ``GET`` on the entity's root is ``getAll`` without a parameter and ``get`` with one; ``PUT`` is ``replace``.
* ``check-task``, ``check_task`` and ``checkTask`` all become ``CheckTask``.
* If the path begins with a parameter, or is the plugin's root, the entity is the plugin's name.
* A WebSocket is ``connect``: ``/task/{id}/live`` gives ``task.connectLive``.
* ``HEAD`` and ``OPTIONS`` are not operations.
* Two routes of one plugin with the same name are an error that names both.

All functions take plain values, so that names are checked before an application exists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hookspecs import Frontend, StoreAction
from host.common.errors import ConflictError, FrontendError
from host.common.naming import did_you_mean, join_paths, last_name
from host.frontend.names import pascal

#: The method of a WebSocket route.
SOCKET: Final = "WEBSOCKET"
_VERBS: Final = {"GET": "get", "POST": "create", "PATCH": "update", "PUT": "replace", "DELETE": "delete", SOCKET: "connect"}
_ACTIONS: Final = frozenset(action.value for action in StoreAction)

#: The property of a plugin's interface that has its channels.
CHANNELS_ENTITY: Final = "on"
#: The name that stands for all channels of a plugin.
ALL_CHANNELS: Final = "any"


@dataclass(frozen=True, slots=True)
class OperationName:
    """The name that follows from method and path alone.

    Args:
        entity: The first segment, "" without one.
        name: The verb and the further segments.
    """

    entity: str
    name: str


@dataclass(frozen=True, slots=True)
class NamedOperation:
    """One operation of a plugin, or one of its WebSockets.

    Args:
        method: In upper case; :data:`SOCKET` for a WebSocket.
        path: Below the plugin's prefix, in Litestar's notation.
        entity: As in the path; :func:`rename_entities` returns its name in the file.
        name: Unique within the entity.
        store_action: ``dataRead``, …; ``None`` if the route does not declare it.
        broadcast: The channel keys, as declared.
    """

    method: str
    path: str
    entity: str
    name: str
    store_action: str | None = None
    broadcast: tuple[str, ...] = ()

    @property
    def is_socket(self) -> bool:
        """Whether it is a WebSocket, which stays open and therefore is not a call."""
        return self.method == SOCKET

    @property
    def is_silent(self) -> bool:
        """Whether it is a call without a store action."""
        return not self.is_socket and self.store_action is None

    @property
    def endpoint(self) -> str:
        """Method and path, for messages: ``GET /task/{id:str}``."""
        return f"{self.method} {self.path}"


def operation_of(method: str, path: str) -> OperationName | None:
    """Return entity and operation of a route.

    Args:
        method: In upper case.
        path: Below the plugin's prefix, in Litestar's notation: ``/task/{id:str}/hard``.

    Returns:
        ``None`` for methods that are not operations.
    """
    verb = _VERBS.get(method.upper())
    if verb is None:
        return None
    segments = [segment for segment in path.split("/") if segment]
    entity = "" if not segments or _is_parameter(segments[0]) else segments[0]
    rest = segments[1:] if entity else segments
    folded = "".join(pascal(segment) for segment in rest if not _is_parameter(segment))
    if verb == "get" and not rest:
        folded = "All"
    return OperationName(entity, verb + folded)


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{")


def name_operations(owner: str, routes: Iterable[tuple[str, str, Mapping[str, Any]]]) -> tuple[NamedOperation, ...]:
    """Return all operations of a plugin, named.

    Args:
        owner: The plugin key.
        routes: Method, path below the plugin's prefix, and ``opt`` of the handler; ``operation(name=…)`` in it overrides the name.

    Returns:
        The operations in the order of the routes; routes that are not operations are omitted.

    Raises:
        ConflictError: Two routes have the same name; the message lists all such pairs.
        FrontendError: The ``operation`` in an ``opt`` is not a result of :func:`hookspecs.operation`.
    """
    named = []
    for method, path, opt in routes:
        derived = operation_of(method, path)
        if derived is not None:
            named.append(_named(owner, method.upper(), join_paths(path), derived, opt.get("operation", {})))
    _refuse_duplicates(owner, named)
    return tuple(named)


def _named(owner: str, method: str, path: str, derived: OperationName, declared: Any) -> NamedOperation:
    where = f"{owner}: {method} {path}"
    if not isinstance(declared, Mapping):
        raise FrontendError(f"{where} has the opt operation {declared!r}", plugin=owner, fix="write opt=operation(…)")
    action = declared.get("store_action")
    if action is not None and action not in _ACTIONS:
        hint = did_you_mean(str(action), _ACTIONS)
        raise FrontendError(
            f"{where} has the unknown store action {action!r}; {hint}", plugin=owner, fix="use hookspecs.StoreAction"
        )
    return NamedOperation(
        method,
        path,
        derived.entity or last_name(owner),
        declared.get("name") or derived.name,
        None if action is None else StoreAction(action).value,
        tuple(declared.get("broadcast") or ()),
    )


def _refuse_duplicates(owner: str, named: Iterable[NamedOperation]) -> None:
    first: dict[tuple[str, str], NamedOperation] = {}
    duplicates = []
    for operation in named:
        other = first.setdefault((operation.entity, operation.name), operation)
        if other is not operation:
            duplicates.append(f"{other.endpoint} and {operation.endpoint} are both {operation.entity}.{operation.name}")
    if duplicates:
        fix = "give one of each pair its own name: opt=operation(…, name=…)"
        raise ConflictError(
            f"two routes of {owner} have the same name: {'; '.join(duplicates)}", owners=(owner, owner), plugin=owner, fix=fix
        )


def check_broadcasts(owner: str, named: Iterable[NamedOperation], channels: Collection[str]) -> None:
    """Check that the plugin declares every channel on which a route broadcasts.

    Args:
        owner: The plugin key.
        named: Its operations.
        channels: The keys of the channels that it declares.

    Raises:
        FrontendError: A channel is not declared; the message lists those that are.
    """
    for operation in named:
        for key in operation.broadcast:
            if key not in channels:
                declared = f"it declares {', '.join(sorted(channels))}" if channels else "it declares none"
                near = did_you_mean(key, channels)
                hint = f"; {near}" if near.startswith("did") else ""
                message = (
                    f"{owner}: {operation.endpoint} broadcasts on {key!r}, which the plugin does not declare; {declared}{hint}"
                )
                raise FrontendError(message, plugin=owner, fix=f"return Channel({key!r}, …) from register_channels")


def rename_entities(owner: str, named: Iterable[NamedOperation], entity_names: Mapping[str, str]) -> dict[str, str]:
    """Return the name of each entity in the file.

    Args:
        owner: The plugin key.
        named: Its operations.
        entity_names: Maps an entity to its name, from ``generate_frontend``.

    Raises:
        FrontendError: No route has the entity, two entities have the same name, or the name is reserved.
    """
    entities = sorted({operation.entity for operation in named})
    for entity in entity_names:
        if entity not in entities:
            hint = did_you_mean(entity, entities) or "it has none"
            message = f"{owner}: entity_names renames the entity {entity!r}, which no route has; {hint}"
            raise FrontendError(message, plugin=owner, hook="generate_frontend", fix="entities are the first path segments")
    renamed = {entity: entity_names.get(entity, entity) for entity in entities}
    by_name: dict[str, str] = {}
    for entity, name in renamed.items():
        if name == CHANNELS_ENTITY:
            message = f"{owner}: the entity {entity!r} would be called {name!r}, which is reserved for the plugin's channels"
            raise FrontendError(message, plugin=owner, hook="generate_frontend", fix=f"Frontend(entity_names={{{entity!r}: …}})")
        if by_name.setdefault(name, entity) != entity:
            message = f"{owner}: the entities {by_name[name]!r} and {entity!r} are both called {name!r}"
            raise FrontendError(message, plugin=owner, hook="generate_frontend", fix="change entity_names")
    return renamed


def check_operations(
    owner: str, routes: Iterable[tuple[str, str, Mapping[str, Any]]], *, channels: Collection[str], frontend: Frontend
) -> tuple[NamedOperation, ...]:
    """Check and return the operations of a plugin, before an application exists.

    Args:
        owner: The plugin key.
        routes: As for :func:`name_operations`.
        channels: The keys of the channels that it declares.
        frontend: Its ``Frontend``; if it is not ``enabled``, nothing is generated, so names may clash.

    Raises:
        ConflictError: Two routes have the same name.
        FrontendError: Anything else is wrong.
    """
    if not frontend.enabled:
        return ()
    if ALL_CHANNELS in channels:
        message = f"{owner}: a channel is called {ALL_CHANNELS!r}, which stands for all channels of a plugin in the frontend"
        raise FrontendError(message, plugin=owner, hook="register_channels", fix="give it another key")
    named = name_operations(owner, routes)
    check_broadcasts(owner, named, channels)
    rename_entities(owner, named, frontend.entity_names)
    return named
