"""Rules on the routes of ``crud``: which user may do what with which document."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.data.cruds import Served, item, items, served

RULES = """
class Diary(Task): ...
class Post(Task): ...
class Law(Task): ...
class Draft(Task): ...

ROUTES = [crud(Diary), crud(Post), crud(Law), crud(Draft)]

@hookimpl
def register_rules():
    return [
        Rules(model=Diary, read=owner | role("admin"), create=signed_in),
        Rules(model=Post, read=anyone, create=signed_in, update=owner, delete=owner | role("admin")),
        Rules(model=Law, read=role("citizen"), create=nobody, update=nobody),
        Rules(model=Draft, read=owner, create=role("author"), update=role("editor")),
    ]
"""


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory, mongo: str) -> Iterator[Served]:
    """A host with rules."""
    models = "Diary, Post, Law, Draft"
    with served(tmp_path_factory.mktemp("rules"), mongo, RULES, users=True, models=models) as made:
        yield made


def made(ask: Served, path: str, user: str) -> str:
    """Return the path of a new document."""
    return f"{path}/{item(ask('POST', path, {'title': 'a'}, user))['id']}"


def writes(path: str) -> list[tuple[object, ...]]:
    """Return the requests that change a document which is not soft-deleted."""
    return [("PATCH", path, {"title": "b"}), ("DELETE", path), ("DELETE", f"{path}/hard")]


def test_the_user_who_creates_a_document_owns_it(ask: Served) -> None:
    row = item(ask("POST", "/diary", {"title": "a"}, "ann"))
    assert (row["owner"], row["lastEditor"]) == ("ann", "ann")


def test_the_user_who_changes_a_document_is_its_last_editor(ask: Served) -> None:
    one = made(ask, "/diary", "ann")
    row = item(ask("PATCH", one, {"title": "b"}, "eve admin"))
    assert (row["owner"], row["lastEditor"]) == ("ann", "eve")


def test_a_list_contains_only_readable_documents(ask: Served) -> None:
    mine, other = made(ask, "/diary", "list1"), made(ask, "/diary", "list2")
    assert [row["id"] for row in items(ask("GET", "/diary", user="list1"))] == [mine.rpartition("/")[2]]
    assert ask("GET", "/diary", user="list1").json()["body"]["page"]["total"] == 1
    everything = {row["id"] for row in items(ask("GET", "/diary", user="x admin"))}
    assert {mine.rpartition("/")[2], other.rpartition("/")[2]} <= everything


def test_a_filter_by_another_owner_reveals_nothing(ask: Served) -> None:
    made(ask, "/diary", "filter1")
    assert items(ask("GET", "/diary?owner=filter1", user="filter2")) == []


def test_the_trash_of_others_is_not_visible(ask: Served) -> None:
    one = made(ask, "/diary", "bin1")
    ask("DELETE", one, user="bin1")
    assert items(ask("GET", "/diary?deleted=true", user="bin2")) == []
    assert ask("POST", f"{one}/restore", user="bin2").status_code == 404
    assert ask("POST", f"{one}/restore", user="bin1").status_code == 200


def test_an_unreadable_document_is_not_found_by_any_operation(ask: Served) -> None:
    one = made(ask, "/diary", "ann")
    for call in [("GET", one), *writes(one)]:
        answer, absent = ask(*call, user="bob"), ask(call[0], f"/diary/{uuid4()}", *call[2:], user="bob")
        assert (answer.status_code, absent.status_code) == (404, 404), call
    assert item(ask("GET", one, user="ann"))["version"] == 1


def test_a_readable_document_that_is_not_writable_is_403(ask: Served) -> None:
    one = made(ask, "/post", "ann")
    assert ask("GET", one).status_code == 200
    for call in writes(one):
        assert ask(*call, user="bob").status_code == 403, call
    assert item(ask("GET", one))["version"] == 1


def test_a_missing_sign_in_is_401(ask: Served) -> None:
    diary, post = made(ask, "/diary", "ann"), made(ask, "/post", "ann")
    for call in [("GET", "/diary"), ("GET", diary), *writes(diary), *writes(post), ("POST", "/post", {"title": "a"})]:
        assert ask(*call).status_code == 401, call


def test_the_delete_rule_differs_from_the_update_rule(ask: Served) -> None:
    one = made(ask, "/post", "ann")
    assert ask("PATCH", one, {"title": "b"}, "eve admin").status_code == 403
    assert ask("DELETE", one, user="eve admin").status_code == 200
    assert ask("POST", f"{one}/restore", user="ann").status_code == 200


def test_nobody_is_refused_to_all(ask: Served) -> None:
    assert ask("POST", "/law", {"title": "a"}).status_code == 403
    assert ask("POST", "/law", {"title": "a"}, "ann citizen admin").status_code == 403


def test_without_the_role_no_route_can_be_used(ask: Served) -> None:
    assert items(ask("GET", "/law", user="ann")) == []
    assert ask("GET", "/law", user="ann citizen").status_code == 200
    assert ask("GET", "/law").status_code == 401


def test_a_user_who_may_update_but_not_read_changes_nothing(ask: Served) -> None:
    one = made(ask, "/draft", "ann author")
    assert ask("PATCH", one, {"title": "b"}, "bob editor").status_code == 404
    assert ask("PATCH", one, {"title": "b"}, "ann author").status_code == 403
    assert item(ask("PATCH", one, {"title": "b"}, "ann author editor"))["title"] == "b"


def test_a_forbidden_change_of_another_version_is_forbidden(ask: Served) -> None:
    one = made(ask, "/post", "ann")
    assert ask("PATCH", one, {"title": "b", "version": 9}, "bob").status_code == 403
    assert ask("PATCH", one, {"title": "b", "version": 9}, "ann").status_code == 409
