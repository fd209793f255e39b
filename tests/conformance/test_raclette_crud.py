"""raclette's services and what generic tools do with them (rows R11, R14, R25)."""

from __future__ import annotations

from typing import Any

from hookspecs import RequestData, User
from host import Host
from tests.data.cruds import Client, during, install, item, items
from tests.distributions import Project


def test_R11_what_was_deleted_is_in_no_list_and_comes_back(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(_host: Host, ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}))
        gone = await ask("DELETE", f"/task/{row['id']}")
        assert (gone.json()["action"], gone.json()["body"]["deleted"]) == ("dataDelete", [row["id"]])
        assert items(await ask("GET", "/task")) == []
        assert len(items(await ask("GET", "/task?deleted=true"))) == 1
        assert (await ask("POST", f"/task/{row['id']}/restore")).json()["action"] == "dataRestore"
        assert len(items(await ask("GET", "/task"))) == 1

    during(project, run)


def test_R11_what_is_hard_deleted_is_gone(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(_host: Host, ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}))
        gone = await ask("DELETE", f"/task/{row['id']}/hard")
        assert (gone.json()["action"], gone.json()["body"]["deleted"]) == ("dataHardDelete", [row["id"]])
        assert items(await ask("GET", "/task?deleted=true")) == []

    during(project, run)


HALVES = """
@get("/halves", opt=operation(name="halves"))
async def halves(plugin_scope: Scope, request_data: RequestData) -> dict[str, Any]:
    raw = await Task(title="raw").insert()
    service = EntityService(Task, plugin_scope)
    public = await service.create(service.create_type(title="public"), request_data)
    return {"raw": type(raw).__name__, "public": type(public).__name__, "action": public.action}

ROUTES = [halves, crud(Task)]
"""


def test_R14_the_raw_half_gives_documents_and_the_public_half_payloads(project: Project, mongo: str) -> None:
    install(project, mongo, HALVES)

    async def run(_host: Host, ask: Client) -> Any:
        return (await ask("GET", "/halves")).json()

    assert during(project, run) == {"raw": "Task", "public": "Payload", "action": "dataCreate"}


def test_R14_an_undeclared_channel_fails_no_request(project: Project, mongo: str) -> None:
    install(project, mongo, HALVES.replace("[halves, crud(Task)]", "halves"))

    async def run(_host: Host, ask: Client) -> int:
        return (await ask("GET", "/halves")).status_code

    assert during(project, run) == 200


TOOL = """
from host.data import CrudHandlers

@hookimpl
def register_contract(): return ExtensionPoint(CrudHandlers)
"""

#: Stands in the plugin with the documents.
PART = """
ROUTES = crud(Task)

@hookimpl
def register_contract(scope): return Extension(CrudHandlers, EntityService(Task, scope), optional=True)
"""


def test_R25_a_generic_tool_acts_on_documents_of_other_plugins(project: Project, mongo: str) -> None:
    install(project, mongo, PART)
    project.install("acme-bench", TOOL)

    async def run(host: Host, _ask: Client) -> None:
        from host.data import CrudHandlers, Listing

        (tasks,) = host.plugins["acme__bench"].scope.extensions(CrudHandlers)
        request = RequestData(user=User(id="tool"))
        assert tasks.type == "task"
        made = await tasks.create(tasks.create_type.model_validate({"title": "a", "hours": 1}), request)
        (row,) = made.body.items
        await tasks.update(row["id"], tasks.update_type.model_validate({"title": "b"}), request)
        (read,) = (await tasks.read(row["id"], request)).body.items
        assert (read["title"], read["hours"], read["owner"]) == ("b", 1, "tool")
        assert (await tasks.delete(row["id"], request)).body.deleted == [row["id"]]
        assert (await tasks.read_all(Listing(filters={"title": "b"}), request)).body.items == []
        assert len((await tasks.restore(row["id"], request)).body.items) == 1
        assert (await tasks.hard_delete(row["id"], request)).body.deleted == [row["id"]]

    during(project, run)


def test_R25_the_plugin_is_complete_without_such_a_tool(project: Project, mongo: str) -> None:
    install(project, mongo, PART)

    async def run(_host: Host, ask: Client) -> int:
        return (await ask("GET", "/task")).status_code

    assert during(project, run) == 200
