"""Who may do what: grants, rules, users and what they are joined to, without a host."""

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
SOMEBODY: list[User | None] = [None, ANN, BOB]


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
def test_whom_a_grant_allows_a_document_of_bob(grant: Grant, allowed: list[User | None]) -> None:
    assert [user for user in SOMEBODY if grant.allows(user, "bob")] == allowed


def test_a_document_of_nobody_belongs_to_nobody() -> None:
    assert [user for user in SOMEBODY if owner.allows(user, None)] == []


@pytest.mark.parametrize("owners", [["ann", "bob"], ["ann", None], [], [None]])
def test_ownership_counts_only_where_all_documents_are_ones_own(owners: list[str | None]) -> None:
    assert [user for user in SOMEBODY if owner.of(owners).includes(user)] == []
    assert owner.of(["ann", "ann"]).includes(ANN)


@pytest.mark.parametrize(("grant", "unlimited"), [(anyone, True), (signed_in, True), (owner, False), (role("editor"), True)])
def test_whose_documents_do_not_matter(grant: Grant, unlimited: bool) -> None:
    assert grant.unlimited(ANN) is unlimited


GRANTS = st.builds(Grant, st.booleans(), st.booleans(), st.booleans(), st.frozensets(st.sampled_from(["editor", "reader"])))


@given(one=GRANTS, other=GRANTS)
def test_a_joined_grant_allows_what_one_of_both_allows(one: Grant, other: Grant) -> None:
    for user, whose in itertools.product(SOMEBODY, ["ann", "bob", None]):
        assert (one | other).allows(user, whose) is (one.allows(user, whose) or other.allows(user, whose))


@given(grant=GRANTS)
def test_who_may_see_a_message_stays_the_same_on_its_way(grant: Grant) -> None:
    audience = grant.of(["ann"])
    assert msgspec.json.decode(msgspec.json.encode(audience), type=Audience) == audience


@pytest.mark.parametrize("name", ["", None, 3, ["editor"]])
def test_a_role_is_a_text(name: Any) -> None:
    with pytest.raises(TypeError, match="a role is a non-empty string"):
        role(name)
    with pytest.raises(TypeError, match="a role is a non-empty string"):
        requires(name)


def test_a_guard_needs_a_role() -> None:
    with pytest.raises(TypeError, match=r"requires\(\) takes at least one role name"):
        requires()


@pytest.mark.parametrize("name", ["read", "create", "update", "delete"])
@pytest.mark.parametrize("wrong", ["owner", True, role, 3])
def test_rules_are_made_of_grants(name: str, wrong: Any) -> None:
    with pytest.raises(TypeError, match=f"{name} in the rules of Item is made of"):
        Rules(**({"model": Item, "read": anyone} | {name: wrong}))


@pytest.mark.parametrize("name", ["read", "create"])
def test_two_rules_may_not_be_left_out(name: str) -> None:
    with pytest.raises(TypeError, match=f"{name} in the rules of Item"):
        Rules(**({"model": Item, "read": anyone} | {name: None}))  # type: ignore[arg-type]  # that is what is tried


def test_rules_are_for_a_class() -> None:
    with pytest.raises(TypeError, match="the model of rules must be a class"):
        Rules(model=Item(), read=anyone)  # type: ignore[arg-type]  # that is what is tried


def test_nobody_owns_what_is_not_made_yet() -> None:
    with pytest.raises(ValueError, match="create in the rules of Item cannot be granted to the owner"):
        Rules(model=Item, read=anyone, create=owner | role("editor"))


def test_one_rule_takes_the_place_of_the_next() -> None:
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
def test_what_all_may_see_its_owner_alone_may_change_unless_it_is_said(read: Grant, writing: Grant) -> None:
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
def test_some_rules_need_no_user(rules: Rules, needed: bool) -> None:
    assert rules.needs_user is needed


@pytest.mark.parametrize(
    ("value", "name"),
    [(anyone, "anyone"), (authenticated, "roles"), (RequestData(), "project"), (ANN, "id"), (Audience(), "anyone")],
    ids=lambda value: type(value).__name__,
)
def test_they_cannot_be_changed(value: Any, name: str) -> None:
    with pytest.raises((dataclasses.FrozenInstanceError, AttributeError)):
        setattr(value, name, True)


def test_request_data_says_by_default_that_all_is_announced() -> None:
    assert RequestData() == RequestData(broadcast=True, project=None, user=None, request=None)


class Knows:
    """An authenticator that counts how often it was asked."""

    def __init__(self, user: User | None) -> None:
        self.user = user
        self.asked = 0

    async def authenticate(self, connection: Any) -> User | None:  # noqa: ARG002 - as the protocol has it
        self.asked += 1
        return self.user


def connection(knows: Knows | None) -> Any:
    """As much of a Litestar connection as a guard looks at."""
    return SimpleNamespace(scope={}, app=SimpleNamespace(state={AUTHENTICATOR: knows} if knows else {}))


def test_a_user_is_asked_for_once_a_connection() -> None:
    for user in SOMEBODY:
        knows = Knows(user)
        one = connection(knows)
        assert [asyncio.run(user_of(one)) for _ in range(3)] == [user] * 3
        assert knows.asked == 1


def test_without_an_authenticator_nobody_passes() -> None:
    with pytest.raises(InternalServerException, match="no enabled plugin provides the contract Authenticator"):
        asyncio.run(user_of(connection(None)))


@pytest.mark.parametrize(
    ("guard", "passes"),
    [(authenticated, [ANN, BOB]), (requires("editor"), [ANN]), (requires("reader", "editor"), [ANN]), (requires("reader"), [])],
    ids=str,
)
def test_whom_a_guard_lets_pass(guard: RequiresUser, passes: list[User]) -> None:
    found = []
    for user in SOMEBODY:
        refusal = NotAuthorizedException if user is None else PermissionDeniedException
        try:
            asyncio.run(guard(connection(Knows(user)), None))  # type: ignore[arg-type]  # it looks at no handler
        except refusal:
            continue
        found.append(user)
    assert found == passes
