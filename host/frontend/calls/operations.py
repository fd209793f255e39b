"""What a route is called in the frontend: its entity and its operation (design, 6; rows R15-R17, R19).

raclette's rule is read off its generated files (``seed-features.md``, b2): the first segment is the entity, the method gives the
verb, and every further segment that is no parameter is folded in. The rest is this project's own:

* ``GET`` on the entity's root is ``getAll`` without a parameter and ``get`` with one; ``PUT`` is ``replace``.
* ``check-task``, ``check_task`` and ``checkTask`` all fold to ``CheckTask``.
* Where the path begins with a parameter, or is the plugin's root, the entity is the plugin's name.
* A WebSocket is ``connect``: ``/task/{id}/live`` gives ``task.connectLive``.
* ``HEAD`` and ``OPTIONS`` are no operations.
* Two routes of one plugin with one name are an error that names both.

Everything here takes plain values, so it can be asked before any application exists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hookspecs import Frontend, StoreAction
from host.common.errors import ConflictError, FrontendError
from host.common.naming import did_you_mean, join_paths, last_name
from host.frontend.names import pascal

#: What stands in the place of a method where a route is a WebSocket.
SOCKET: Final = "WEBSOCKET"
_VERBS: Final = {"GET": "get", "POST": "create", "PATCH": "update", "PUT": "replace", "DELETE": "delete", SOCKET: "connect"}
_ACTIONS: Final = frozenset(action.value for action in StoreAction)

#: In a plugin's interface this name holds its channels.
CHANNELS_ENTITY: Final = "on"
#: Among the channels this name stands for all of them.
ALL_CHANNELS: Final = "any"


@dataclass(frozen=True, slots=True)
class OperationName:
    """What method and path alone give.

    Args:
        entity: the first segment, "" where there is none.
        name: the verb with what is folded in.
    """

    entity: str
    name: str


@dataclass(frozen=True, slots=True)
class NamedOperation:
    """One operation of a plugin, or one of its WebSockets.

    Args:
        method: in capitals; :data:`SOCKET` of a WebSocket.
        path: inside the plugin's prefix, as Litestar writes it.
        entity: as in the path; :func:`rename_entities` gives the name in the file.
        name: unique within the entity.
        store_action: ``dataRead``, …; ``None`` where the route does not say.
        broadcast: the channel keys, as declared.
    """

    method: str
    path: str
    entity: str
    name: str
    store_action: str | None = None
    broadcast: tuple[str, ...] = ()

    @property
    def is_socket(self) -> bool:
        """Whether it is a WebSocket, which stays open and so is no call."""
        return self.method == SOCKET

    @property
    def is_silent(self) -> bool:
        """Whether it is a call of which a store is not told what to do with the answer."""
        return not self.is_socket and self.store_action is None

    @property
    def shown(self) -> str:
        """For messages: ``GET /task/{id:str}``."""
        return f"{self.method} {self.path}"


def operation_of(method: str, path: str) -> OperationName | None:
    """Entity and operation of a route (row R17).

    Args:
        method: in capitals.
        path: inside the plugin's prefix, as Litestar writes it: ``/task/{id:str}/hard``.

    Returns:
        ``None`` for methods that are no operation.
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
    """Name all operations of a plugin.

    Args:
        owner: its key.
        routes: method, path inside its prefix, and ``opt`` of the handler; ``operation(name=…)`` in it overrides.

    Returns:
        in the order of the routes, without those that are no operation.

    Raises:
        ConflictError: two routes have one name; all such pairs are in the message.
        FrontendError: what stands under ``operation`` in an ``opt`` was not made by :func:`hookspecs.operation`.
    """
    named = []
    for method, path, opt in routes:
        derived = operation_of(method, path)
        if derived is not None:
            named.append(_named(owner, method.upper(), join_paths(path), derived, opt.get("operation", {})))
    _refuse_twins(owner, named)
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


def _refuse_twins(owner: str, named: Iterable[NamedOperation]) -> None:
    first: dict[tuple[str, str], NamedOperation] = {}
    twins = []
    for one in named:
        other = first.setdefault((one.entity, one.name), one)
        if other is not one:
            twins.append(f"{other.shown} and {one.shown} are both {one.entity}.{one.name}")
    if twins:
        fix = "give one of each pair its own name: opt=operation(…, name=…)"
        raise ConflictError(
            f"two routes of {owner} have one name: {'; '.join(twins)}", owners=(owner, owner), plugin=owner, fix=fix
        )


def check_broadcasts(owner: str, named: Iterable[NamedOperation], channels: Collection[str]) -> None:
    """Every channel on which a route announces itself must be declared (row R15).

    Args:
        owner: the key of the plugin.
        named: its operations.
        channels: the keys of the channels that it declares.

    Raises:
        FrontendError: it is not; says which are.
    """
    for one in named:
        for key in one.broadcast:
            if key not in channels:
                known = f"it declares {', '.join(sorted(channels))}" if channels else "it declares none"
                near = did_you_mean(key, channels)
                hint = f"; {near}" if near.startswith("did") else ""
                message = f"{owner}: {one.shown} broadcasts on {key!r}, which the plugin does not declare; {known}{hint}"
                raise FrontendError(message, plugin=owner, fix=f"return Channel({key!r}, …) from register_channels")


def rename_entities(owner: str, named: Iterable[NamedOperation], entity_names: Mapping[str, str]) -> dict[str, str]:
    """The name of each entity in the file (row R19).

    Args:
        owner: the key of the plugin.
        named: its operations.
        entity_names: entity → name, from ``generate_frontend``.

    Raises:
        FrontendError: an entity that no route has, two entities with one name, or a name that is taken.
    """
    entities = sorted({one.entity for one in named})
    for entity in entity_names:
        if entity not in entities:
            hint = did_you_mean(entity, entities) or "it has none"
            message = f"{owner}: entity_names renames the entity {entity!r}, which no route has; {hint}"
            raise FrontendError(message, plugin=owner, hook="generate_frontend", fix="entities are the first path segments")
    renamed = {entity: entity_names.get(entity, entity) for entity in entities}
    by_name: dict[str, str] = {}
    for entity, name in renamed.items():
        if name == CHANNELS_ENTITY:
            message = f"{owner}: the entity {entity!r} would be called {name!r}, where the plugin's channels are"
            raise FrontendError(message, plugin=owner, hook="generate_frontend", fix=f"Frontend(entity_names={{{entity!r}: …}})")
        if by_name.setdefault(name, entity) != entity:
            message = f"{owner}: the entities {by_name[name]!r} and {entity!r} are both called {name!r}"
            raise FrontendError(message, plugin=owner, hook="generate_frontend", fix="change entity_names")
    return renamed


def check_operations(
    owner: str, routes: Iterable[tuple[str, str, Mapping[str, Any]]], *, channels: Collection[str], frontend: Frontend
) -> tuple[NamedOperation, ...]:
    """All that can be wrong with the operations of a plugin, before any application exists.

    Args:
        owner: the key of the plugin.
        routes: as for :func:`name_operations`.
        channels: the keys of the channels that it declares.
        frontend: of the plugin; where it is not ``enabled``, names may clash, because they are nowhere.

    Raises:
        ConflictError: two routes have one name.
        FrontendError: anything else.
    """
    if not frontend.enabled:
        return ()
    if ALL_CHANNELS in channels:
        message = f"{owner}: a channel is called {ALL_CHANNELS!r}, which in the frontend stands for all channels of a plugin"
        raise FrontendError(message, plugin=owner, hook="register_channels", fix="give it another key")
    named = name_operations(owner, routes)
    check_broadcasts(owner, named, channels)
    rename_entities(owner, named, frontend.entity_names)
    return named
