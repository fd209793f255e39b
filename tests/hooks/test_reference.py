"""The specifications say all that an author needs, and ``docs/hooks.md`` says what they say."""

from __future__ import annotations

import inspect

import pytest

from hookspecs.scope import Role
from host.common import errors
from host.loading.hooks import HookManager
from tests.hooks.make_docs import FILE, render
from tests.hooks.specifications import ORDER, PHASES, Specification, specifications

MANAGER = HookManager()
#: The roles that a specification may name.
ROLES = set(Role.__args__)
#: Exceptions of hooks that are not the host's own.
FOREIGN = {"Exception", "HTTPException"}

each_specification = pytest.mark.parametrize("specification", specifications(), ids=lambda specification: specification.name)


def test_the_page_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == render(), "run: python -m tests.hooks.make_docs"


def test_the_reference_covers_each_hook_that_the_host_knows() -> None:
    assert [specification.name for specification in specifications()] == list(ORDER)
    assert set(ORDER) == MANAGER.specified


@each_specification
def test_a_specification_has_all_parts(specification: Specification) -> None:
    assert specification.facts.keys() == {"Phase", "Roles", "Async"}
    assert specification.summary.endswith(".")
    assert specification.sections["Returns"]
    assert "Exception" in specification.raises
    assert "@hookimpl" in specification.example[1]


@each_specification
def test_each_argument_is_described(specification: Specification) -> None:
    assert list(specification.arguments) == list(inspect.signature(specification.function).parameters)
    assert "return" in specification.function.__annotations__


@each_specification
def test_it_says_whether_the_hook_may_be_async(specification: Specification) -> None:
    assert specification.facts["Async"] == ("yes" if specification.name in MANAGER.awaitable else "no")


@each_specification
def test_it_names_a_phase_and_roles_that_there_are(specification: Specification) -> None:
    assert specification.facts["Phase"] in PHASES
    assert set(specification.facts["Roles"].split(", ")) <= ROLES


@each_specification
def test_the_exceptions_that_it_names_exist(specification: Specification) -> None:
    assert set(specification.raises) - FOREIGN <= set(errors.__all__)


@each_specification
def test_the_example_implements_the_hook(specification: Specification) -> None:
    assert f"def {specification.name}(" in specification.example[1]
