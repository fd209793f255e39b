"""The frozen values that hooks return. Each checks itself when it is made, so a mistake shows in the plugin's own line."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

#: Where the ``opt`` of a route has the channels that it brings along; its plugin need not declare them.
CHANNELS: Final = "host.channels"

_CHANNEL_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")

#: Names that Litestar gives to handler arguments itself, and the name of the scope.
RESERVED_NAMES: Final = frozenset(
    {"body", "cookies", "data", "headers", "plugin_scope", "query", "request", "request_data", "scope", "socket", "state"}
)


class StoreAction(StrEnum):
    """How a store in the frontend treats an answer (row R16)."""

    READ = "dataRead"
    CREATE = "dataCreate"
    UPDATE = "dataUpdate"
    DELETE = "dataDelete"
    HARD_DELETE = "dataHardDelete"
    MOVE = "dataMove"
    RESTORE = "dataRestore"


def check_name(name: object, what: str) -> None:
    """Refuse a name under which a value could not be injected into a handler.

    Raises:
        ValueError: not an identifier, or one that Litestar takes itself.
    """
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"{what} name {name!r} is not a Python identifier")
    if name in RESERVED_NAMES:
        raise ValueError(f"{what} name {name!r} is taken by Litestar or the host; taken are {', '.join(sorted(RESERVED_NAMES))}")


def check_class(value: object, what: str) -> None:
    """Refuse what is no class.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, type):
        raise TypeError(f"{what} must be a class, not {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """Base of every contribution.

    Args:
        owner: the key of the plugin that returned it; the host fills it in, whatever a plugin puts there.
    """

    owner: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class PayloadHandler(Owned):
    """How one model becomes rows of a :class:`hookspecs.Payload` (row R13).

    Args:
        model: the document class.
        display_name: a short, stable label of one document.
        completion: a second line of context, which does not repeat the label.
        fields: further wire fields of one document; takes the document and what was given as ``request``: the Litestar request,
            a :class:`hookspecs.RequestData` (always so in :func:`host.data.crud`), or ``None``.
        type: the datatype; the model's name in camelCase unless given.

    Raises:
        TypeError: the model is no class, or one of the functions is not callable.
    """

    model: type[Any]
    display_name: Callable[[Any], str]
    completion: Callable[[Any], str]
    fields: Callable[[Any, Any], Mapping[str, Any]] | None = None
    type: str | None = None

    def __post_init__(self) -> None:
        check_class(self.model, "the model of a payload handler")
        for name in ("display_name", "completion"):
            if not callable(getattr(self, name)):
                raise TypeError(f"{name} of the payload handler of {self.model.__name__} must be callable")
        if self.fields is not None and not callable(self.fields):
            raise TypeError(f"fields of the payload handler of {self.model.__name__} must be callable")

    @property
    def datatype(self) -> str:
        """The ``type`` of its payloads."""
        return self.type or self.model.__name__[:1].lower() + self.model.__name__[1:]


@dataclass(frozen=True, slots=True)
class Channel(Owned):
    """A named stream of messages to browsers; on the wire ``<plugin key>--<key>`` (rows R15, R28).

    Args:
        key: letters, digits and underscores, e.g. ``taskCreated``.
        message: the type of its messages.
        guards: who may listen, as Litestar guards: they are called with the connection when somebody subscribes, after those
            of the layers around the plugin.

    Raises:
        TypeError: a guard is not callable.
        ValueError: the key does not fit.
    """

    key: str
    message: Any
    guards: Sequence[Callable[..., Any]] = ()

    def __post_init__(self) -> None:
        if not _CHANNEL_KEY.match(self.key):
            raise ValueError(f"channel key {self.key!r} must be letters, digits and underscores, with a letter first")
        guards: Sequence[object] = self.guards
        if wrong := [guard for guard in guards if not callable(guard)]:
            raise TypeError(f"a guard of the channel {self.key!r} must be callable, not {wrong[0]!r}")


@dataclass(frozen=True, slots=True)
class Frontend(Owned):
    """What ``generated-config.ts`` says of a plugin beyond its routes; replaces the default ``Frontend()`` (rows R18, R19).

    Args:
        entity_names: entity of the routes → its name in the file.
        types: further classes to emit into the plugin's namespace.
        custom: JSON data that stands in the plugin's object as ``custom``.
        enabled: ``False`` leaves the plugin out of the file; its routes still answer.

    Raises:
        ValueError: two entities get one name.
        TypeError: ``custom`` is not JSON.
    """

    entity_names: Mapping[str, str] = field(default_factory=dict)
    types: Sequence[Any] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    enabled: bool = True

    def __post_init__(self) -> None:
        names = list(self.entity_names.values())
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"entity_names gives {', '.join(twice)} to two entities")
        try:
            json.dumps(self.custom, default=_as_dict, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise TypeError(f"custom of a Frontend is not JSON: {error}") from None


def _as_dict(value: object) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} of type {type(value).__name__}")


def operation(
    store_action: StoreAction | str | None = None, *, name: str | None = None, broadcast: Sequence[str] = ()
) -> dict[str, Any]:
    """The ``opt`` of a route handler: what the frontend is told of it (rows R15, R16).

    Args:
        store_action: a :class:`StoreAction`; left out, the operation has no ``storeActionType``.
        name: replaces the operation name that method and path give.
        broadcast: channel keys of this plugin on which a success is announced.

    Raises:
        ValueError: an unknown store action, or an empty name.
        TypeError: ``broadcast`` is no list.
    """
    if store_action is not None:
        known = [action.value for action in StoreAction]
        if store_action not in known:
            raise ValueError(f"unknown store action {store_action!r}; there are {', '.join(known)}")
    if name is not None and not name:
        raise ValueError("an operation name may not be empty")
    if isinstance(broadcast, str):
        raise TypeError(f"broadcast takes a list of channel keys: [{broadcast!r}]")
    action = None if store_action is None else StoreAction(store_action).value
    return {"operation": {"store_action": action, "name": name, "broadcast": tuple(broadcast)}}
