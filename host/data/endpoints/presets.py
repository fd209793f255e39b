"""The seven operations of :func:`host.data.crud`: method, path, status, what the frontend is told (rows R15, R16, E14, E18)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from litestar import delete, get, patch, post
from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException, ValidationException

from hookspecs import Channel, Payload, StoreAction, operation
from hookspecs.values import CHANNELS
from host.data.documents.errors import Conflict, CursorMismatch, NotFound
from host.data.endpoints.controller import ListHandler


@dataclass(frozen=True, slots=True)
class Preset:
    """One operation.

    Args:
        attribute: of the controller.
        decorator: Litestar's.
        path: behind the entity's.
        action: the store action.
        announces: the end of the name of its channel, "" for none.
        raises: what it may refuse with, beside 401 and 403.
        doc: what it does; ``{}`` is the entity.
    """

    attribute: str
    decorator: Callable[..., Any]
    path: str
    action: StoreAction
    announces: str
    raises: tuple[type[HTTPException], ...]
    doc: str

    def opt(self, name: str, entity: str, channels: tuple[Channel, ...]) -> dict[str, Any]:
        """The ``opt`` of its handler.

        Args:
            name: in the frontend.
            entity: the name of the documents.
            channels: that the controller brings.
        """
        broadcast = [entity + self.announces] if self.announces else []
        return {**operation(self.action, name=name, broadcast=broadcast), CHANNELS: channels}


_WORD: Final = re.compile(r"[^\W_]+")
_ONE: Final = "/{id:uuid}"
#: Anything may ask who somebody is.
REFUSED: Final = (NotAuthorizedException, PermissionDeniedException)

#: By name, in the order in which they stand in the generated file.
PRESETS: Final[dict[str, Preset]] = {
    "getAll": Preset(
        "get_all",
        partial(ListHandler, http_method="GET"),
        "/",
        StoreAction.READ,
        "",
        (CursorMismatch, ValidationException),
        "A list of {} documents, page by page.",
    ),
    "get": Preset("get", get, _ONE, StoreAction.READ, "", (NotFound,), "One {}, unless it is in the bin."),
    "create": Preset("create", post, "/", StoreAction.CREATE, "Created", (Conflict, ValidationException), "Create one {}."),
    "update": Preset(
        "update",
        patch,
        _ONE,
        StoreAction.UPDATE,
        "Updated",
        (NotFound, Conflict, ValidationException),
        "Change the given fields of one {}; with a `version`, it is refused where somebody else was faster.",
    ),
    "delete": Preset("delete", delete, _ONE, StoreAction.DELETE, "Deleted", (NotFound,), "Put one {} into the bin."),
    "deleteHard": Preset(
        "delete_hard",
        delete,
        f"{_ONE}/hard",
        StoreAction.HARD_DELETE,
        "Deleted",
        (NotFound,),
        "Remove one {} for good, in the bin or not.",
    ),
    "restore": Preset(
        "restore",
        post,
        f"{_ONE}/restore",
        StoreAction.RESTORE,
        "Restored",
        (NotFound, Conflict),
        "Take one {} out of the bin.",
    ),
}


def folded(path: str) -> str:
    """What a path of several segments adds to the names of operations: ``Task`` of ``/admin/task`` (row R17).

    Args:
        path: of the controller.
    """
    plain = [segment for segment in path.split("/") if segment and not segment.startswith("{")]
    return "".join(word[:1].upper() + word[1:] for segment in plain[1:] for word in _WORD.findall(segment))


def channels_of(entity: str, model: type[Any], guards: Sequence[Callable[..., Any]] = ()) -> tuple[Channel, ...]:
    """The channels of an entity: ``taskCreated``, ``taskUpdated``, ``taskDeleted``, ``taskRestored``.

    Args:
        entity: its name.
        model: the class of its documents.
        guards: who may listen.
    """
    endings = dict.fromkeys(preset.announces for preset in PRESETS.values() if preset.announces)
    message = Payload[model]  # type: ignore[valid-type]  # made at run time
    return tuple(Channel(entity + ending, message, guards=tuple(guards)) for ending in endings)
