"""raclette's services, and generic tools that use them (rows R11, R14, R25)."""

from __future__ import annotations

from typing import Any

from hookspecs import RequestData, User
from host import Host
from tests.data.cruds import Client, during, install, item, items
from tests.distributions import Project


def test_R11_a_deleted_document_is_listed_only_on_request_and_can_be_restored(project: Project, mongo: str) -> None:
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


def test_R11_a_hard_deleted_document_is_in_no_list(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(_host: Host, ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}))
        gone = await ask("DELETE", f"/task/{row['id']}/hard")
        assert (gone.json()["action"], gone.json()["body"]["deleted"]) == ("dataHardDelete", [row["id"]])
        assert items(await ask("GET", "/task?deleted=true")) == []

    during(project, run)


SERVICES = """
@get("/services", opt=operation(name="services"))
async def services(plugin_scope: Scope, request_data: RequestData) -> dict[str, Any]:
    raw = await Task(title="raw").insert()
    service = EntityService(Task, plugin_scope)
    public = await service.create(service.create_type(title="public"), request_data)
    return {"raw": type(raw).__name__, "public": type(public).__name__, "action": public.action}

ROUTES = [services, crud(Task)]
"""


def test_R14_raw_calls_return_documents_and_public_services_payloads(project: Project, mongo: str) -> None:
    install(project, mongo, SERVICES)

    async def run(_host: Host, ask: Client) -> Any:
        return (await ask("GET", "/services")).json()

    assert during(project, run) == {"raw": "Task", "public": "Payload", "action": "dataCreate"}


def test_R14_a_public_service_works_without_declared_channels(project: Project, mongo: str) -> None:
    install(project, mongo, SERVICES.replace("[services, crud(Task)]", "services"))

    async def run(_host: Host, ask: Client) -> int:
        return (await ask("GET", "/services")).status_code

    assert during(project, run) == 200


TOOL = """
from host.data import CrudHandlers

@hookimpl
def register_contract(): return ExtensionPoint(CrudHandlers)
"""

#: Added to the plugin with the documents.
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
        created = await tasks.create(tasks.create_type.model_validate({"title": "a", "hours": 1}), request)
        (row,) = created.body.items
        await tasks.update(row["id"], tasks.update_type.model_validate({"title": "b"}), request)
        (read,) = (await tasks.read(row["id"], request)).body.items
        assert (read["title"], read["hours"], read["owner"]) == ("b", 1, "tool")
        assert (await tasks.delete(row["id"], request)).body.deleted == [row["id"]]
        assert (await tasks.read_all(Listing(filters={"title": "b"}), request)).body.items == []
        assert len((await tasks.restore(row["id"], request)).body.items) == 1
        assert (await tasks.hard_delete(row["id"], request)).body.deleted == [row["id"]]

    during(project, run)


def test_R25_a_plugin_serves_without_the_generic_tool(project: Project, mongo: str) -> None:
    install(project, mongo, PART)

    async def run(_host: Host, ask: Client) -> int:
        return (await ask("GET", "/task")).status_code

    assert during(project, run) == 200
