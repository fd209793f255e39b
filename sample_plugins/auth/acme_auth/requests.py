"""The bodies of requests and responses. An invalid body is a 400 before a handler runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

_ATOM = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
_LABEL = r"[A-Za-z0-9-]{1,63}"

Email = Annotated[str, Meta(pattern=rf"^{_ATOM}@{_LABEL}(\.{_LABEL})*$", max_length=254)]
Password = Annotated[str, Meta(min_length=8, max_length=256)]
Role = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


class _Credentials(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    email: Email

    @property
    def address(self) -> str:
        """The email in its stored form."""
        return self.email.strip().lower()

    def __repr__(self) -> str:
        """Omit the password."""
        return f"{type(self).__name__}({self.email!r})"


class Registration(_Credentials, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A new user.

    Args:
        email: the email, for signing in.
        password: at least eight characters.
        name: the display name.
    """

    password: Password
    name: Annotated[str, Meta(max_length=100)] = ""


class Login(_Credentials, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The credentials of a user.

    Args:
        email: the email, in upper or lower case.
        password: the password.
    """

    password: Annotated[str, Meta(max_length=256)]


class SignedIn(Struct, frozen=True, rename="camel"):
    """A token, which is also in the cookie ``acme_auth``.

    Args:
        token: the token, for the header ``Authorization: Bearer``.
        csrf_token: the value for the header ``X-CSRF-Token`` of requests by cookie.
        expires_at: when the token expires, unless the user logs out before.
    """

    token: str
    csrf_token: str
    expires_at: datetime


class RolesChange(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The new roles of a user.

    Args:
        roles: all roles; duplicates are removed.
    """

    roles: Annotated[list[Role], Meta(max_length=20)]
