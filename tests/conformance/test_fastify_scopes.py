"""What a scope contains, and which other scopes see it (rows F2, F10, F11, F15)."""

from __future__ import annotations

from typing import Any

from host import Host
from host.common.errors import ServiceError
from tests.conformance.kit import ANSWERING, error, get, in_host
from tests.distributions import Project
from tests.inprocess import client_of

#: A tree of plugins, each with a route /see that returns the services and the ``opt`` that it sees.
TREE = """
    from litestar import Request, get

    class Base:
        services = {}
        opt = {}
        children = ()
        @hookimpl
        def register_services(self, scope): return self.services
        @hookimpl
        def register_layer(self, scope): return Layer(opt=self.opt)
        @hookimpl
        def register_plugins(self, scope): return self.children
        @hookimpl
        def register_routes(self, scope):
            @get("/see", sync_to_thread=False)
            def see(plugin_scope: Scope, request: Request) -> list:
                seen = request.route_handler.opt
                return [dict(plugin_scope.services), {name: seen[name] for name in sorted(seen) if len(name) < 7}]
            return see

    class Leaf(Base):
        services = {"leaf": 1, "shade": "leaf"}
        opt = {"leaf": 1, "shade": "leaf"}
    class Shared(Base):
        services = {"shared": 1}
        opt = {"shared": 1}
        children = [Child(Leaf, "deep", "/deep")]
        @hookimpl
        def register_routes(self, scope): return None
    class Middle(Base):
        children = [Child(Leaf, "leaf", "/leaf"), Child(Shared, "shared", shared=SHARED, options=PREFIX)]
    class Root(Base):
        services = {"root": 1, "shade": "root"}
        opt = {"root": 1, "shade": "root"}
        children = [Child(Middle, "middle", "/middle"), Child(Base, "beside", "/beside")]
"""


def seen(project: Project, *paths: str, shared: bool = False) -> list[Any]:
    """Return what plugins of the tree see, each as a pair of services and ``opt``."""
    source = TREE.replace("SHARED", str(shared)).replace("PREFIX", "{}" if shared else '{"prefix": "/shared"}')
    project.install("acme-tree", source, target="acme_tree:Root")
    return [answer.json() for answer in get(project, *(f"/acme__tree{path}/see" for path in paths))]


ROOT = {"root": 1, "shade": "root"}
LEAF = {"leaf": 1, "shade": "leaf"}


def test_F2_a_scope_and_its_children_see_what_it_registers(project: Project) -> None:
    root, middle, leaf = seen(project, "", "/middle", "/middle/leaf")
    assert root == middle == [ROOT, ROOT]
    assert leaf == [ROOT | LEAF] * 2


def test_F2_siblings_and_parents_see_nothing_of_a_scope(project: Project) -> None:
    middle, beside, leaf = seen(project, "/middle", "/beside", "/middle/leaf")
    assert middle == beside == [ROOT, ROOT]
    assert "shared" not in leaf[0]


def test_F2_each_plugin_has_its_own_scope(project: Project) -> None:
    project.install("acme-tree", TREE.replace("SHARED", "True").replace("PREFIX", "{}"), target="acme_tree:Root")

    async def scopes(host: Host) -> list[int]:
        return [id(plugin.scope) for plugin in host.plugins.values()]

    ids = in_host(project, scopes)
    assert len(ids) == len(set(ids)) == 6


def test_F10_what_a_shared_child_registers_is_in_its_parents_scope_and_no_further_up(project: Project) -> None:
    root, middle, leaf, beside = seen(project, "", "/middle", "/middle/leaf", "/beside", shared=True)
    assert middle == [{**ROOT, "shared": 1}] * 2
    assert leaf == [ROOT | LEAF | {"shared": 1}] * 2
    assert root == beside == [ROOT, ROOT]


def test_F10_children_of_a_shared_child_have_scopes_of_their_own(project: Project) -> None:
    seen(project, shared=True)

    async def names(host: Host) -> list[set[str]]:
        plugins = host.plugins.acme__tree.middle
        return [set(plugin.scope.services) for plugin in (plugins, plugins.shared, plugins.shared.deep)]

    assert in_host(project, names) == [
        {"root", "shade", "shared"},
        {"root", "shade", "shared"},
        {"root", "shade", "shared", "leaf"},
    ]


def test_F10_hooks_of_a_shared_child_run_once_for_its_own_routes(project: Project) -> None:
    """Its routes are in the scope of its parent, to which its hooks belong too."""
    project.install(
        "acme-a",
        ANSWERING
        + """
    called = []
    def guard(connection, handler): called.append("guard")
    def before(request): called.append("before")
    class Shared:
        @hookimpl
        def register_layer(self, scope): return Layer(guards=[guard], before_request=before)
        @hookimpl
        def register_routes(self, scope):
            @get("/shared", sync_to_thread=False)
            def shared() -> None: ...
            return shared
    @hookimpl
    def register_plugins(scope): return Child(Shared, "shared", shared=True)
    """,
    )

    async def called(host: Host) -> list[str]:
        async with client_of(host) as client:
            assert (await client.get("/acme__a/shared")).status_code == 200
        notes: list[str] = host.plugins["acme__a"].object.called
        return notes

    assert in_host(project, called) == ["guard", "before"]


def test_F11_a_plugin_with_requirements_keeps_its_scope(project: Project) -> None:
    """A scope is not shared by default, and a requirement does not open it."""
    project.install("acme-base", '@hookimpl\ndef register_services(scope): return {"base": 1}', version="2.1")
    project.install("acme-user", "", requires=["acme-base>=2", "litestar-host>=1,<2"])

    async def read(host: Host) -> Any:
        base, user = host.plugins["acme__base"].scope, host.plugins["acme__user"].scope
        return base.version, list(host.plugins), dict(base.services), dict(user.services)

    assert in_host(project, read) == ("2.1", ["acme__base", "acme__user"], {"base": 1}, {})


def test_F15_a_dependency_gives_no_access_to_the_services_in_its_scope(project: Project) -> None:
    """The scope of the required plugin stays closed, and the error says which plugin has the service."""
    project.install("acme-base", '@hookimpl\ndef register_services(scope): return {"base": 1}')
    project.install("acme-user", '@hookimpl\ndef on_startup(scope): scope.services["base"]', requires=["acme-base"])
    failure = error(project)
    cause = failure.__cause__ or failure
    assert isinstance(cause, ServiceError)
    assert "acme__base has one, in the scope of acme__base" in cause.message
    assert "register_contract" in cause.fix
