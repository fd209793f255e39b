"""EzBackend's generated routes, their rules and their events, as ``host.data.crud`` has them (rows E14 to E19)."""

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
        return {one.name: one.endpoint for one in host.boot.contributions[0].operations}

    assert during(project, look) == OPERATIONS


def test_E14_create_asks_for_what_has_no_default_and_takes_nothing_that_is_generated(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(_host: Host, ask: Client) -> None:
        assert problem(await ask("POST", "/task", {}))[1] == [{"key": "title", "message": "Field required"}]
        assert (await ask("POST", "/task", {"title": "a", "createdAt": "2020-01-01T00:00:00Z"})).status_code == 400
        assert (await ask("POST", "/task", {"title": "a"})).status_code == 201

    during(project, run)


def test_E14_update_takes_any_of_the_fields_and_leaves_the_rest(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(_host: Host, ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a", "hours": 1}))
        after = item(await ask("PATCH", f"/task/{row['id']}", {"status": "done"}))
        assert (after["title"], after["hours"], after["status"]) == ("a", 1, "done")

    during(project, run)


def test_E14_what_does_not_fit_is_400_and_what_is_not_there_404(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(_host: Host, ask: Client) -> None:
        nobody = "/task/00000000-0000-4000-8000-000000000000"
        assert problem(await ask("PATCH", nobody, {"status": "nope"}))[0] == 400
        assert problem(await ask("GET", nobody))[0] == 404

    during(project, run)


def test_E15_routes_are_chosen_and_any_option_of_one_is_set_alone(project: Project, mongo: str) -> None:
    more = """
def never(connection: Any, handler: Any) -> None:
    raise PermissionDeniedException("never")

ROUTES = crud(Task, exclude=["deleteHard"], guards={"update": [never]}, options={"create": {"status_code": 202}})
"""
    install(project, mongo, more)

    async def run(_host: Host, ask: Client) -> None:
        created = await ask("POST", "/task", {"title": "a"})
        one = f"/task/{item(created)['id']}"
        assert created.status_code == 202
        assert (await ask("PATCH", one, {"title": "b"})).status_code == 403
        assert (await ask("DELETE", f"{one}/hard")).status_code == 404
        assert (await ask("DELETE", one)).status_code == 200

    during(project, run)


def test_E16_every_refusal_has_one_shape(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(_host: Host, ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}))
        one = f"/task/{row['id']}"
        calls = [
            (400, "POST", "/task", {}),
            (404, "GET", "/task/00000000-0000-4000-8000-000000000000"),
            (409, "PATCH", one, {"title": "b", "version": 7}),
            (405, "PUT", one, {}),
        ]
        for status, *call in calls:
            answer = await ask(*call)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.status_code == answer.json()["status"] == status
            assert {"type", "title", "detail", "requestId"} <= answer.json().keys()

    during(project, run)


RULES = """
ROUTES = crud(Task)

@hookimpl
def register_rules(): return Rules(model=Task, read=owner, create=signed_in)
"""


def test_E17_rules_hold_for_routes(project: Project, mongo: str) -> None:
    install(project, mongo, RULES, users=True)

    async def run(_host: Host, ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}, "ann"))
        one = f"/task/{row['id']}"
        assert [(await ask("GET", one, user=user)).status_code for user in ("", "bob", "ann")] == [401, 404, 200]
        assert items(await ask("GET", "/task", user="bob")) == []

    during(project, run)


def test_E17_rules_filter_what_is_sent_to_sockets(project: Project, mongo: str) -> None:
    install(project, mongo, RULES, users=True)

    async def run(host: Host, ask: Client) -> None:
        async with socket(host, {"x-user": "ann"}) as ann, socket(host, {"x-user": "bob"}) as bob:
            for one in (ann, bob):
                await one.subscribe(CREATED)
            answer = await ask("POST", "/task", {"title": "a"}, "ann")
            assert await ann.next_message() == {"channel": CREATED, "data": answer.json()}
            assert await bob.received_nothing()

    during(project, run)


def test_E17_who_has_not_signed_in_is_told_so_where_rules_keep_everything_from_them(project: Project, mongo: str) -> None:
    """As the routes answer 401: a page that is silently left out would take the silence for no news."""
    install(project, mongo, RULES, users=True)

    async def run(host: Host, _ask: Client) -> None:
        async with socket(host) as nobody:
            told = await nobody.request({"subscribe": CREATED, "ack": True})
            assert (told["channel"], told["status"]) == (CREATED, 401)

    during(project, run)


def test_E17_what_everybody_may_read_everybody_hears(project: Project, mongo: str) -> None:
    install(project, mongo, RULES.replace("read=owner", "read=anyone"), users=True)

    async def run(host: Host, ask: Client) -> None:
        async with socket(host) as nobody:
            await nobody.subscribe(CREATED)
            answer = await ask("POST", "/task", {"title": "a"}, "ann")
            assert await nobody.next_message() == {"channel": CREATED, "data": answer.json()}

    during(project, run)


def test_E17_the_plugin_itself_is_not_held_by_rules(project: Project, mongo: str) -> None:
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


def test_E18_each_change_is_announced_with_the_object_of_the_answer(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(host: Host, ask: Client) -> None:
        channels = [f"acme__todo--task{what}" for what in ("Created", "Updated", "Deleted", "Restored")]
        async with socket(host) as ws:
            await ws.subscribe(*channels)
            created = await ask("POST", "/task", {"title": "a"})
            assert await ws.next_message() == {"channel": channels[0], "data": created.json()}
            one = f"/task/{item(created)['id']}"
            calls = [("PATCH", one, {"title": "b"}), ("DELETE", one), ("POST", f"{one}/restore"), ("DELETE", f"{one}/hard")]
            for call, channel in zip(calls, (channels[1], channels[2], channels[3], channels[2]), strict=True):
                answer = await ask(*call)
                assert await ws.next_message() == {"channel": channel, "data": answer.json()}

    during(project, run)


def test_E18_what_fails_is_not_announced(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(host: Host, ask: Client) -> None:
        async with socket(host) as ws:
            await ws.subscribe(CREATED)
            await ask("POST", "/task", {})
            assert await ws.received_nothing()

    during(project, run)


def test_E18_who_asks_for_it_is_not_announced(project: Project, mongo: str) -> None:
    install(project, mongo)

    async def run(host: Host, ask: Client) -> None:
        async with socket(host) as ws:
            await ws.subscribe(CREATED)
            assert (await ask("POST", "/task", {"title": "a"}, headers={"x-broadcast": "false"})).status_code == 201
            assert await ws.received_nothing()

    during(project, run)


def test_E18_a_plugins_own_writes_are_not_announced_by_themselves(project: Project, mongo: str) -> None:
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


def test_E19_development_writes_what_the_types_give(project: Project) -> None:
    install(project, "")
    assert project.host("generate-config").code == 0
    written = (project.directory / "generated-config.ts").read_text(encoding="utf-8")
    assert "interface TaskCreate {" in written
    assert "interface TaskUpdate {" in written


def test_E19_in_production_what_was_built_is_the_authority(project: Project) -> None:
    """EzBackend reads the saved schemas and does not compare. Here a model that has changed since is told, with its types."""
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
