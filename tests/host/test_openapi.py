"""The host's OpenAPI document: the transferred data, and the problems of each route."""

from __future__ import annotations

from typing import Any

import pytest
from litestar._openapi.plugin import OpenAPIPlugin

from tests.distributions import Project
from tests.host.running import boot

SOURCE = """
    from enum import StrEnum
    from typing import Any
    from beanie import Document
    from litestar import Response, delete, get, post
    from litestar.exceptions import HTTPException, NotFoundException
    from litestar.openapi import ResponseSpec
    from litestar.params import FromPath, JSONBody
    from pydantic import BaseModel, ConfigDict, Field
    from pydantic.alias_generators import to_camel

    class Colour(StrEnum):
        RED = "red"

    class Part(BaseModel):
        size: int = 1
        inner: "list[Part]" = []

    class Task(Document):
        model_config = ConfigDict(alias_generator=lambda name: "_id" if name == "id" else to_camel(name))
        id: str = Field(default="")
        due_at: str | None = None
        colour: Colour = Colour.RED
        part: Part = Part()

    class NoTask(NotFoundException):
        \"\"\"404: there is no such task.\"\"\"

    class Full(HTTPException):
        \"\"\"402: the shelf is full.

        More of it.
        \"\"\"
        status_code = 402

    @get("/task", operation_id="NAMEread", opt=operation("dataRead"))
    async def read() -> Payload[Task]: ...
    @post("/task", operation_id="NAMEmake", raises=[Full])
    async def make(data: JSONBody[Part]) -> Response[Payload[Task]]: ...
    @get("/task/{id:uuid}", operation_id="NAMEone", raises=[NoTask])
    async def one(id: FromPath[Any]) -> Task: ...
    @get("/secret", operation_id="NAMEsecret", guards=[requires("admin")])
    async def secret() -> Payload[Any]: ...
    @get("/own", operation_id="NAMEown", responses={503: ResponseSpec(Part)})
    async def own() -> list[Task]: ...

    @hookimpl
    def register_models(scope): return Task
    @hookimpl
    def register_payload(scope): return PayloadHandler(Task, str, str, type="chore")
    @hookimpl
    def register_contract(scope): return CONTRACT
    @hookimpl
    def register_routes(scope): return [read, make, one, secret, own]
"""
USERS = """Contract(Authenticator, type("Users", (), {"authenticate": authenticate})(), "1.0")

    async def authenticate(self, connection): return None
"""


def _install(project: Project, name: str, contract: str) -> None:
    project.install(name, SOURCE.replace("CONTRACT", contract).replace("NAME", name))


@pytest.fixture
def document(project: Project) -> dict[str, Any]:
    """Return the document of two plugins with classes of the same names."""
    _install(project, "shop-cart", USERS)
    _install(project, "acme-todo", "None")
    return _document(project)


def _document(project: Project) -> dict[str, Any]:
    schema: dict[str, Any] = boot(project).assemble().openapi_schema.to_schema()
    return schema


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    target: Any = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return _resolved(document, target)


def _answer(document: dict[str, Any], path: str, method: str = "get", status: str = "200") -> dict[str, Any]:
    (content,) = document["paths"][path][method]["responses"][status]["content"].values()
    return _resolved(document, content["schema"])


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [reference for value in node.values() for reference in _references(value)]
    return [reference for value in node for reference in _references(value)] if isinstance(node, list) else []


def test_a_payload_is_described_as_it_is_sent(document: dict[str, Any]) -> None:
    payload = _answer(document, "/acme__todo/task")
    body = payload["properties"]["body"]
    assert payload["required"] == ["type", "action", "body"]
    assert payload["properties"]["type"]["const"] == "chore"
    assert "dataRead" in payload["properties"]["action"]["enum"]
    assert (body["required"], sorted(body["properties"])) == (["items"], ["deleted", "items", "page", "prevVersion"])
    assert body["properties"]["prevVersion"] == body["properties"]["items"]["items"]


def test_a_row_has_the_fields_of_the_document_on_the_wire_and_those_of_the_host(document: dict[str, Any]) -> None:
    row = _resolved(document, _answer(document, "/acme__todo/task")["properties"]["body"]["properties"]["items"]["items"])
    fields, added = (_resolved(document, part) for part in row["allOf"])
    assert sorted(fields["properties"]) == sorted(fields["required"]) == ["colour", "dueAt", "id", "part"]
    assert fields["properties"]["colour"]["enum"] == ["red"]
    assert added["required"] == ["_displayName", "_completion", "_tags"]


def test_a_document_that_a_route_returns_directly_has_no_fields_of_the_host(document: dict[str, Any]) -> None:
    assert sorted(_answer(document, "/acme__todo/task/{id}")["properties"]) == ["colour", "dueAt", "id", "part"]
    items = _resolved(document, _answer(document, "/acme__todo/own")["items"])
    assert sorted(items["properties"]) == ["colour", "dueAt", "id", "part"]


def test_a_class_within_a_document_may_refer_to_itself(document: dict[str, Any]) -> None:
    part = _resolved(document, _answer(document, "/acme__todo/task/{id}")["properties"]["part"])
    assert part["required"] == ["size", "inner"]
    assert _resolved(document, part["properties"]["inner"]["items"]) == part


def test_classes_of_the_same_name_in_two_plugins_are_separate(document: dict[str, Any]) -> None:
    of_todo, of_cart = (_answer(document, f"/{key}/task/{{id}}") for key in ("acme__todo", "shop__cart"))
    names = document["components"]["schemas"]
    assert names["acme_todo.Task"] is of_todo
    assert names["shop_cart.Task"] is of_cart


def test_another_plugin_does_not_change_the_names(project: Project) -> None:
    _install(project, "shop-cart", USERS)
    alone = {name for name in _document(project)["components"]["schemas"] if name.startswith("shop_cart.")}
    _install(project, "acme-todo", "None")
    assert {name for name in _document(project)["components"]["schemas"] if name.startswith("shop_cart.")} == alone


def test_all_references_can_be_resolved(document: dict[str, Any]) -> None:
    references = set(_references(document))
    assert len(references) > 10
    for reference in references:
        assert _resolved(document, {"$ref": reference})


def test_problems_are_described_as_the_host_sends_them(document: dict[str, Any]) -> None:
    full = document["paths"]["/acme__todo/task"]["post"]["responses"]["402"]
    assert full["description"] == "The shelf is full."
    assert list(full["content"]) == ["application/problem+json"]
    problem = _answer(document, "/acme__todo/task", "post", "402")
    assert problem["required"] == ["type", "title", "status", "detail", "requestId"]


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/acme__todo/task", "get", {"200", "500", "503"}),
        ("/acme__todo/task", "post", {"201", "400", "402", "413", "415", "500", "503"}),
        ("/acme__todo/task/{id}", "get", {"200", "400", "404", "500", "503"}),
        ("/acme__todo/secret", "get", {"200", "401", "403", "500", "503"}),
    ],
)
def test_each_route_lists_its_possible_statuses(document: dict[str, Any], path: str, method: str, statuses: set[str]) -> None:
    assert set(document["paths"][path][method]["responses"]) == statuses


def test_a_routes_own_description_of_a_status_is_kept(document: dict[str, Any]) -> None:
    assert "size" in _answer(document, "/acme__todo/own", "get", "503")["properties"]


def test_the_document_is_not_created_before_it_is_requested(project: Project) -> None:
    _install(project, "shop-cart", USERS)
    app = boot(project).assemble()
    assert app.plugins.get(OpenAPIPlugin)._openapi is None
    assert app.openapi_schema.paths
    assert app.plugins.get(OpenAPIPlugin)._openapi is not None
