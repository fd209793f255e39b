"""The life of a host: started once, inspected, closed completely, beside other hosts (rows E20 to E23)."""

from __future__ import annotations

import ast
import asyncio
import gc
import re
import weakref
from importlib import resources
from typing import Any

import httpx
import pytest

from host import Host
from host.common.errors import StateError
from tests.conformance.kit import ANSWERING, error, in_host, journal
from tests.distributions import Project
from tests.inprocess import client_of
from tests.serverkit import Serve, serve

__all__ = ("serve",)

SERVICE = """
    from pydantic import BaseModel

    class Options(BaseModel):
        name: str = ""
    class Pool:
        def __init__(self, name): self.name = name

    @hookimpl
    def plugin_options(): return Options
    @hookimpl
    def register_services(scope): return {"pool": Service(lambda: Pool(scope.options.name))}
"""


def test_E20_the_start_report_is_a_tree_of_phases_plugins_and_hooks_with_times(project: Project) -> None:
    inner = """
    import asyncio
    class Inner:
        @hookimpl
        async def on_startup(self, scope): await asyncio.sleep(0.01)
    @hookimpl
    def register_plugins(scope): return Child(Inner, "inner")
    """
    project.install("acme-todo", inner)

    async def report(host: Host) -> Any:
        return host.report.to_data()

    data = in_host(project, report)
    start = next(span for span in data["spans"] if span["what"] == "start")
    (todo,) = [span for span in start["inside"] if span["plugin"] == "acme__todo"]
    ((child),) = todo["inside"]
    ((hook),) = child["inside"]
    assert (child["plugin"], hook["what"], hook["plugin"]) == ("acme__todo.inner", "on_startup", "acme__todo.inner")
    assert 0.01 <= hook["seconds"] <= start["seconds"] <= data["seconds"]


def test_E20_plugins_check_prints_the_tree(project: Project) -> None:
    project.install("acme-todo", ANSWERING)
    done = project.host("plugins", "check")
    assert done.code == 0, done.stderr
    lines = re.findall(r"^( *)(\S+) +\d+\.\d ms$", done.stdout, re.MULTILINE)
    depths = {what: len(spaces) // 2 for spaces, what in lines}
    assert depths == {
        **dict.fromkeys(("discover", "load", "configure", "register", "assemble"), 1),
        "acme__todo": 2,
        **dict.fromkeys(("import", "register_routes"), 3),
    }


def test_E21_a_second_start_is_refused(project: Project) -> None:
    project.install("acme-todo")

    async def again(host: Host) -> None:
        with pytest.raises(StateError, match="the host was started before"):
            await host.start()

    in_host(project, again)


@pytest.mark.parametrize("name", ["app", "plugins", "boot"])
def test_E21_the_error_for_an_attribute_before_the_start_says_what_to_await(project: Project, name: str) -> None:
    """EzBackend's ``inject`` before the start fails too; here the error also says what to await."""
    host = Host(project.settings)
    with pytest.raises(StateError) as caught:
        getattr(host, name)
    assert "await host." in caught.value.fix


def test_E21_a_request_before_the_start_is_refused(project: Project) -> None:
    project.install("acme-todo", ANSWERING)

    async def ask() -> httpx.Response:
        host = Host(project.settings)
        await host.assemble()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=host.asgi), base_url="http://host") as client:
            return await client.get("/acme__todo")

    answer = asyncio.run(ask())
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_E21_a_closed_host_does_not_start_again(project: Project) -> None:
    project.install("acme-todo")

    async def life() -> None:
        host = Host(project.settings)
        async with host:
            pass
        with pytest.raises(StateError) as caught:
            await host.start()
        assert caught.value.fix == "create a new Host"

    asyncio.run(life())


def test_E22_the_sample_plugins_import_only_public_modules_and_serve_together(serve: Serve) -> None:
    """EzBackend ships openapi, db-ui, cors and auth; here the samples are auth, billing and todo, which calls billing."""
    assert _imported_modules("acme_auth", "acme_billing", "acme_todo") == {"hookspecs", "host.data"}
    server = serve(toml='[plugins]\nenabled = ["acme-todo", "acme-billing"]\n')
    with httpx.Client(base_url=server.url, timeout=30) as client:
        created = client.post("/acme__todo/task", json={"title": "Write"})
        quota = client.get("/acme__billing/quota")
        paths = client.get("/schema/openapi.json").json()["paths"]
    assert created.status_code == 201, created.text
    assert quota.json()["used"] == 1
    assert {path.split("/")[1] for path in paths} >= {"acme__todo", "acme__billing"}


def _imported_modules(*packages: str) -> set[str]:
    """Return the modules of the host that installed packages import."""
    roots = [resources.files(package) for package in packages]
    sources = [file.read_text(encoding="utf-8") for root in roots for file in root.iterdir() if file.name.endswith(".py")]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    modules = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {module for module in modules if module.partition(".")[0] in {"host", "hookspecs"}}


def test_E23_a_closed_host_leaves_no_service_and_no_task(project: Project) -> None:
    """EzBackend keeps its repositories in a global registry, which it clears."""
    notes: list[Any] = journal(project)
    closing = "scope.options.name), close=lambda pool: note(f'closed {pool.name}'))"
    project.install("acme-todo", "\n    from journal import note" + SERVICE.replace("scope.options.name))", closing))
    project.configure('[plugins.acme__todo]\noptions = { name = "one" }\n')

    async def life() -> tuple[Any, int]:
        before = asyncio.all_tasks()
        async with Host(project.settings) as host:
            pool = weakref.ref(host.plugins["acme__todo"].scope.services["pool"])
        remaining = asyncio.all_tasks() - before
        del host
        return pool, len(remaining)

    pool, tasks = asyncio.run(life())
    gc.collect()
    assert notes == ["closed one"]
    assert (pool(), tasks) == (None, 0)


def test_E23_two_hosts_in_one_process_do_not_see_each_other(project: Project) -> None:
    project.install("acme-todo", SERVICE + ANSWERING.replace("plugin_scope.key", 'plugin_scope.services["pool"].name'))

    def settings(name: str) -> Any:
        project.configure(f'[plugins.acme__todo]\nprefix = "/{name}"\noptions = {{ name = "{name}" }}\n')
        return project.settings

    async def answers(host: Host) -> list[str]:
        async with client_of(host) as client:
            responses = [await client.get(path) for path in ("/one", "/two")]
        return [response.text if response.status_code == 200 else str(response.status_code) for response in responses]

    async def life() -> list[list[str]]:
        async with Host(settings("one")) as first:
            async with Host(settings("two")) as second:
                both = [await answers(first), await answers(second)]
            return [*both, await answers(first)]  # it goes on when the other host has stopped

    assert asyncio.run(life()) == [["one", "404"], ["404", "two"], ["one", "404"]]


def test_E23_a_host_starts_after_another_has_failed(project: Project) -> None:
    project.install("acme-todo", ANSWERING)
    project.install("acme-bad", "@hookimpl\ndef on_startup(scope): raise ValueError")
    assert error(project).plugin == "acme__bad"
    project.configure('[plugins]\ndisabled = ["acme__bad"]\n')

    async def keys(host: Host) -> list[str]:
        return list(host.plugins)

    assert in_host(project, keys) == ["acme__todo"]
