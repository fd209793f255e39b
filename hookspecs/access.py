"""Access rules for documents, which apply to HTTP and to channels alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from hookspecs.values import Owned, check_class

if TYPE_CHECKING:
    from hookspecs.auth import User


class Audience(msgspec.Struct, frozen=True, array_like=True):
    """The users who may read a message; a user needs to match one of the arguments.

    Args:
        anyone: Everyone, anonymous clients included.
        signed_in: Every signed-in user.
        users: Users by id.
        roles: Users with one of these roles.

    Example:
        >>> Audience(roles=frozenset({"editor"})).includes(User(id="7", roles=frozenset({"editor"})))
        True
    """

    anyone: bool = False
    signed_in: bool = False
    users: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    def includes(self, user: User | None) -> bool:
        """Return whether a user may read the message; ``None`` stands for an anonymous client."""
        if self.anyone or user is None:
            return self.anyone
        return self.signed_in or user.id in self.users or not self.roles.isdisjoint(user.roles)


@dataclass(frozen=True, slots=True)
class Grant:
    """The users to whom an action is allowed.

    Combine :data:`anyone`, :data:`signed_in`, :data:`owner`, :data:`nobody` and :func:`role` with ``|`` instead of calling it.

    Args:
        anyone: Allowed to everyone, anonymous clients included.
        signed_in: Allowed to every signed-in user.
        owner: Allowed to the document's owner.
        roles: Allowed to users with one of these roles.

    Example:
        >>> (owner | role("editor")).allows(User(id="7"), owner="7")
        True
    """

    anyone: bool = False
    signed_in: bool = False
    owner: bool = False
    roles: frozenset[str] = frozenset()

    def __or__(self, other: Grant) -> Grant:
        return Grant(
            self.anyone or other.anyone,
            self.signed_in or other.signed_in,
            self.owner or other.owner,
            self.roles | other.roles,
        )

    def of(self, owners: Iterable[str | None]) -> Audience:
        """Return the audience to whom the action is allowed on all of several documents.

        Args:
            owners: The owner of each document, ``None`` for a document without an owner. Ownership counts only if there is exactly
                one owner, since the audience must be allowed every document.
        """
        distinct = set(owners)
        users = frozenset(user for user in distinct if user is not None) if self.owner and len(distinct) == 1 else frozenset()
        return Audience(self.anyone, self.signed_in, users, self.roles)

    def allows(self, user: User | None, owner: str | None) -> bool:
        """Return whether a user is allowed the action on a document of an owner."""
        return self.of([owner]).includes(user)

    def unlimited(self, user: User | None) -> bool:
        """Return whether a user is allowed the action on every document, regardless of its owner."""
        return self.of(()).includes(user)


#: Everyone, anonymous clients included.
anyone: Final = Grant(anyone=True)
#: Every signed-in user.
signed_in: Final = Grant(signed_in=True)
#: The user whose id is the document's ``owner``.
owner: Final = Grant(owner=True)
#: No client, over HTTP and channels; the plugin's own code is not restricted.
nobody: Final = Grant()


def role(name: str) -> Grant:
    """Return a grant to the users who have a role.

    Args:
        name: The name of the role.

    Raises:
        TypeError: The name is not a non-empty string.

    Example:
        >>> role("editor") | role("admin") == Grant(roles=frozenset({"editor", "admin"}))
        True
    """
    value: object = name
    if not isinstance(value, str) or not value:
        raise TypeError(f"a role is a non-empty string, not {name!r}")
    return Grant(roles=frozenset({name}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules(Owned):
    """Who may read, create, update and delete the documents of one class; returned by ``register_rules``.

    They apply to the routes of :func:`host.data.crud` and to payloads on channels. They do not restrict the plugin's own code.

    Args:
        model: The document class; it has a field ``owner``.
        read: Who may read a document.
        create: Who may create a document; its creator becomes its owner.
        update: Who may change or restore a document. Defaults to the owner and the roles that ``read`` names; if everyone or every
            signed-in user may read it, to the owner and those roles.
        delete: Who may delete a document; defaults to ``update``.

    Raises:
        TypeError: ``model`` is not a class, or a rule is not a :class:`Grant`.
        ValueError: ``create`` is granted to the owner: a new document has no owner yet.

    Example:
        >>> class Note:
        ...     owner: str
        >>> Rules(model=Note, read=anyone, delete=owner | role("admin")).updating == owner
        True
    """

    model: type[Any]
    read: Grant
    create: Grant = signed_in
    update: Grant | None = None
    delete: Grant | None = None

    def __post_init__(self) -> None:
        check_class(self.model, "the model of rules")
        for name in ("read", "create", "update", "delete"):
            grant: object = getattr(self, name)
            if not isinstance(grant, Grant) and (grant is not None or name in ("read", "create")):
                raise TypeError(f"{name} in the rules of {self.model.__name__} is made of anyone, signed_in, owner and role(…)")
        if self.create.owner:
            raise ValueError(f"create in the rules of {self.model.__name__} cannot be granted to the owner: it has none yet")

    @property
    def updating(self) -> Grant:
        """Who may change or restore a document. That everyone may read it never lets everyone change it."""
        read = self.read
        named = Grant(owner=read.owner or read.anyone or read.signed_in, roles=read.roles)
        return named if self.update is None else self.update

    @property
    def deleting(self) -> Grant:
        """Who may delete a document."""
        return self.updating if self.delete is None else self.delete

    @property
    def needs_user(self) -> bool:
        """Whether the rules depend on the user, so that an ``Authenticator`` is required."""
        return any(not grant.anyone and grant != nobody for grant in (self.read, self.create, self.updating, self.deleting))
