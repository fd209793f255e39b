"""The tree of plugins: names, prefixes, scopes, and the order of hooks (rows E1, E2, E5, E6, E24)."""

from __future__ import annotations

import pytest

from host import Host
from host.common.errors import HookCallError, HookResultError
from tests.conformance.kit import ANSWERING, error, errors, get, in_host, journal, live, response_texts
from tests.distributions import Project


def tree(project: Project, children: str, more: str = "") -> None:
    """Install a plugin with children; the class ``Leaf`` is a plugin with a route that returns its key."""
    source = ANSWERING + more
    source += """
    class Leaf:
        @hookimpl
        def register_routes(self, scope): return root
    """
    source += f"""
    @hookimpl
    def register_plugins(scope): return {children}
    """
    project.install("acme-tree", source)


def test_E1_every_child_has_one_parent_and_an_installed_plugin_has_none(project: Project) -> None:
    middle = """
    class Middle:
        @hookimpl
        def register_plugins(self, scope): return Child(Leaf, "leaf")
    """
    tree(project, 'Child(Middle, "middle", "/middle")', middle)

    async def parents(host: Host) -> dict[str, str]:
        scopes = {plugin.key: plugin.scope.parent for plugin in host.plugins.values()}
        return {key: "" if parent is None else parent.key for key, parent in scopes.items()}

    assert in_host(project, parents) == {
        "acme__tree": "",
        "acme__tree.middle": "acme__tree",
        "acme__tree.middle.leaf": "acme__tree.middle",
    }


def test_E1_two_siblings_with_one_name_are_refused(project: Project) -> None:
    tree(project, '[Child(Leaf, "leaf", "/a"), Child(Leaf, "leaf", "/b")]')
    failure = error(project)
    assert isinstance(failure, HookResultError)
    assert "two children called 'leaf'" in failure.message
    assert "a name of its own" in failure.fix


def test_E1_one_object_may_be_two_children_with_different_names(project: Project) -> None:
    """EzBackend refuses an app that already has a parent. Here the name belongs to the plugin, not to the object: the object may
    be registered twice, and each of the two plugins has its own key, prefix and scope.
    """
    more = """
    class Part:
        @hookimpl
        def register_routes(self, scope): return root
    part = Part()
    """
    tree(project, '[Child(part, "first", "/a"), Child(part, "second", "/b")]', more)
    assert response_texts(project, "/acme__tree/a", "/acme__tree/b") == ["acme__tree.first", "acme__tree.second"]


def test_E1_a_child_without_a_name_is_refused(project: Project) -> None:
    """EzBackend names it ``UnnamedApp7``, which changes when another app is added; here the parent fails."""
    tree(project, "Child(Leaf)")
    failure = error(project)
    assert isinstance(failure, HookCallError)
    assert (failure.plugin, failure.hook) == ("acme__tree", "register_plugins")
    assert "'name'" in str(failure.__cause__)


def test_E1_a_plugin_nested_in_itself_is_refused(project: Project) -> None:
    more = """
    class Recursive:
        @hookimpl
        def register_plugins(self, scope): return Child(self, "again")
    """
    tree(project, 'Child(Recursive, "again")', more)
    assert "acme__tree.again, which contains it" in next(
        failure.message for failure in errors(project) if isinstance(failure, HookResultError)
    )


def test_E2_a_child_gets_a_name_a_prefix_and_options(project: Project) -> None:
    sized = """
    from pydantic import BaseModel

    class Options(BaseModel):
        size: int
    class Details:
        @hookimpl
        def plugin_options(self): return Options
        @hookimpl
        def register_routes(self, scope):
            @get("/", sync_to_thread=False)
            def size(plugin_scope: Scope) -> str: return f"{plugin_scope.key} {plugin_scope.options.size}"
            return size
    class Users:
        @hookimpl
        def register_plugins(self, scope): return Child(Details, "details", "/details", {"size": 3})
    """
    tree(project, 'Child(Users, "users", prefix="/v1/users")', sized)
    assert response_texts(project, "/acme__tree/v1/users/details") == ["acme__tree.users.details 3"]


def test_E5_a_plugin_has_one_scope_in_all_hooks_and_handlers(project: Project) -> None:
    notes = journal(project)
    project.install(
        "acme-tree",
        """
        from journal import note
        from litestar import get

        @get("/", sync_to_thread=False)
        def root(plugin_scope: Scope) -> None: note(plugin_scope)

        @hookimpl
        def register_plugins(scope): note(scope)
        @hookimpl
        async def configure(scope): note(scope)
        @hookimpl
        def register_routes(scope):
            note(scope)
            return root
        @hookimpl
        def app_built(scope, app): note(scope)
        @hookimpl
        async def on_startup(scope): note(scope)
        @hookimpl
        async def on_ready(scope): note(scope)
        @hookimpl
        async def on_shutdown(scope): note(scope)
        """,
    )
    get(project, "/acme__tree")
    assert len(notes) == 8
    assert len(set(map(id, notes))) == 1


def test_E5_a_child_sees_the_services_of_its_ancestors_and_no_other_plugin_sees_the_childs(project: Project) -> None:
    """A scope gets its services from its own hook: there is no shared object that any plugin may change at any time."""
    notes = journal(project)
    more = """
    from journal import note
    class Inner:
        @hookimpl
        def register_services(self, scope): return {"inner": 2}
        @hookimpl
        def on_startup(self, scope): note((scope.name, sorted(scope.services)))
    class Beside:
        @hookimpl
        def on_startup(self, scope): note((scope.name, sorted(scope.services)))
    @hookimpl
    def register_services(scope): return {"repo": 1}
    @hookimpl
    def on_ready(scope): note((scope.name, sorted(scope.services)))
    """
    tree(project, '[Child(Inner, "inner"), Child(Beside, "beside")]', more)
    live(project)
    assert notes == [("inner", ["inner", "repo"]), ("beside", ["repo"]), ("tree", ["repo"])]


def test_E6_the_guards_of_a_shared_child_apply_to_its_parents_routes(project: Project) -> None:
    more = """
    from litestar.exceptions import NotAuthorizedException

    def refuse(connection, handler):
        if "token" not in connection.headers: raise NotAuthorizedException("no token")
    class Auth:
        @hookimpl
        def register_layer(self, scope): return Layer(guards=[refuse])
    @hookimpl
    def register_routes(scope): return root
    """
    tree(project, '[Child(Auth, "auth", shared=True), Child(Leaf, "leaf", "/leaf")]', more)
    project.install("acme-other", ANSWERING)
    answers = get(project, "/acme__tree", "/acme__tree/leaf", "/acme__other")
    assert [answer.status_code for answer in answers] == [401, 401, 200]


def test_E24_an_async_hook_ends_before_the_same_hook_of_a_child_begins(project: Project) -> None:
    """EzBackend starts them in a ``forEach(async …)``, so a fast child would end before its slow parent."""
    notes = journal(project)
    more = """
    import asyncio
    from journal import note

    class Timed:
        @hookimpl
        async def on_startup(self, scope):
            note(f"{scope.name} begins")
            for _ in range({"slow": 50, "fast": 1}[scope.name]):
                await asyncio.sleep(0)
            note(f"{scope.name} ends")

    class Slow(Timed):
        @hookimpl
        def register_plugins(self, scope): return Child(Timed, "fast")
    """
    tree(project, 'Child(Slow, "slow")', more)
    live(project)
    assert notes == ["slow begins", "slow ends", "fast begins", "fast ends"]


@pytest.mark.parametrize("hook", ["configure", "on_startup", "on_ready", "on_shutdown"])
def test_E24_a_hook_that_only_a_child_implements_is_called(project: Project, hook: str) -> None:
    notes = journal(project)
    more = f"""
    from journal import note
    class Deep:
        @hookimpl
        async def {hook}(self, scope): note(scope.key)
    class Silent:
        @hookimpl
        def register_plugins(self, scope): return Child(Deep, "deep")
    """
    tree(project, 'Child(Silent, "silent")', more)
    live(project)
    assert notes == ["acme__tree.silent.deep"]
