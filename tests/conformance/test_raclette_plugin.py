"""What a plugin is: one entry point, ordinary Litestar code, and its own scope (rows R1 to R6)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from host import Host
from host.common.errors import HookResultError, HookSignatureError, PluginImportError
from tests.conformance.kit import ANSWERING, error, in_host, journal, live, response_texts
from tests.distributions import Project
from tests.inprocess import client_of


def test_R1_a_plugin_without_hooks_is_loaded_without_errors_or_warnings(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install("acme-look", "")

    async def read(host: Host) -> tuple[str, int]:
        return host.plugins["acme__look"].scope.version, len(host.boot.failures.all())

    assert in_host(project, read) == ("1.0.0", 0)
    assert caplog.records == []


def test_R1_a_plugin_without_hooks_is_listed_and_is_in_the_generated_file(project: Project) -> None:
    project.install("acme-look", "")
    listed = json.loads(project.host("plugins", "list", "--json").stdout)["plugins"]
    assert [(plugin["version"], plugin["status"]) for plugin in listed if plugin["key"] == "acme__look"] == [("1.0.0", "enabled")]
    generated = project.host("generate-config")
    assert (generated.code, generated.stderr) == (0, "")
    text = (project.directory / "generated-config.ts").read_text(encoding="utf-8")
    assert "export const acme__look = {" in text


@pytest.mark.parametrize(
    ("source", "target", "kind", "says"),
    [
        ("import no_such_module", "acme_todo", PluginImportError, "acme_todo cannot be imported"),
        ("", "acme_tood", PluginImportError, "acme_tood cannot be imported"),
        ("", "acme_todo:Todo", PluginImportError, "acme_todo:Todo cannot be imported"),
        ("def register_routes(scope): ...", "acme_todo", HookSignatureError, "is named like a hook but lacks @hookimpl"),
        ("@hookimpl\ndef register_route(scope): ...", "acme_todo", HookSignatureError, "there is no hook 'register_route'"),
        (
            "@hookimpl\ndef register_routes(instance, opts): ...",
            "acme_todo",
            HookSignatureError,
            "register_routes takes instance, opts",
        ),
    ],
    ids=["broken module", "no module", "no object", "no marker", "no such hook", "wrong arguments"],
)
def test_R2_a_faulty_entry_point_is_an_error_that_names_plugin_and_distribution(
    project: Project, source: str, target: str, kind: type[Exception], says: str
) -> None:
    """raclette skips such a backend and continues; here the plugin fails, and ``on_failure`` decides what follows."""
    project.install("acme-todo", source, target=target)
    failure = error(project)
    assert isinstance(failure, kind)
    assert (failure.plugin, failure.distribution) == ("acme__todo", "acme-todo")
    assert says in failure.message


def test_R3_routes_are_litestars_own_functions_controllers_and_routers(project: Project) -> None:
    """There is no second way to write a route."""
    project.install(
        "acme-todo",
        """
        from litestar import Controller, Response, Router, delete, get, patch, post, put
        from litestar.params import FromPath

        @get("/plain", sync_to_thread=False)
        def plain() -> str: return "plain"
        class Tasks(Controller):
            path = "/task"
            @get("/{number:int}")
            async def one(self, number: FromPath[int]) -> int: return number
            @post("/")
            async def add(self) -> str: return "post"
            @patch("/")
            async def change(self) -> str: return "patch"
            @put("/")
            async def replace(self) -> str: return "put"
            @delete("/", status_code=200)
            async def drop(self) -> str: return "delete"
        @get("/inside", sync_to_thread=False)
        def inside() -> Response[str]: return Response("inside", headers={"x-own": "1"})
        @hookimpl
        def register_routes(scope): return [plain, Tasks, Router("/router", route_handlers=[inside])]
        """,
    )

    async def ask(host: Host) -> list[Any]:
        async with client_of(host) as client:
            paths = ("plain", "task/7", "router/inside")
            answers = [await client.get(f"/acme__todo/{path}") for path in paths]
            answers += [await client.request(method, "/acme__todo/task") for method in ("POST", "PATCH", "PUT", "DELETE")]
        return [answer.text for answer in answers]

    assert in_host(project, ask) == ["plain", "7", "inside", "post", "patch", "put", "delete"]


OWNED = """
    from typing import Protocol
    from beanie import Document
    from journal import note

    class Task(Document): ...
    class Clock(Protocol): ...
    @hookimpl
    def register_models(scope): return Task
    @hookimpl
    def register_contract(scope): return Contract(Clock, object(), "1.0", owner="other__plugin")
    @hookimpl
    def register_payload(scope): return PayloadHandler(Task, str, str)
    @hookimpl
    def register_channels(scope): return Channel("taskCreated", dict)
    @hookimpl
    def register_services(scope): return {"store": Service(dict)}
    @hookimpl
    def generate_frontend(scope): return Frontend(custom={"menu": "tasks"})
"""


def test_R4_registered_values_are_recorded_with_the_key_of_their_plugin(project: Project) -> None:
    """Even if it writes another owner into a value."""
    journal(project)
    project.install("acme-todo", ANSWERING + OWNED)
    project.install("acme-other", ANSWERING)

    async def owners() -> Any:
        host = Host(project.settings, role="build")
        await host.assemble()
        (own,) = [plugin for plugin in host.boot.contributions if plugin.key == "acme__todo"]
        values = [*own.contracts, *own.payloads, *own.channels, own.services["store"], own.frontend, own.layer]
        return {value.owner for value in values}, list(host.boot.models)

    assert asyncio.run(owners()) == ({"acme__todo"}, ["acme__todo-task"])


def test_R4_each_plugin_has_its_own_scope(project: Project) -> None:
    for name in ("acme-a", "acme-b"):
        project.install(name, ANSWERING)
    assert response_texts(project, "/acme__a", "/acme__b") == ["acme__a", "acme__b"]


def test_R5_values_returned_by_hooks_are_in_the_generated_file_without_a_database(project: Project) -> None:
    """raclette has ``createModel``, ``registerPayloadHandler`` and the like on the instance, callable at any time. Here each is a
    hook that returns typed values, so everything is known before the start, and the generated file needs no database.
    """
    journal(project)
    project.install("acme-todo", ANSWERING + OWNED)
    assert project.host("generate-config").code == 0
    text = (project.directory / "generated-config.ts").read_text(encoding="utf-8")
    for part in ('"acme__todo--taskCreated"', '"tasks"', 'routePrefix: "/acme__todo"'):
        assert part in text
    assert not (project.directory / ".host").exists()


def test_R5_a_value_of_the_wrong_type_is_refused(project: Project) -> None:
    project.install("acme-todo", "@hookimpl\ndef register_channels(scope): return 'taskCreated'")
    failure = error(project)
    assert isinstance(failure, HookResultError)
    assert "it must return Channel values" in failure.message


SERVICES = """
    from litestar import get

    class Store:
        def find(self): return "found"
    @get("/injected", sync_to_thread=False)
    def injected(store: Store) -> str: return store.find()
    @get("/looked-up", sync_to_thread=False)
    def looked_up(plugin_scope: Scope) -> str: return plugin_scope.services["store"].find()
    class Inner:
        @hookimpl
        def register_routes(self, scope): return [injected, looked_up]
    @hookimpl
    def register_plugins(scope): return Child(Inner, "inner", "/inner")
    @hookimpl
    def register_services(scope): return {"store": Service(Store)}
    @hookimpl
    def register_routes(scope): return [injected, looked_up]
"""


def test_R6_services_are_in_the_scope_and_in_handlers_by_name(project: Project) -> None:
    """Like raclette's ``fastify.custom.storeService``, but typed, and inherited by children."""
    project.install("acme-todo", SERVICES)
    paths = [f"/acme__todo{inner}/{path}" for inner in ("", "/inner") for path in ("injected", "looked-up")]
    assert response_texts(project, *paths) == ["found"] * 4


def test_R6_services_are_created_before_on_startup_and_closed_after_on_shutdown(project: Project) -> None:
    notes = journal(project)
    project.install(
        "acme-todo",
        """
        from journal import note
        @hookimpl
        def register_services(scope):
            return {"store": Service(lambda: note("created") or "store", close=lambda store: note(f"closed {store}"))}
        @hookimpl
        def on_startup(scope): note(f"startup with {scope.services['store']}")
        @hookimpl
        def on_shutdown(scope): note("shutdown")
        """,
    )
    live(project)
    assert notes == ["created", "startup with store", "shutdown", "closed store"]


def test_R6_services_of_another_plugin_are_not_visible(project: Project) -> None:
    project.install("acme-todo", SERVICES)
    project.install("acme-other", "@hookimpl\ndef on_startup(scope): scope.services['store']")
    failure = error(project)
    assert (failure.plugin, failure.hook) == ("acme__other", "on_startup")
    assert "acme__todo has one" in failure.message
