"""The envelope in which entities travel, the same on HTTP and on a channel."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

import msgspec

from hookspecs.access import Audience

Item = TypeVar("Item")

#: Attribute of a payload that holds its audience; it is never serialized.
AUDIENCE: Final = "audience"


class Page(msgspec.Struct, frozen=True, rename="camel"):
    """The position of a list within all results.

    Args:
        total: The number of items in all, not only on this page.
        next: The cursor of the next page, ``None`` on the last page.

    Example:
        >>> Page(total=41, next="c2").total
        41
    """

    total: int
    next: str | None = None


class PayloadBody(msgspec.Struct, Generic[Item], frozen=True, rename="camel", omit_defaults=True):
    """The entities of a payload.

    Args:
        items: One row per entity: its fields as they travel, with ``_displayName``, ``_completion`` and ``_tags``.
        page: For lists: the position in all results.
        prev_version: For updates: the row before the update.
        deleted: For deletions: the ids of the deleted entities.

    Example:
        >>> PayloadBody([], deleted=["7"]).deleted
        ['7']
    """

    items: list[Item]
    page: Page | None = None
    prev_version: Item | None = None
    deleted: list[str] | None = None


class Payload(msgspec.Struct, Generic[Item], frozen=True, rename="camel", dict=True):
    """What entity routes return and what their channels carry; created by :meth:`hookspecs.Scope.payload`.

    Args:
        type: The data type, e.g. ``task``.
        action: The value of a :class:`hookspecs.StoreAction`: what a store in the frontend does with the payload.
        body: The entities.

    Example:
        A route declares what it returns as ``Payload[Task]``.

        >>> Payload("task", "dataDelete", PayloadBody([], deleted=["7"])).action
        'dataDelete'
    """

    type: str
    action: str
    body: PayloadBody[Item]

    @property
    def audience(self) -> Audience | None:
        """The users who may read it by the :class:`hookspecs.Rules` of its documents, ``None`` without rules."""
        audience: Audience | None = self.__dict__.get(AUDIENCE)
        return audience
