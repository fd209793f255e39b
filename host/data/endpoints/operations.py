"""The seven operations of :func:`host.data.crud`: their methods, paths, statuses, errors, channels and summaries."""

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
from host.data.endpoints.handler_functions import ListHandler


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Args:
        attribute: the name of its handler on the controller.
        decorator: Litestar's decorator.
        path: the path below the controller's.
        action: the store action.
        channel_suffix: the end of the name of the channel that announces it; "" for none.
        raises: the errors it responds with, besides 401 and 403.
        summary: its summary, with ``{}`` for the entity.
    """

    attribute: str
    decorator: Callable[..., Any]
    path: str
    action: StoreAction
    channel_suffix: str
    raises: tuple[type[HTTPException], ...]
    summary: str

    def opt(self, name: str, entity: str, channels: tuple[Channel, ...]) -> dict[str, Any]:
        """Return the ``opt`` of its handler.

        Args:
            name: the name of the operation in the frontend.
            entity: the name of the entity.
            channels: the channels of the controller.
        """
        broadcast = [entity + self.channel_suffix] if self.channel_suffix else []
        return {**operation(self.action, name=name, broadcast=broadcast), CHANNELS: channels}


_WORD: Final = re.compile(r"[^\W_]+")
_BY_ID: Final = "/{id:uuid}"
#: Every operation may ask the authentication provider who the user is.
AUTHENTICATION_ERRORS: Final = (NotAuthorizedException, PermissionDeniedException)

#: By name, in the order of the generated file.
OPERATIONS: Final[dict[str, Operation]] = {
    "getAll": Operation(
        "get_all",
        partial(ListHandler, http_method="GET"),
        "/",
        StoreAction.READ,
        "",
        (CursorMismatch, ValidationException),
        "List {} documents, page by page.",
    ),
    "get": Operation("get", get, _BY_ID, StoreAction.READ, "", (NotFound,), "Get one {}, unless it is soft-deleted."),
    "create": Operation("create", post, "/", StoreAction.CREATE, "Created", (Conflict, ValidationException), "Create one {}."),
    "update": Operation(
        "update",
        patch,
        _BY_ID,
        StoreAction.UPDATE,
        "Updated",
        (NotFound, Conflict, ValidationException),
        "Update the sent fields of one {}; with a `version`, only if that version is stored.",
    ),
    "delete": Operation("delete", delete, _BY_ID, StoreAction.DELETE, "Deleted", (NotFound,), "Soft-delete one {}."),
    "deleteHard": Operation(
        "delete_hard",
        delete,
        f"{_BY_ID}/hard",
        StoreAction.HARD_DELETE,
        "Deleted",
        (NotFound,),
        "Permanently delete one {}, whether soft-deleted or not.",
    ),
    "restore": Operation(
        "restore",
        post,
        f"{_BY_ID}/restore",
        StoreAction.RESTORE,
        "Restored",
        (NotFound, Conflict),
        "Restore one soft-deleted {}.",
    ),
}


def name_suffix(path: str) -> str:
    """Return what a path of several segments adds to the names of operations: ``Task`` for ``/admin/task``.

    Args:
        path: the path of the controller.
    """
    fixed = [segment for segment in path.split("/") if segment and not segment.startswith("{")]
    return "".join(word[:1].upper() + word[1:] for segment in fixed[1:] for word in _WORD.findall(segment))


def channels_of(entity: str, model: type[Any], guards: Sequence[Callable[..., Any]] = ()) -> tuple[Channel, ...]:
    """Return the channels of an entity: ``taskCreated``, ``taskUpdated``, ``taskDeleted``, ``taskRestored``.

    Args:
        entity: the name of the entity.
        model: its document class.
        guards: decide who may subscribe.
    """
    suffixes = dict.fromkeys(entry.channel_suffix for entry in OPERATIONS.values() if entry.channel_suffix)
    message = Payload[model]  # type: ignore[valid-type]  # parametrized at run time
    return tuple(Channel(entity + suffix, message, guards=tuple(guards)) for suffix in suffixes)
