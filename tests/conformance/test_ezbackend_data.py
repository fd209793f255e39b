"""Models: declared without a database, opened together, then used (row E13)."""

from __future__ import annotations

from typing import Any

from host import Host
from tests.conformance.kit import in_host, journal, models
from tests.distributions import Project

MODEL = """
    from beanie.exceptions import CollectionWasNotInitialized
    from host.data import Document, crud
    from journal import note

    class Task(Document):
        title: str = "a"

        @classmethod
        async def custom_init(cls): note("open {name}")

    async def count(when):
        try:
            note(f"{when} {await Task.count()}")
        except CollectionWasNotInitialized:
            note(f"{when} too early")

    @hookimpl
    def register_models():
        note("declare {name}")
        return Task

    @hookimpl
    async def configure(): await count("configure")

    @hookimpl
    async def on_startup(): await count("on_startup")
"""


def test_E13_all_models_are_declared_then_opened_then_used(project: Project) -> None:
    entries = journal(project)
    for name in ("one", "two"):
        project.install(f"acme-{name}", MODEL.replace("{name}", name))

    async def nothing(_host: Host) -> None: ...

    in_host(project, nothing)
    assert entries == [
        *("configure too early", "configure too early"),
        *("declare one", "declare two"),
        *("open one", "open two"),
        *("on_startup 0", "on_startup 0"),
    ]


def test_E13_generate_config_needs_no_database_and_run_does(project: Project) -> None:
    journal(project)
    project.install("acme-one", MODEL.replace("{name}", "one"))
    project.configure('[database]\nurl = "mongodb://127.0.0.1:1/"\ntimeout = 1.0\n')
    assert project.host("generate-config", "--stdout").code == 0
    assert project.host("run", "--port", "0").code == 4


def test_E13_models_with_one_name_in_two_plugins_have_two_collections(project: Project) -> None:
    journal(project)
    for name in ("one", "two"):
        project.install(f"acme-{name}", MODEL.replace("{name}", name))

    async def store(host: Host) -> list[Any]:
        first, second = (models(host, f"acme__{name}")[0] for name in ("one", "two"))
        await first().insert()
        return [first.get_collection_name(), await first.count(), second.get_collection_name(), await second.count()]

    assert in_host(project, store) == ["acme__one-task", 1, "acme__two-task", 0]


def test_E13_crud_gives_a_model_its_routes(project: Project) -> None:
    journal(project)
    payload = """
    @hookimpl
    def register_payload(): return PayloadHandler(Task, lambda task: task.title, lambda task: "")

    @hookimpl
    def register_routes(): return crud(Task)
"""
    project.install("acme-one", MODEL.replace("{name}", "one") + payload)

    async def routes(host: Host) -> set[str]:
        return {route.path for route in host.app.routes if route.path.startswith("/acme__one")}

    assert in_host(project, routes) == {
        "/acme__one/task",
        "/acme__one/task/{id:uuid}",
        "/acme__one/task/{id:uuid}/hard",
        "/acme__one/task/{id:uuid}/restore",
    }
