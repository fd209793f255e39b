"""The envelope in which entities travel: the same object on HTTP and on a channel (rows R13, R14)."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

import msgspec

from hookspecs.access import Audience

Item = TypeVar("Item")

#: Where a payload keeps whom it is for; it does not travel.
AUDIENCE: Final = "audience"


class Page(msgspec.Struct, frozen=True, rename="camel"):
    """Where a list stands.

    Args:
        total: how many items there are in all, not only on this page.
        next: the cursor of the next page, ``None`` on the last one.
    """

    total: int
    next: str | None = None


class PayloadBody(msgspec.Struct, Generic[Item], frozen=True, rename="camel", omit_defaults=True):
    """What happened to which entities.

    Args:
        items: one row an entity: its fields on the wire, with ``_displayName``, ``_completion`` and ``_tags``.
        page: lists only.
        prev_version: updates only: the row before the update.
        deleted: deletes only: the ids that are gone.
    """

    items: list[Item]
    page: Page | None = None
    prev_version: Item | None = None
    deleted: list[str] | None = None


class Payload(msgspec.Struct, Generic[Item], frozen=True, rename="camel", dict=True):
    """The answer of an entity's routes, and the message on its channels. Made by :meth:`hookspecs.Scope.payload`.

    Args:
        type: the datatype, e.g. ``task``.
        action: how a store in the frontend treats it, the value of a :class:`hookspecs.StoreAction`.
        body: the entities.
    """

    type: str
    action: str
    body: PayloadBody[Item]

    @property
    def audience(self) -> Audience | None:
        """Who may see it by the :class:`hookspecs.Rules` of its documents, ``None`` where there are no rules (row E17)."""
        found: Audience | None = self.__dict__.get(AUDIENCE)
        return found
