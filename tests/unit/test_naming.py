"""Names and paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.common.naming import canonical, did_you_mean, is_key, join_paths, nearest, split_key, without_names


@pytest.mark.parametrize("key", ["acme__todo", "a__b", "acme__example_todo", "big_corp__todo2", "a1__b2"])
def test_valid_keys(key: str) -> None:
    assert is_key(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "todo",
        "acme_todo",
        "Acme__todo",
        "acme__Todo",
        "acme__todo__x",
        "acme___todo",
        "1a__b",
        "a__",
        "__b",
        "a__b\n",
        "a-b__c",
    ],
)
def test_invalid_keys(key: str) -> None:
    assert not is_key(key)


def test_a_key_consists_of_author_and_name() -> None:
    assert split_key("big_corp__example_todo") == ("big_corp", "example_todo")


@pytest.mark.parametrize(
    ("parts", "path"),
    [(("",), "/"), (("/",), "/"), (("a", "b"), "/a/b"), (("/a/", "/b/"), "/a/b"), (("//a", "", "b//c/"), "/a/b/c")],
)
def test_paths_are_joined(parts: tuple[str, ...], path: str) -> None:
    assert join_paths(*parts) == path


@given(st.lists(st.text("ab/", max_size=6), max_size=4))
def test_joining_a_joined_path_does_not_change_it(parts: list[str]) -> None:
    path = join_paths(*parts)
    assert join_paths(path) == path
    assert "//" not in path


def test_paths_that_match_the_same_requests_are_equal_without_names() -> None:
    assert without_names("/a/{x:int}/b/{y}") == without_names("a/{other:str}/b/{z:path}/") == "/a/{}/b/{}"


def test_the_nearest_name_is_suggested() -> None:
    known = {"acme__todo", "acme__billing"}
    assert nearest("acme__tood", known) == "acme__todo"
    assert nearest("quite different", known) is None
    assert did_you_mean("acme__tood", known) == "did you mean 'acme__todo'?"
    assert did_you_mean("quite different", known) == "there are acme__billing, acme__todo"
    assert did_you_mean("acme__todo", ()) == ""


@pytest.mark.parametrize("name", ["acme-todo", "Acme_Todo", "acme.todo", "ACME--_.todo"])
def test_spellings_of_a_distribution_name_are_normalised(name: str) -> None:
    assert canonical(name) == "acme-todo"
