"""Who may do what to which document: rules for HTTP and for channels alike (row E17)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from hookspecs.values import Owned, check_class

if TYPE_CHECKING:
    from hookspecs.auth import User


class Audience(msgspec.Struct, frozen=True, array_like=True):
    """Who may see one message.

    Args:
        anyone: everybody.
        signed_in: everybody who has signed in.
        users: these, by id.
        roles: who has one of these.
    """

    anyone: bool = False
    signed_in: bool = False
    users: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    def includes(self, user: User | None) -> bool:
        """Whether somebody may see it; ``None`` has not signed in."""
        if self.anyone or user is None:
            return self.anyone
        return self.signed_in or user.id in self.users or not self.roles.isdisjoint(user.roles)


@dataclass(frozen=True, slots=True)
class Grant:
    """To whom something is allowed; made of :data:`anyone`, :data:`signed_in`, :data:`owner` and :func:`role`, joined by ``|``.

    Args:
        anyone: to everybody.
        signed_in: to everybody who has signed in.
        owner: to the document's owner.
        roles: to who has one of these.
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
        """To whom it is allowed for documents of some owners, for all of them at once.

        Args:
            owners: the owner of each; ``None`` belongs to nobody. Without any, ownership gives nothing.
        """
        known = set(owners)
        users = frozenset(one for one in known if one is not None) if self.owner and len(known) == 1 else frozenset()
        return Audience(self.anyone, self.signed_in, users, self.roles)

    def allows(self, user: User | None, owner: str | None) -> bool:
        """Whether it is allowed to somebody for a document of an owner."""
        return self.of([owner]).includes(user)

    def unlimited(self, user: User | None) -> bool:
        """Whether it is allowed to somebody for every document, whoever owns it."""
        return self.of(()).includes(user)


#: Everybody, also who has not signed in.
anyone: Final = Grant(anyone=True)
#: Everybody who has signed in.
signed_in: Final = Grant(signed_in=True)
#: Whose id stands in the document's ``owner``.
owner: Final = Grant(owner=True)
#: Nobody, over HTTP and channels; the plugin itself may.
nobody: Final = Grant()


def role(name: str) -> Grant:
    """Who has a role.

    Raises:
        TypeError: the name is no text.
    """
    given: object = name
    if not isinstance(given, str) or not given:
        raise TypeError(f"a role is a text, not {name!r}")
    return Grant(roles=frozenset({name}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules(Owned):
    """Who may do what to the documents of one class; returned by ``register_rules`` (row E17).

    They hold for the routes of :func:`host.data.crud` and for payloads on channels. What a plugin does with its documents
    otherwise is its own affair.

    Args:
        model: the document class; it has a field ``owner``.
        read: who may see a document.
        create: who may make one, and then owns it.
        update: who may change or restore one; unless given, whom ``read`` names: the owner and roles. Where everybody may see
            it, or everybody who has signed in, that is the owner.
        delete: who may delete one; unless given, who may change it.

    Raises:
        TypeError: the model is no class, or a rule no :class:`Grant`.
        ValueError: ``create`` is left to the owner, and there is none before.
    """

    model: type[Any]
    read: Grant
    create: Grant = signed_in
    update: Grant | None = None
    delete: Grant | None = None

    def __post_init__(self) -> None:
        check_class(self.model, "the model of rules")
        for name in ("read", "create", "update", "delete"):
            given: object = getattr(self, name)
            if not isinstance(given, Grant) and (given is not None or name in ("read", "create")):
                raise TypeError(f"{name} in the rules of {self.model.__name__} is made of anyone, signed_in, owner and role(…)")
        if self.create.owner:
            raise ValueError(f"create in the rules of {self.model.__name__} cannot be the owner's: there is none before")

    @property
    def updating(self) -> Grant:
        """Who may change or restore a document; that all may see it does not let all write it."""
        read = self.read
        named = Grant(owner=read.owner or read.anyone or read.signed_in, roles=read.roles)
        return named if self.update is None else self.update

    @property
    def deleting(self) -> Grant:
        """Who may delete a document."""
        return self.updating if self.delete is None else self.delete

    @property
    def needs_user(self) -> bool:
        """Whether one must know who somebody is."""
        return any(not grant.anyone and grant != nobody for grant in (self.read, self.create, self.updating, self.deleting))
