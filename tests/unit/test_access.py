"""Access control without a host: grants, rules, users and the access data of connections."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.exceptions import InternalServerException, NotAuthorizedException, PermissionDeniedException

from hookspecs import (
    Audience,
    Grant,
    RequestData,
    RequiresUser,
    Rules,
    User,
    anyone,
    authenticated,
    nobody,
    owner,
    requires,
    role,
    signed_in,
    user_of,
)
from hookspecs.auth import AUTHENTICATOR

ANN = User(id="ann", roles=frozenset({"editor"}))
BOB = User(id="bob")
USERS: list[User | None] = [None, ANN, BOB]


class Item:
    owner: str | None = None


@pytest.mark.parametrize(
    ("grant", "allowed"),
    [
        (anyone, [None, ANN, BOB]),
        (signed_in, [ANN, BOB]),
        (owner, [BOB]),
        (role("editor"), [ANN]),
        (role("reader"), []),
        (owner | role("editor"), [ANN, BOB]),
        (owner | anyone, [None, ANN, BOB]),
        (nobody, []),
        (nobody | owner, [BOB]),
    ],
)
def test_users_that_a_grant_allows_to_access_a_document_of_bob(grant: Grant, allowed: list[User | None]) -> None:
    assert [user for user in USERS if grant.allows(user, "bob")] == allowed


def test_a_document_without_an_owner_belongs_to_no_user() -> None:
    assert [user for user in USERS if owner.allows(user, None)] == []


@pytest.mark.parametrize("owners", [["ann", "bob"], ["ann", None], [], [None]])
def test_ownership_of_a_message_requires_all_documents_to_have_the_same_owner(owners: list[str | None]) -> None:
    assert [user for user in USERS if owner.of(owners).includes(user)] == []
    assert owner.of(["ann", "ann"]).includes(ANN)


@pytest.mark.parametrize(("grant", "unlimited"), [(anyone, True), (signed_in, True), (owner, False), (role("editor"), True)])
def test_a_grant_is_unlimited_if_the_owner_does_not_matter(grant: Grant, unlimited: bool) -> None:
    assert grant.unlimited(ANN) is unlimited


GRANTS = st.builds(Grant, st.booleans(), st.booleans(), st.booleans(), st.frozensets(st.sampled_from(["editor", "reader"])))


@given(left=GRANTS, right=GRANTS)
def test_a_combined_grant_allows_what_either_grant_allows(left: Grant, right: Grant) -> None:
    for user, document_owner in itertools.product(USERS, ["ann", "bob", None]):
        assert (left | right).allows(user, document_owner) is (
            left.allows(user, document_owner) or right.allows(user, document_owner)
        )


@given(grant=GRANTS)
def test_the_audience_of_a_message_survives_serialisation(grant: Grant) -> None:
    audience = grant.of(["ann"])
    assert msgspec.json.decode(msgspec.json.encode(audience), type=Audience) == audience


@pytest.mark.parametrize("name", ["", None, 3, ["editor"]])
def test_a_role_is_a_string(name: Any) -> None:
    with pytest.raises(TypeError, match="a role is a non-empty string"):
        role(name)
    with pytest.raises(TypeError, match="a role is a non-empty string"):
        requires(name)


def test_a_guard_needs_a_role() -> None:
    with pytest.raises(TypeError, match=r"requires\(\) takes at least one role name"):
        requires()


@pytest.mark.parametrize("name", ["read", "create", "update", "delete"])
@pytest.mark.parametrize("wrong", ["owner", True, role, 3])
def test_rules_consist_of_grants(name: str, wrong: Any) -> None:
    with pytest.raises(TypeError, match=f"{name} in the rules of Item is made of"):
        Rules(**({"model": Item, "read": anyone} | {name: wrong}))


@pytest.mark.parametrize("name", ["read", "create"])
def test_two_rules_are_required(name: str) -> None:
    with pytest.raises(TypeError, match=f"{name} in the rules of Item"):
        Rules(**({"model": Item, "read": anyone} | {name: None}))  # type: ignore[arg-type]  # the wrong type is tested


def test_rules_are_for_a_class() -> None:
    with pytest.raises(TypeError, match="the model of rules must be a class"):
        Rules(model=Item(), read=anyone)  # type: ignore[arg-type]  # the wrong type is tested


def test_creation_cannot_be_granted_to_the_owner() -> None:
    with pytest.raises(ValueError, match="create in the rules of Item cannot be granted to the owner"):
        Rules(model=Item, read=anyone, create=owner | role("editor"))


def test_a_missing_rule_defaults_to_the_preceding_one() -> None:
    rules = Rules(model=Item, read=owner)
    assert (rules.create, rules.updating, rules.deleting) == (signed_in, owner, owner)
    rules = Rules(model=Item, read=anyone, update=role("editor"))
    assert (rules.updating, rules.deleting) == (role("editor"), role("editor"))
    assert Rules(model=Item, read=anyone, update=owner, delete=nobody).deleting is nobody


@pytest.mark.parametrize(
    ("read", "writing"),
    [
        (anyone, owner),
        (signed_in, owner),
        (signed_in | role("editor"), owner | role("editor")),
        (role("editor"), role("editor")),
        (owner | role("editor"), owner | role("editor")),
        (nobody, nobody),
    ],
)
def test_by_default_only_the_owner_may_change_what_all_may_read(read: Grant, writing: Grant) -> None:
    rules = Rules(model=Item, read=read)
    assert (rules.updating, rules.deleting) == (writing, writing)


@pytest.mark.parametrize(
    ("rules", "needed"),
    [
        (Rules(model=Item, read=anyone), True),
        (Rules(model=Item, read=anyone, create=anyone), True),
        (Rules(model=Item, read=anyone, create=anyone, update=anyone), False),
        (Rules(model=Item, read=anyone, create=nobody, update=nobody), False),
        (Rules(model=Item, read=anyone, create=anyone, update=anyone, delete=owner), True),
    ],
)
def test_rules_need_a_user_if_any_of_them_depends_on_the_user(rules: Rules, needed: bool) -> None:
    assert rules.needs_user is needed


@pytest.mark.parametrize(
    ("value", "name"),
    [(anyone, "anyone"), (authenticated, "roles"), (RequestData(), "project"), (ANN, "id"), (Audience(), "anyone")],
    ids=lambda value: type(value).__name__,
)
def test_access_values_are_immutable(value: Any, name: str) -> None:
    with pytest.raises((dataclasses.FrozenInstanceError, AttributeError)):
        setattr(value, name, True)


def test_request_data_announces_everything_by_default() -> None:
    assert RequestData() == RequestData(broadcast=True, project=None, user=None, request=None)


class CountingAuthenticator:
    """An authenticator that counts its calls."""

    def __init__(self, user: User | None) -> None:
        self.user = user
        self.asked = 0

    async def authenticate(self, connection: Any) -> User | None:  # noqa: ARG002 - required by the protocol
        self.asked += 1
        return self.user


def connection(authenticator: CountingAuthenticator | None) -> Any:
    """Return a stand-in with the parts of a Litestar connection that a guard uses."""
    return SimpleNamespace(scope={}, app=SimpleNamespace(state={AUTHENTICATOR: authenticator} if authenticator else {}))


def test_a_user_is_authenticated_once_per_connection() -> None:
    for user in USERS:
        authenticator = CountingAuthenticator(user)
        shared_connection = connection(authenticator)
        assert [asyncio.run(user_of(shared_connection)) for _ in range(3)] == [user] * 3
        assert authenticator.asked == 1


def test_without_an_authenticator_a_guard_refuses_everyone() -> None:
    with pytest.raises(InternalServerException, match="no enabled plugin provides the contract Authenticator"):
        asyncio.run(user_of(connection(None)))


@pytest.mark.parametrize(
    ("guard", "passes"),
    [(authenticated, [ANN, BOB]), (requires("editor"), [ANN]), (requires("reader", "editor"), [ANN]), (requires("reader"), [])],
    ids=str,
)
def test_users_that_a_guard_admits(guard: RequiresUser, passes: list[User]) -> None:
    admitted = []
    for user in USERS:
        refusal = NotAuthorizedException if user is None else PermissionDeniedException
        try:
            asyncio.run(guard(connection(CountingAuthenticator(user)), None))  # type: ignore[arg-type]  # the guard does not use the handler
        except refusal:
            continue
        admitted.append(user)
    assert admitted == passes
