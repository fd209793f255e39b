"""Rules of a document class as filters of the database, and as refusals (row E17).

A refusal tells nothing of what one may not read: that is not found. Who has not signed in where one must is told to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException

from hookspecs import Grant, Rules, User, anyone, nobody

_NOTHING: Final[dict[str, Any]] = {"_id": {"$in": []}}
_OPEN: Final[dict[str, Any]] = {}


def filter_of(grant: Grant, user: User | None) -> dict[str, Any]:
    """The filter for the documents for which something is allowed to somebody.

    Args:
        grant: to whom it is allowed.
        user: who asks, ``None`` where nobody has signed in.

    Raises:
        NotAuthorizedException: nobody has, and one must.
    """
    if grant.unlimited(user):
        return _OPEN
    if user is None:
        if grant != nobody:
            raise NotAuthorizedException("sign in first")
        return _NOTHING
    return {"owner": user.id} if grant.owner else _NOTHING


@dataclass(frozen=True, slots=True)
class Permissions:
    """What somebody may do with the documents of a class.

    Args:
        rules: of the class, ``None`` where everybody may do everything.
        user: who asks.
    """

    rules: Rules | None
    user: User | None

    @property
    def reading(self) -> dict[str, Any]:
        """The filter for what may be read.

        Raises:
            NotAuthorizedException: nothing by anybody who has not signed in.
        """
        return _OPEN if self.rules is None else filter_of(self.rules.read, self.user)

    def writing(self, grant: Grant) -> dict[str, Any]:
        """The filter for what may be read and written.

        Args:
            grant: to whom writing is allowed.

        Raises:
            NotAuthorizedException: nothing by anybody who has not signed in.
        """
        allowed = filter_of(grant, self.user)
        return {**self.reading, **allowed} if allowed is not _NOTHING else _NOTHING

    @property
    def updating(self) -> Grant:
        """To whom changing is allowed."""
        return anyone if self.rules is None else self.rules.updating

    @property
    def deleting(self) -> Grant:
        """To whom deleting is allowed."""
        return anyone if self.rules is None else self.rules.deleting

    def check_creating(self) -> None:
        """Refuse who may not create.

        Raises:
            NotAuthorizedException: one must sign in.
            PermissionDeniedException: one may not.
        """
        if self.rules is not None and not self.rules.create.allows(self.user, None):
            raise self.refusal(self.rules.create, "create one")

    def refusal(self, grant: Grant, what: str) -> HTTPException:
        """The error for what is not allowed.

        Args:
            grant: to whom it is.
            what: it is.
        """
        if self.user is None and grant != nobody:
            return NotAuthorizedException("sign in first")
        return PermissionDeniedException(f"you may not {what}")
