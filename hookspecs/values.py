"""The frozen values that hooks return. Each validates itself on creation, so that a traceback points at the plugin's own line."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

#: Key in the ``opt`` of a route for channels that come with it; the plugin need not declare them.
CHANNELS: Final = "host.channels"

_CHANNEL_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")

#: Names of handler arguments that Litestar or the host fills in; no service, dependency or contract may have one of them.
RESERVED_NAMES: Final = frozenset(
    {"body", "cookies", "data", "headers", "plugin_scope", "query", "request", "request_data", "scope", "socket", "state"}
)


class StoreAction(StrEnum):
    """What a store in the frontend does with a response or a message.

    Example:
        >>> StoreAction.CREATE.value
        'dataCreate'
    """

    READ = "dataRead"
    CREATE = "dataCreate"
    UPDATE = "dataUpdate"
    DELETE = "dataDelete"
    HARD_DELETE = "dataHardDelete"
    MOVE = "dataMove"
    RESTORE = "dataRestore"


def check_name(name: object, what: str) -> None:
    """Check that a value can be injected into a handler under a name.

    Args:
        name: The name.
        what: What has the name, for the error, e.g. ``service``.

    Raises:
        ValueError: The name is not an identifier, or it is reserved.
    """
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"{what} name {name!r} is not a Python identifier")
    if name in RESERVED_NAMES:
        others = ", ".join(sorted(RESERVED_NAMES - {name}))
        raise ValueError(f"{what} name {name!r} is reserved by Litestar or the host, as are {others}")


def check_class(value: object, what: str) -> None:
    """Raise TypeError if a value is not a class.

    Args:
        value: The value.
        what: What it is, for the error.

    Raises:
        TypeError: It is not a class.
    """
    if not isinstance(value, type):
        raise TypeError(f"{what} must be a class, not {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """Base of every contribution.

    Args:
        owner: The key of the plugin that returned it. The host sets it and overwrites what the plugin passed.
    """

    owner: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class PayloadHandler(Owned):
    """How documents of one class become rows of a :class:`hookspecs.Payload`; returned by ``register_payload``.

    Args:
        model: The document class.
        display_name: Returns a short, stable label of a document: the ``_displayName`` of its row.
        completion: Returns a second line of context that does not repeat the label: the ``_completion`` of its row. May be empty.
        fields: Returns a mapping of further fields of a document's row. Takes the document and the ``request`` that was passed to
            :meth:`hookspecs.Scope.payload`: a Litestar request, a :class:`hookspecs.RequestData` (always with
            :func:`host.data.crud`) or ``None``. May replace fields of the document, but neither ``id`` nor names with a leading
            underscore.
        type: The data type; defaults to the name of the class in camelCase.

    Raises:
        TypeError: ``model`` is not a class, or one of the functions is not callable.

    Example:
        >>> class Note:
        ...     title: str
        >>> PayloadHandler(Note, display_name=lambda note: note.title, completion=lambda note: "").datatype
        'note'
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
        """The ``type`` of the payloads."""
        return self.type or self.model.__name__[:1].lower() + self.model.__name__[1:]


@dataclass(frozen=True, slots=True)
class Channel(Owned):
    """A named stream of messages to browsers, on the wire ``<plugin key>--<key>``; returned by ``register_channels``.

    Args:
        key: Letters, digits and underscores, a letter first, e.g. ``taskCreated``.
        message: The type of the messages: everything that Litestar can serialize, e.g. ``Payload[Task]``.
        guards: Litestar guards that restrict who may subscribe. They are called with the connection at each subscription, after
            the guards of the layers around the plugin.

    Raises:
        TypeError: A guard is not callable.
        ValueError: The key contains another character.

    Example:
        >>> Channel("noteCreated", str, guards=[authenticated]).key
        'noteCreated'
    """

    key: str
    message: Any
    guards: Sequence[Callable[..., Any]] = ()

    def __post_init__(self) -> None:
        if not _CHANNEL_KEY.match(self.key):
            raise ValueError(f"channel key {self.key!r} must be letters, digits and underscores, with a letter first")
        guards: Sequence[object] = self.guards
        if invalid := [guard for guard in guards if not callable(guard)]:
            raise TypeError(f"a guard of the channel {self.key!r} must be callable, not {invalid[0]!r}")


@dataclass(frozen=True, slots=True)
class Frontend(Owned):
    """What ``generated-config.ts`` says about a plugin beyond its routes and channels; returned by ``generate_frontend``.

    Args:
        entity_names: Maps an entity, the first path segment of its routes, to its name in the file.
        types: Further classes to emit into the plugin's namespace.
        custom: JSON data for the frontend: ``custom`` of the plugin's object, with literal types.
        enabled: ``False`` omits the plugin from the file; its routes still answer.

    Raises:
        ValueError: Two entities have the same name.
        TypeError: ``custom`` is not JSON.

    Example:
        >>> Frontend(entity_names={"note": "memo"}, custom={"icon": "pencil"}).enabled
        True
    """

    entity_names: Mapping[str, str] = field(default_factory=dict)
    types: Sequence[Any] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    enabled: bool = True

    def __post_init__(self) -> None:
        names = list(self.entity_names.values())
        if duplicates := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"entity_names gives the same name to two entities: {', '.join(duplicates)}")
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
    """Return the ``opt`` of a route handler: how the generated frontend calls it and what it does with the response.

    Args:
        store_action: A :class:`StoreAction` or its value; without it the operation has no ``storeActionType``.
        name: The name of the operation; defaults to what method and path say, e.g. ``getAll``.
        broadcast: Keys of the plugin's channels on which the route announces a success. They are a declaration for the frontend;
            the handler itself calls :meth:`hookspecs.Scope.broadcast`.

    Returns:
        A dictionary to pass as ``opt``; add further keys with ``{**operation(…), …}``.

    Raises:
        ValueError: The store action is unknown, or the name is empty.
        TypeError: ``broadcast`` is a string instead of a list.

    Example:
        ``@post("/note", opt=operation("dataCreate", broadcast=["noteCreated"]))``

        >>> operation("dataCreate", broadcast=["noteCreated"])
        {'operation': {'store_action': 'dataCreate', 'name': None, 'broadcast': ('noteCreated',)}}
    """
    if store_action is not None:
        actions = [action.value for action in StoreAction]
        if store_action not in actions:
            raise ValueError(f"unknown store action {store_action!r}; there are {', '.join(actions)}")
    if name is not None and not name:
        raise ValueError("an operation name may not be empty")
    if isinstance(broadcast, str):
        raise TypeError(f"broadcast takes a list of channel keys: [{broadcast!r}]")
    action = None if store_action is None else StoreAction(store_action).value
    return {"operation": {"store_action": action, "name": name, "broadcast": tuple(broadcast)}}
