"""The package that plugin authors import."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import hookspecs
from host.loading.hooks import HookManager

MANAGER = HookManager()
HOOKS = sorted(MANAGER.specified)
SPECIFICATIONS = {name: getattr(MANAGER.hook, name).spec for name in HOOKS}

PROBE = "import hookspecs, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"


def test_importing_hookspecs_imports_no_heavy_package() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert "hookspecs" in modules
    assert not modules & {"litestar", "beanie", "pymongo", "bson", "pydantic", "granian", "host", "rich", "click"}


def test_all_public_names_exist() -> None:
    assert all(hasattr(hookspecs, name) for name in hookspecs.__all__)
    assert sorted(hookspecs.__all__) == sorted(set(hookspecs.__all__))


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_is_specified_in_one_module_with_types_and_a_docstring(hook: str) -> None:
    function = SPECIFICATIONS[hook].function
    assert function.__module__.startswith("hookspecs.")
    assert inspect.getdoc(function)
    assert "return" in function.__annotations__
    assert all(argument in function.__annotations__ for argument in SPECIFICATIONS[hook].argnames)


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if hook.startswith("register_")])
def test_a_register_hook_takes_the_scope_and_is_not_async(hook: str) -> None:
    assert SPECIFICATIONS[hook].argnames == ("scope",)
    assert hook not in MANAGER.awaitable


def test_the_guide_names_the_hooks_that_may_be_async() -> None:
    assert hookspecs.__doc__ is not None
    for hook in MANAGER.awaitable:
        assert f"``{hook}``" in hookspecs.__doc__
