"""Payloads, and what a route declares about its responses: one envelope over HTTP and on channels (rows R13 to R16)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hookspecs import StoreAction
from host import Host
from host.common.errors import FrontendError, HookCallError, PayloadError
from tests.channels.clients import socket
from tests.conformance.kit import error, get, in_host
from tests.distributions import Project
from tests.inprocess import client_of

PLUGIN = """
    from datetime import UTC, datetime
    from typing import Any
    from litestar import Request, get, patch, post
    from litestar.di import NamedDependency
    from pydantic import BaseModel, ConfigDict
    from pydantic.alias_generators import to_camel

    class Task(BaseModel):
        model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
        id: str = "1"
        title: str = "Water the plants"
        tags: list[str] = ["garden"]
        created_at: datetime = datetime(2026, 1, 2, tzinfo=UTC)
        updated_at: datetime = datetime(2026, 1, 3, tzinfo=UTC)

    class Note(BaseModel): ...

    def fields(task, request):
        return {"owner": "NONE", "project": request.project if isinstance(request, RequestData) else None}

    @hookimpl
    def register_payload(scope): return PayloadHandler(Task, lambda task: task.title, lambda task: "due today", fields)
    @hookimpl
    def register_channels(scope): return Channel("taskCreated", Payload[Task])

    @get("/task")
    async def read(plugin_scope: Scope, request_data: NamedDependency[RequestData]) -> Payload[Task]:
        return await plugin_scope.payload([Task()], request=request_data)
    @post("/task", opt=operation("dataCreate", broadcast=["taskCreated"]))
    async def create(plugin_scope: Scope, request_data: NamedDependency[RequestData]) -> Payload[Task]:
        payload = await plugin_scope.payload([Task()], request=request_data)
        await plugin_scope.broadcast("taskCreated", payload)
        return payload
    @patch("/task/{id:str}", opt=operation(StoreAction.UPDATE))
    async def update(plugin_scope: Scope, request: Request[Any, Any, Any]) -> Payload[Task]:
        return await plugin_scope.payload([Task(title="Now")], prev_version=Task(), request=request)
    @post("/task/{id:str}/archive", opt=operation("dataMove"))
    async def create_archive(plugin_scope: Scope, request_data: NamedDependency[RequestData]) -> Payload[Task]:
        return await plugin_scope.payload([], model=Task, deleted=["1"], request=request_data)
    @get("/note")
    async def note(plugin_scope: Scope) -> Payload[Note]:
        return await plugin_scope.payload([Note()])

    @hookimpl
    def register_routes(scope): return [read, create, update, create_archive, note]
"""


def _answers(project: Project, *requests: tuple[str, str], **headers: str) -> list[Any]:
    async def ask(host: Host) -> list[Any]:
        async with client_of(host) as client:
            responses = [await client.request(method, f"/acme__todo{path}", headers=headers) for method, path in requests]
        return [(response.status_code, response.json()) for response in responses]

    project.install("acme-todo", PLUGIN)
    return in_host(project, ask)


def test_R13_a_row_has_label_context_tags_and_timestamps_beside_the_document(project: Project) -> None:
    ((status, payload),) = _answers(project, ("GET", "/task"))
    (row,) = payload["body"]["items"]
    assert (status, payload["type"]) == (200, "task")
    assert row == {
        "id": "1",
        "title": "Water the plants",
        "tags": ["garden"],
        "createdAt": "2026-01-02T00:00:00Z",
        "updatedAt": "2026-01-03T00:00:00Z",
        "_displayName": "Water the plants",
        "_completion": "due today",
        "_tags": ["garden"],
        "owner": "NONE",
        "project": None,
    }


def test_R13_fields_receive_the_request_data(project: Project) -> None:
    ((_, payload),) = _answers(project, ("GET", "/task"), **{"X-Project": "garden"})
    assert payload["body"]["items"][0]["project"] == "garden"


@pytest.mark.parametrize("missing", ["display_name", "completion"])
def test_R13_label_and_context_are_required(project: Project, missing: str) -> None:
    arguments = {"display_name": "str", "completion": "str"}
    del arguments[missing]
    remaining = ", ".join(f"{name}={value}" for name, value in arguments.items())
    project.install(
        "acme-todo", f"class Task: ...\n@hookimpl\ndef register_payload(scope): return PayloadHandler(Task, {remaining})\n"
    )
    failure = error(project)
    assert isinstance(failure, HookCallError)
    assert (failure.plugin, failure.hook) == ("acme__todo", "register_payload")
    assert missing in failure.facts["cause"]


def test_R13_a_label_that_is_not_callable_is_refused(project: Project) -> None:
    project.install(
        "acme-todo", "class Task: ...\n@hookimpl\ndef register_payload(scope): return PayloadHandler(Task, 'title', str)\n"
    )
    assert "display_name of the payload handler of Task must be callable" in error(project).facts["cause"]


def test_R13_a_class_without_a_handler_is_a_500_that_does_not_name_the_class(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    ((status, problem),) = _answers(project, ("GET", "/note"))
    (record,) = [record for record in caplog.records if record.exc_info]
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], PayloadError)
    assert "no payload handler is registered for Note; classes with a handler: Task" in record.exc_info[1].message
    assert (status, "Note" in str(problem)) == (500, False)


def test_R13_the_previous_version_and_the_deleted_ids_are_in_the_envelope(project: Project) -> None:
    (_, updated), (_, gone) = _answers(project, ("PATCH", "/task/1"), ("POST", "/task/1/archive"))
    assert updated["body"]["prevVersion"]["_displayName"] == "Water the plants"
    assert updated["body"]["items"][0]["_displayName"] == "Now"
    assert gone["body"] == {"items": [], "deleted": ["1"]}


def test_R14_the_response_and_the_message_on_the_channel_are_the_same_json(project: Project) -> None:
    project.install("acme-todo", PLUGIN)

    async def both(host: Host) -> tuple[int, str, str]:
        async with socket(host) as ws, client_of(host) as client:
            await ws.subscribe("acme__todo--taskCreated")
            answer = await client.post("/acme__todo/task")
            event = await ws.next_event()
        return answer.status_code, answer.text, event["text"]

    status, answer, frame = in_host(project, both)
    assert status == 201
    assert json.loads(frame) == {"channel": "acme__todo--taskCreated", "data": json.loads(answer)}
    assert answer in frame


def test_R15_a_route_declares_its_store_action_and_channels(project: Project) -> None:
    project.install("acme-todo", PLUGIN)
    assert project.host("generate-config").code == 0
    text = (project.directory / "generated-config.ts").read_text(encoding="utf-8")
    assert 'storeActionType: "dataCreate"' in text
    assert '"acme__todo--taskCreated"' in text
    ((_, created),) = _answers(project, ("POST", "/task"))
    assert created["action"] == "dataCreate"


def test_R15_nothing_is_inferred_from_the_name_of_a_handler(project: Project) -> None:
    """``create_archive`` declares ``dataMove``; ``read`` declares nothing, so its operation has no ``storeActionType``."""
    project.install("acme-todo", PLUGIN)
    routes = {
        route["path"]: route["storeAction"] for route in _routes(project) if route["method"] == "GET" or "archive" in route["path"]
    }
    assert routes == {"/acme__todo/task": None, "/acme__todo/note": None, "/acme__todo/task/{id:str}/archive": "dataMove"}
    ((_, moved),) = _answers(project, ("POST", "/task/1/archive"))
    assert moved["action"] == "dataMove"


def test_R15_plugins_check_lists_the_routes_without_a_store_action(project: Project) -> None:
    project.install("acme-todo", PLUGIN)
    assert "ok  acme__todo  (no store action: GET /task, GET /note)" in project.host("plugins", "check").stdout
    checked = json.loads(project.host("plugins", "check", "--json").stdout)
    assert checked["withoutStoreAction"] == {"acme__todo": ["GET /task", "GET /note"]}


def _routes(project: Project) -> list[dict[str, Any]]:
    listed = project.host("routes", "--json")
    assert listed.code == 0, listed.stderr
    return [route for route in json.loads(listed.stdout)["routes"] if route["plugin"] == "acme__todo"]


def test_R15_an_undeclared_channel_is_refused(project: Project) -> None:
    project.install("acme-todo", PLUGIN.replace('broadcast=["taskCreated"]', 'broadcast=["taskMade"]'))
    failure = error(project)
    assert isinstance(failure, FrontendError)
    assert "taskMade" in failure.message


def test_R16_the_store_actions_are_these_seven() -> None:
    assert [action.value for action in StoreAction] == [
        "dataRead",
        "dataCreate",
        "dataUpdate",
        "dataDelete",
        "dataHardDelete",
        "dataMove",
        "dataRestore",
    ]


@pytest.mark.parametrize("action", ["dataPush", "DATACREATE", "create", ""])
def test_R16_any_other_action_is_an_error_when_the_plugin_is_loaded(project: Project, action: str) -> None:
    """``dataPush`` is in an older example of raclette."""
    project.install("acme-todo", PLUGIN.replace('"dataMove"', repr(action)))
    failure = error(project)
    assert failure.plugin == "acme__todo"
    assert f"unknown store action {action!r}" in failure.facts["cause"]


def test_R16_a_payload_with_any_other_action_is_answered_500(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install("acme-todo", PLUGIN.replace("payload([Task()], request=request_data)", "payload([Task()], action='dataPush')"))
    (answer,) = get(project, "/acme__todo/task")
    assert answer.status_code == 500
    assert "unknown store action 'dataPush'; there are dataRead, dataCreate" in caplog.text
