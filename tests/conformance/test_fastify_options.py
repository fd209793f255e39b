"""What forms a plugin has, its options and its prefix."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from hookspecs import Child
from host import Host
from host.common.errors import HookCallError, HookResultError, HookSignatureError, OptionsError, PluginImportError
from tests.conformance.kit import ANSWERING, error, errors, get, in_host, journal, live, texts
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
        ("@hookimpl\nasync def register_routes(scope): ...", "acme_todo", HookSignatureError, "is async"),
        ("class Todo:\n    def __init__(self, database): ...", "acme_todo:Todo", PluginImportError, "cannot be imported"),
    ],
    ids=["async with callback", "async generator", "generator", "async where nobody awaits", "class with arguments"],
)
def test_F4_another_form_is_refused_by_name(project: Project, source: str, target: str, kind: type[Exception], says: str) -> None:
    project.install("acme-todo", source, target=target)
    found = error(project)
    assert isinstance(found, kind)
    assert found.plugin == "acme__todo"
    assert says in found.message


OPTIONS = """
    from pydantic import BaseModel

    class Options(BaseModel):
        size: int = 10
        prefix_of_files: str = "x"

    @hookimpl
    def plugin_options(): return Options
"""


def test_F5_prefix_and_policy_stand_beside_the_options(project: Project) -> None:
    project.install("acme-todo", OPTIONS + ANSWERING)
    project.configure('[plugins.acme__todo]\nprefix = "/tasks"\non_failure = "isolate"\noptions = { size = 3 }\n')

    async def seen(host: Host) -> tuple[Any, str]:
        scope = host.plugins["acme__todo"].scope
        return scope.options.model_dump(), scope.prefix

    assert in_host(project, seen) == ({"size": 3, "prefix_of_files": "x"}, "/tasks")


@pytest.mark.parametrize(("options", "says"), [("{ sizes = 3 }", "unknown option 'sizes'"), ('{ size = "big" }', "option 'size'")])
def test_F5_the_rest_is_validated_by_the_plugins_own_class(project: Project, options: str, says: str) -> None:
    project.install("acme-todo", OPTIONS)
    project.configure(f"[plugins.acme__todo]\noptions = {options}\n")
    found = error(project)
    assert isinstance(found, OptionsError)
    assert says in found.message


def test_F5_a_log_level_is_inherited_downwards(project: Project) -> None:
    """Levels are those of ``logging``, not an option: a child's logger lies under its parent's, as its scope does."""
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

    async def seen(host: Host) -> list[int]:
        keys = ("acme__todo", "acme__todo.inner", "acme__other")
        return [host.plugins[key].scope.log.getEffectiveLevel() for key in keys]

    try:
        own, inner, other = in_host(project, seen)
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
        note(f"asked with {scope.key}")
        return {"size": scope.options.size + 1}

    @hookimpl
    def plugin_options(): return Sized.Options
    @hookimpl
    def register_plugins(scope): return [Child(Sized, "first", options={"size": 7}), Child(Sized, "second", options=size)]
"""


def test_F6_a_function_gives_the_options_when_earlier_siblings_are_loaded(project: Project) -> None:
    notes = journal(project)
    project.install("acme-todo", LATE)
    project.configure("[plugins.acme__todo]\noptions = { size = 40 }\n")
    live(project)
    assert notes == ["first 7", "asked with acme__todo", "second 41"]


@pytest.mark.parametrize(
    ("function", "kind", "says"),
    [
        ("lambda scope: 1 / 0", HookCallError, "raised ZeroDivisionError"),
        ("lambda scope: [1]", HookResultError, "must return a mapping"),
        ("asynchronous", HookResultError, "is async"),
        ("lambda scope: {'sizes': 1}", OptionsError, "unknown option 'sizes'"),
    ],
)
def test_F6_what_the_function_does_wrong_is_the_childs_failure(
    project: Project, function: str, kind: type[Exception], says: str
) -> None:
    journal(project)
    source = LATE.replace("options=size", f"options={function}")
    project.install("acme-todo", source + "\n    async def asynchronous(scope): return {}\n")
    found = error(project)
    assert isinstance(found, kind)
    assert found.plugin == "acme__todo.second"
    assert says in found.message


INNER = """
    class Inner:
        @hookimpl
        def register_routes(self, scope): return root
    @hookimpl
    def register_plugins(scope): return CHILD
"""


def prefixed(project: Project, child: str) -> None:
    project.install("acme-todo", ANSWERING + INNER.replace("CHILD", child))


def test_F7_a_late_prefix_counts(project: Project) -> None:
    """Fastify itself drops a prefix that comes from the function; here it takes the place of the given one."""
    prefixed(
        project, '[Child(Inner, "a", "/given", lambda scope: {"prefix": "/late"}), Child(Inner, "b", options={"prefix": "fixed"})]'
    )
    late, given, fixed = get(project, "/acme__todo/late", "/acme__todo/given", "/acme__todo/fixed")
    assert (late.text, given.status_code, fixed.text) == ("acme__todo.a", 404, "acme__todo.b")


@pytest.mark.parametrize("prefix", ["/inner", "inner", "inner/", "//inner//"])
def test_F8_slashes_are_put_in_and_taken_out(project: Project, prefix: str) -> None:
    prefixed(project, f'Child(Inner, "inner", "{prefix}")')
    assert texts(project, "/acme__todo/inner", "/acme__todo/inner/") == ["acme__todo.inner"] * 2


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
    assert texts(project, "/acme__todo/v1/users/details") == ["acme__todo.outer.middle.inner"]


@pytest.mark.parametrize("more", [{"prefix": "/here"}, {"options": {"prefix": "/here"}}])
def test_F9_a_shared_child_with_a_prefix_is_refused_where_it_is_written(more: dict[str, Any]) -> None:
    """Fastify ignores such a prefix without a word."""
    with pytest.raises(ValueError, match="shared, so it has no scope of its own for the prefix '/here'"):
        Child(object(), "inner", shared=True, **more)


def test_F9_the_refusal_names_plugin_and_hook(project: Project) -> None:
    prefixed(project, 'Child(Inner, "inner", "/here", shared=True)')
    found = error(project)
    assert (found.plugin, found.hook) == ("acme__todo", "register_plugins")
    assert "shared" in str(found.__cause__)


def test_F9_a_late_prefix_of_a_shared_child_is_refused_too(project: Project) -> None:
    prefixed(project, 'Child(Inner, "inner", options=lambda scope: {"prefix": "/here"}, shared=True)')
    found = next(one for one in errors(project) if isinstance(one, OptionsError))
    assert found.plugin == "acme__todo.inner"
    assert "shared=True" in found.fix
