"""The rules of a document class as MongoDB filters and as HTTP errors.

An error reveals nothing about documents that the user may not read: those are answered with 404. A missing sign-in is a 401.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException

from hookspecs import Grant, Rules, User, anyone, nobody

_NO_DOCUMENTS: Final[dict[str, Any]] = {"_id": {"$in": []}}
_ALL_DOCUMENTS: Final[dict[str, Any]] = {}


def grant_filter(grant: Grant, user: User | None) -> dict[str, Any]:
    """Return the filter for the documents for which a grant allows something to a user.

    Args:
        grant: the grant.
        user: the user; ``None`` if not signed in.

    Raises:
        NotAuthorizedException: the user must sign in first.
    """
    if grant.unlimited(user):
        return _ALL_DOCUMENTS
    if user is None:
        if grant != nobody:
            raise NotAuthorizedException("sign in first")
        return _NO_DOCUMENTS
    return {"owner": user.id} if grant.owner else _NO_DOCUMENTS


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a user may do with the documents of a class.

    Args:
        rules: the rules of the class; ``None`` if everything is allowed.
        user: the user; ``None`` if not signed in.
    """

    rules: Rules | None
    user: User | None

    @property
    def read_filter(self) -> dict[str, Any]:
        """The filter for the documents that the user may read.

        Raises:
            NotAuthorizedException: the user must sign in first.
        """
        return _ALL_DOCUMENTS if self.rules is None else grant_filter(self.rules.read, self.user)

    def write_filter(self, grant: Grant) -> dict[str, Any]:
        """Return the filter for the documents that the user may read and write.

        Args:
            grant: allows writing.

        Raises:
            NotAuthorizedException: the user must sign in first.
        """
        writable = grant_filter(grant, self.user)
        return {**self.read_filter, **writable} if writable is not _NO_DOCUMENTS else _NO_DOCUMENTS

    @property
    def update_grant(self) -> Grant:
        """The grant that allows updates."""
        return anyone if self.rules is None else self.rules.updating

    @property
    def delete_grant(self) -> Grant:
        """The grant that allows deletion."""
        return anyone if self.rules is None else self.rules.deleting

    def check_create(self) -> None:
        """Check that the user may create documents.

        Raises:
            NotAuthorizedException: the user must sign in first.
            PermissionDeniedException: the user may not.
        """
        if self.rules is not None and not self.rules.create.allows(self.user, None):
            raise self.error(self.rules.create, "create documents here")

    def error(self, grant: Grant, action: str) -> HTTPException:
        """Build the error for an action that is not allowed.

        Args:
            grant: allows the action to others.
            action: the action, as the end of "you may not …".
        """
        if self.user is None and grant != nobody:
            return NotAuthorizedException("sign in first")
        return PermissionDeniedException(f"you may not {action}")
