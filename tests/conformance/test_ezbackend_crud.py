"""EzBackend's generated routes, their rules and their events, as ``host.data.crud`` provides them (rows E14 to E19)."""

from __future__ import annotations

from host import Host
from tests.channels.clients import socket
from tests.data.cruds import Client, during, install, item, items, problem
from tests.distributions import Project

CREATED = "acme__todo--taskCreated"

OPERATIONS = {
    "getAll": "GET /task",
    "get": "GET /task/{id:uuid}",
    "create": "POST /task",
    "update": "PATCH /task/{id:uuid}",
    "delete": "DELETE /task/{id:uuid}",
    "deleteHard": "DELETE /task/{id:uuid}/hard",
    "restore": "POST /task/{id:uuid}/restore",
}


def test_E14_a_model_alone_gives_all_routes(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def look(host: Host, _ask: Client) -> dict[str, str]:
        return {operation.name: operation.endpoint for operation in host.boot.contributions[0].operations}

    assert during(project, look) == OPERATIONS


def test_E14_create_requires_fields_without_a_default_and_refuses_generated_fields(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(_host: Host, ask: Client) -> None:
        assert problem(await ask("POST", "/task", {}))[1] == [{"key": "title", "message": "Field required"}]
        assert (await ask("POST", "/task", {"title": "a", "createdAt": "2020-01-01T00:00:00Z"})).status_code == 400
        assert (await ask("POST", "/task", {"title": "a"})).status_code == 201

    during(project, run)


def test_E14_update_changes_only_the_fields_in_the_request(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(_host: Host, ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a", "hours": 1}))
        after = item(await ask("PATCH", f"/task/{row['id']}", {"status": "done"}))
        assert (after["title"], after["hours"], after["status"]) == ("a", 1, "done")

    during(project, run)


def test_E14_an_invalid_body_is_answered_400_and_an_unknown_id_404(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(_host: Host, ask: Client) -> None:
        unknown = "/task/00000000-0000-4000-8000-000000000000"
        assert problem(await ask("PATCH", unknown, {"status": "nope"}))[0] == 400
        assert problem(await ask("GET", unknown))[0] == 404

    during(project, run)


def test_E15_single_routes_are_excluded_replaced_guarded_and_configured(project: Project, mongo: str) -> None:
    more = """
def never(connection: Any, handler: Any) -> None:
    raise PermissionDeniedException("never")

async def nothing(self: Any, plugin_scope: Scope) -> Payload[Task]:
    return await plugin_scope.payload([], model=Task)

ROUTES = crud(
    Task,
    exclude=["deleteHard"],
    replace={"getAll": nothing},
    guards={"update": [never]},
    options={"create": {"status_code": 202}},
)
"""
    install(project, mongo, more)

    async def run(_host: Host, ask: Client) -> None:
        created = await ask("POST", "/task", {"title": "a"})
        path = f"/task/{item(created)['id']}"
        assert created.status_code == 202
        assert (await ask("PATCH", path, {"title": "b"})).status_code == 403
        assert (await ask("DELETE", f"{path}/hard")).status_code == 404
        assert items(await ask("GET", "/task")) == []
        assert (await ask("DELETE", path)).status_code == 200

    during(project, run)


def test_E16_error_responses_have_one_shape(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(_host: Host, ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}))
        path = f"/task/{row['id']}"
        calls = [
            (400, "POST", "/task", {}),
            (404, "GET", "/task/00000000-0000-4000-8000-000000000000"),
            (409, "PATCH", path, {"title": "b", "version": 7}),
            (405, "PUT", path, {}),
        ]
        for status, *call in calls:
            response = await ask(*call)
            assert response.headers["content-type"] == "application/problem+json"
            assert response.status_code == response.json()["status"] == status
            assert {"type", "title", "detail", "requestId"} <= response.json().keys()

    during(project, run)


RULES = """
ROUTES = crud(Task)

@hookimpl
def register_rules(): return Rules(model=Task, read=owner, create=signed_in)
"""


def test_E17_rules_apply_to_routes(project: Project, mongo: str) -> None:
    install(project, mongo, RULES, users=True)

    async def run(_host: Host, ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}, "ann"))
        path = f"/task/{row['id']}"
        assert [(await ask("GET", path, user=user)).status_code for user in ("", "bob", "ann")] == [401, 404, 200]
        assert items(await ask("GET", "/task", user="bob")) == []

    during(project, run)


def test_E17_rules_filter_messages_to_sockets(project: Project, mongo: str) -> None:
    install(project, mongo, RULES, users=True)

    async def run(host: Host, ask: Client) -> None:
        async with socket(host, {"x-user": "ann"}) as ann, socket(host, {"x-user": "bob"}) as bob:
            for client in (ann, bob):
                await client.subscribe(CREATED)
            answer = await ask("POST", "/task", {"title": "a"}, "ann")
            assert await ann.next_message() == {"channel": CREATED, "data": answer.json()}
            assert await bob.received_nothing()

    during(project, run)


def test_E17_an_anonymous_subscription_is_answered_401_if_the_rules_require_a_user(project: Project, mongo: str) -> None:
    """As for routes: a page that silently receives nothing would conclude that nothing happens."""
    install(project, mongo, RULES, users=True)

    async def run(host: Host, _ask: Client) -> None:
        async with socket(host) as anonymous:
            refusal = await anonymous.request({"subscribe": CREATED, "ack": True})
            assert (refusal["channel"], refusal["status"]) == (CREATED, 401)

    during(project, run)


def test_E17_an_anonymous_client_receives_messages_that_anyone_may_read(project: Project, mongo: str) -> None:
    install(project, mongo, RULES.replace("read=owner", "read=anyone"), users=True)

    async def run(host: Host, ask: Client) -> None:
        async with socket(host) as anonymous:
            await anonymous.subscribe(CREATED)
            answer = await ask("POST", "/task", {"title": "a"}, "ann")
            assert await anonymous.next_message() == {"channel": CREATED, "data": answer.json()}

    during(project, run)


def test_E17_rules_do_not_apply_to_queries_of_the_plugin_itself(project: Project, mongo: str) -> None:
    more = """
@get("/count", opt=operation(name="count"))
async def count() -> int:
    return await Task.count()
"""
    install(project, mongo, more + RULES.replace("crud(Task)", "[count, crud(Task)]"), users=True)

    async def run(_host: Host, ask: Client) -> None:
        await ask("POST", "/task", {"title": "a"}, "ann")
        assert (await ask("GET", "/count")).json() == 1

    during(project, run)


def test_E18_each_change_is_broadcast_with_the_object_of_the_response(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(host: Host, ask: Client) -> None:
        channels = [f"acme__todo--task{change}" for change in ("Created", "Updated", "Deleted", "Restored")]
        async with socket(host) as ws:
            await ws.subscribe(*channels)
            created = await ask("POST", "/task", {"title": "a"})
            assert await ws.next_message() == {"channel": channels[0], "data": created.json()}
            path = f"/task/{item(created)['id']}"
            calls = [("PATCH", path, {"title": "b"}), ("DELETE", path), ("POST", f"{path}/restore"), ("DELETE", f"{path}/hard")]
            for call, channel in zip(calls, (channels[1], channels[2], channels[3], channels[2]), strict=True):
                answer = await ask(*call)
                assert await ws.next_message() == {"channel": channel, "data": answer.json()}

    during(project, run)


def test_E18_a_failed_request_is_not_broadcast(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(host: Host, ask: Client) -> None:
        async with socket(host) as ws:
            await ws.subscribe(CREATED)
            await ask("POST", "/task", {})
            assert await ws.received_nothing()

    during(project, run)


def test_E18_a_request_may_opt_out_of_its_broadcast(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(host: Host, ask: Client) -> None:
        async with socket(host) as ws:
            await ws.subscribe(CREATED)
            assert (await ask("POST", "/task", {"title": "a"}, headers={"x-broadcast": "false"})).status_code == 201
            assert await ws.received_nothing()

    during(project, run)


def test_E18_direct_writes_of_a_plugin_are_not_broadcast(project: Project, mongo: str) -> None:
    more = """
@post("/quiet", opt=operation(name="quiet"))
async def quiet() -> None:
    await Task(title="a").insert()

ROUTES = [quiet, crud(Task)]
"""
    install(project, mongo, more)

    async def run(host: Host, ask: Client) -> None:
        async with socket(host) as ws:
            await ws.subscribe(CREATED)
            assert (await ask("POST", "/quiet")).status_code == 201
            assert await ws.received_nothing()

    during(project, run)


def test_E19_in_development_the_schemas_are_written_to_the_generated_file(project: Project) -> None:
    install(project, "")
    assert project.host("generate-config").code == 0
    written = (project.directory / "generated-config.ts").read_text(encoding="utf-8")
    assert "interface TaskCreate {" in written
    assert "interface TaskUpdate {" in written


def test_E19_in_production_a_model_that_differs_from_the_build_is_refused_and_nothing_written(project: Project) -> None:
    """EzBackend reads the saved schemas without comparing them; here the plugin and the changed types are named."""
    install(project, "")
    assert project.host("build").code == 0
    source = project.site.directory / "acme_todo.py"
    source.write_text(source.read_text(encoding="utf-8").replace("points: int = 0", "credits: int = 0"), encoding="utf-8")
    before = {path: path.read_bytes() for path in project.directory.rglob("*") if path.is_file()}
    refused = project.host("run", "--production", "--port", "0")
    assert refused.code != 0
    assert "acme__todo" in refused.stderr
    assert "TaskCreate" in refused.stderr
    assert {path: path.read_bytes() for path in before} == before
