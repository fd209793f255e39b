"""The forms of a plugin, its options and its prefix (rows F4 to F9)."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from hookspecs import Child
from host import Host
from host.common.errors import HookCallError, HookResultError, HookSignatureError, OptionsError, PluginImportError
from tests.conformance.kit import ANSWERING, error, errors, get, in_host, journal, live, response_texts
from tests.distributions import Project


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("@hookimpl\ndef configure(scope): note('ran')", "acme_todo"),
        ("@hookimpl\nasync def configure(scope): note('ran')", "acme_todo"),
        ("class Todo:\n    @hookimpl\n    def configure(self, scope): note('ran')", "acme_todo:Todo"),
        ("class Todo:\n    @hookimpl\n    async def configure(self, scope): note('ran')\ntodo = Todo()", "acme_todo:todo"),
        ("async def work(): note('ran')\n@hookimpl\ndef configure(scope): return work()", "acme_todo"),
    ],
    ids=["module", "async", "class", "instance", "awaitable"],
)
def test_F4_a_plugin_is_a_module_a_class_or_an_instance(project: Project, source: str, target: str) -> None:
    notes = journal(project)
    project.install("acme-todo", "from journal import note\n" + source, target=target)
    live(project)
    assert notes == ["ran"]


@pytest.mark.parametrize(
    ("source", "target", "kind", "says"),
    [
        ("@hookimpl\nasync def configure(scope, done): ...", "acme_todo", HookSignatureError, "configure takes done"),
        ("@hookimpl\nasync def on_startup(scope): yield", "acme_todo", HookSignatureError, "async generator"),
        ("@hookimpl\ndef on_startup(scope): yield", "acme_todo", HookSignatureError, "generator"),
        ("@hookimpl\nasync def register_routes(scope): ...", "acme_todo", HookSignatureError, "must not be async"),
        ("class Todo:\n    def __init__(self, database): ...", "acme_todo:Todo", PluginImportError, "cannot be imported"),
    ],
    ids=["async with callback", "async generator", "generator", "async registration", "class with arguments"],
)
def test_F4_any_other_form_is_refused_and_the_plugin_named(
    project: Project, source: str, target: str, kind: type[Exception], says: str
) -> None:
    project.install("acme-todo", source, target=target)
    failure = error(project)
    assert isinstance(failure, kind)
    assert failure.plugin == "acme__todo"
    assert says in failure.message


OPTIONS = """
    from pydantic import BaseModel

    class Options(BaseModel):
        size: int = 10
        prefix_of_files: str = "x"

    @hookimpl
    def plugin_options(): return Options
"""


def test_F5_prefix_and_policy_are_set_beside_the_options(project: Project) -> None:
    project.install("acme-todo", OPTIONS + ANSWERING)
    project.configure('[plugins.acme__todo]\nprefix = "/tasks"\non_failure = "isolate"\noptions = { size = 3 }\n')

    async def read(host: Host) -> tuple[Any, str]:
        scope = host.plugins["acme__todo"].scope
        return scope.options.model_dump(), scope.prefix

    assert in_host(project, read) == ({"size": 3, "prefix_of_files": "x"}, "/tasks")


@pytest.mark.parametrize(("options", "says"), [("{ sizes = 3 }", "unknown option 'sizes'"), ('{ size = "big" }', "option 'size'")])
def test_F5_options_are_validated_by_the_plugins_own_class(project: Project, options: str, says: str) -> None:
    project.install("acme-todo", OPTIONS)
    project.configure(f"[plugins.acme__todo]\noptions = {options}\n")
    failure = error(project)
    assert isinstance(failure, OptionsError)
    assert says in failure.message


def test_F5_a_log_level_is_inherited_by_children_only(project: Project) -> None:
    """The level is set with ``logging``, not in the settings: the logger of a child is a child of its parent's logger."""
    project.install(
        "acme-todo",
        """
        class Inner: ...
        @hookimpl
        def register_plugins(scope): return Child(Inner, "inner")
        """,
    )
    project.install("acme-other")
    logger = logging.getLogger("host.plugin.acme__todo")
    logger.setLevel(logging.CRITICAL)

    async def levels(host: Host) -> list[int]:
        keys = ("acme__todo", "acme__todo.inner", "acme__other")
        return [host.plugins[key].scope.log.getEffectiveLevel() for key in keys]

    try:
        own, inner, other = in_host(project, levels)
    finally:
        logger.setLevel(logging.NOTSET)
    assert (own, inner) == (logging.CRITICAL, logging.CRITICAL)
    assert other != logging.CRITICAL


LATE = """
    from journal import note
    from pydantic import BaseModel

    class Sized:
        class Options(BaseModel):
            size: int = 0
        @hookimpl
        def plugin_options(self): return self.Options
        @hookimpl
        def register_plugins(self, scope): note(f"{scope.name} {scope.options.size}")

    def size(scope):
        note(f"called with {scope.key}")
        return {"size": scope.options.size + 1}

    @hookimpl
    def plugin_options(): return Sized.Options
    @hookimpl
    def register_plugins(scope): return [Child(Sized, "first", options={"size": 7}), Child(Sized, "second", options=size)]
"""


def test_F6_the_options_function_is_called_with_the_parents_scope_after_earlier_siblings_are_loaded(project: Project) -> None:
    notes = journal(project)
    project.install("acme-todo", LATE)
    project.configure("[plugins.acme__todo]\noptions = { size = 40 }\n")
    live(project)
    assert notes == ["first 7", "called with acme__todo", "second 41"]


@pytest.mark.parametrize(
    ("function", "kind", "says"),
    [
        ("lambda scope: 1 / 0", HookCallError, "raised ZeroDivisionError"),
        ("lambda scope: [1]", HookResultError, "must return a mapping"),
        ("asynchronous", HookResultError, "is async"),
        ("lambda scope: {'sizes': 1}", OptionsError, "unknown option 'sizes'"),
    ],
)
def test_F6_an_error_of_the_options_function_is_a_failure_of_the_child(
    project: Project, function: str, kind: type[Exception], says: str
) -> None:
    journal(project)
    source = LATE.replace("options=size", f"options={function}")
    project.install("acme-todo", source + "\n    async def asynchronous(scope): return {}\n")
    failure = error(project)
    assert isinstance(failure, kind)
    assert failure.plugin == "acme__todo.second"
    assert says in failure.message


INNER = """
    class Inner:
        @hookimpl
        def register_routes(self, scope): return root
    @hookimpl
    def register_plugins(scope): return CHILD
"""


def prefixed(project: Project, child: str) -> None:
    project.install("acme-todo", ANSWERING + INNER.replace("CHILD", child))


def test_F7_a_prefix_that_the_options_function_returns_is_used(project: Project) -> None:
    """Fastify ignores a prefix that comes from the function; here it replaces the prefix of ``Child``."""
    prefixed(
        project, '[Child(Inner, "a", "/early", lambda scope: {"prefix": "/late"}), Child(Inner, "b", options={"prefix": "fixed"})]'
    )
    late, early, fixed = get(project, "/acme__todo/late", "/acme__todo/early", "/acme__todo/fixed")
    assert (late.text, early.status_code, fixed.text) == ("acme__todo.a", 404, "acme__todo.b")


@pytest.mark.parametrize("prefix", ["/inner", "inner", "inner/", "//inner//"])
def test_F8_missing_and_extra_slashes_are_normalised(project: Project, prefix: str) -> None:
    prefixed(project, f'Child(Inner, "inner", "{prefix}")')
    assert response_texts(project, "/acme__todo/inner", "/acme__todo/inner/") == ["acme__todo.inner"] * 2


def test_F8_prefixes_join_at_any_depth(project: Project) -> None:
    prefixed(
        project,
        """Child(Outer, "outer", "/v1")
    class Middle:
        @hookimpl
        def register_plugins(self, scope): return Child(Inner, "inner", "/users/details")
    class Outer:
        @hookimpl
        def register_plugins(self, scope): return Child(Middle, "middle")
    """,
    )
    assert response_texts(project, "/acme__todo/v1/users/details") == ["acme__todo.outer.middle.inner"]


@pytest.mark.parametrize("more", [{"prefix": "/here"}, {"options": {"prefix": "/here"}}])
def test_F9_a_shared_child_with_a_prefix_is_refused_when_it_is_created(more: dict[str, Any]) -> None:
    """Fastify ignores such a prefix silently."""
    with pytest.raises(ValueError, match="shared, so it has no scope of its own for the prefix '/here'"):
        Child(object(), "inner", shared=True, **more)


def test_F9_the_refusal_names_plugin_and_hook(project: Project) -> None:
    prefixed(project, 'Child(Inner, "inner", "/here", shared=True)')
    failure = error(project)
    assert (failure.plugin, failure.hook) == ("acme__todo", "register_plugins")
    assert "shared" in str(failure.__cause__)


def test_F9_a_prefix_from_the_options_function_of_a_shared_child_is_refused(project: Project) -> None:
    prefixed(project, 'Child(Inner, "inner", options=lambda scope: {"prefix": "/here"}, shared=True)')
    failure = next(error for error in errors(project) if isinstance(error, OptionsError))
    assert failure.plugin == "acme__todo.inner"
    assert "shared=True" in failure.fix
