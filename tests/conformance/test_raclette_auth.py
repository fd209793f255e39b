"""Authentication and request data: raclette's ``fastify.authenticate`` and ``req.requestParams`` (rows R26, R27)."""

from __future__ import annotations

from typing import Any

import pytest

from host import Host
from host.common.errors import ContractError
from tests.conformance.kit import ISOLATE, error, failures, in_host
from tests.distributions import Project
from tests.inprocess import client_of

#: Identifies a user by ``Authorization: Bearer <id> <roles>``.
USERS = """
    class Bearer:
        async def authenticate(self, connection):
            words = connection.headers.get("authorization", "").split()[1:]
            return User(id=words[0], roles=frozenset(words[1:])) if words else None

    @hookimpl
    def register_contract(scope): return Contract(Authenticator, Bearer(), version="1")
"""
ROUTES = """
    from typing import Any
    from litestar import Request, get

    @get("/open")
    async def public() -> str: return "open"

    @get("/me", guards=[authenticated])
    async def me(request: Request[User, Any, Any]) -> str: return request.user.id

    @get("/workbench", guards=[requires("admin")])
    async def workbench() -> str: return "workbench"

    @hookimpl
    def register_routes(scope): return [public, me, workbench]
"""
ADA = {"Authorization": "Bearer ada clerk"}
ROOT = {"Authorization": "Bearer root admin"}


def answers(project: Project, *requests: tuple[str, dict[str, str]]) -> list[tuple[int, Any]]:
    """Return status code and text of the responses to GET requests."""

    async def ask(host: Host) -> list[tuple[int, Any]]:
        async with client_of(host) as client:
            responses = [await client.get(path, headers=headers) for path, headers in requests]
        return [(response.status_code, response.text if response.status_code == 200 else "") for response in responses]

    return in_host(project, ask)


def test_R26_each_route_declares_whether_it_needs_a_user_and_receives_the_user(project: Project) -> None:
    project.install("shop-users", USERS)
    project.install("shop-cart", ROUTES)
    requests = [("/shop__cart/open", {}), ("/shop__cart/me", {}), ("/shop__cart/me", ADA)]
    assert answers(project, *requests) == [(200, "open"), (401, ""), (200, "ada")]


def test_R26_a_route_may_require_a_role(project: Project) -> None:
    project.install("shop-users", USERS)
    project.install("shop-cart", ROUTES)
    requests = [("/shop__cart/workbench", headers) for headers in ({}, ADA, ROOT)]
    assert answers(project, *requests) == [(401, ""), (403, ""), (200, "workbench")]


def test_R26_a_layer_may_require_a_user_for_all_routes_of_its_plugin(project: Project) -> None:
    project.install("shop-users", USERS)
    project.install("shop-cart", f"{ROUTES}\n    @hookimpl\n    def register_layer(scope): return Layer(guards=[authenticated])\n")
    assert answers(project, ("/shop__cart/open", {}), ("/shop__cart/open", ADA)) == [(401, ""), (200, "open")]


def test_R26_without_an_authenticator_a_plugin_that_needs_users_is_refused(project: Project) -> None:
    """The trap is a guard that has no authenticator and lets every request pass."""
    project.install("shop-cart", ROUTES)
    failure = error(project)
    assert isinstance(failure, ContractError)
    assert failure.plugin == "shop__cart"
    assert "GET /me (me), GET /workbench (workbench)" in failure.message
    project.configure(ISOLATE)
    assert list(failures(project)) == ["shop__cart"]
    assert [status for status, _ in answers(project, ("/shop__cart/me", ADA), ("/shop__cart/open", {}))] == [503, 503]


def test_R26_two_authenticators_are_a_conflict(project: Project) -> None:
    project.install("shop-users", USERS)
    project.install("shop-people", USERS)
    assert sorted(error(project).owners) == ["shop__people", "shop__users"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "[true,null,null]"),
        ({"X-Broadcast": "false", "X-Project": "roof"}, '[false,"roof",null]'),
        ({"X-Project": "roof", **ADA}, '[true,"roof","ada"]'),
    ],
)
def test_R27_a_handler_receives_the_request_data(project: Project, headers: dict[str, str], expected: str) -> None:
    project.install("shop-users", USERS)
    project.install(
        "shop-cart",
        """
        from litestar import get

        @get("/")
        async def read(request_data: RequestData) -> list[object]:
            user = request_data.user
            return [request_data.broadcast, request_data.project, None if user is None else user.id]

        @hookimpl
        def register_routes(scope): return read
        """,
    )
    assert answers(project, ("/shop__cart", headers)) == [(200, expected)]


def test_R27_request_data_reaches_services_and_payloads(project: Project) -> None:
    project.install(
        "shop-cart",
        """
        from typing import Any
        from host.data import Document
        from litestar import get

        class Item(Document):
            title: str

        class Items:
            async def payload(self, scope: Scope, request_data: RequestData) -> Payload[Item]:
                return await scope.payload([Item(title="Tile")], request=request_data)

        @get("/")
        async def items(plugin_scope: Scope, catalogue: Items, request_data: RequestData) -> Payload[Item]:
            return await catalogue.payload(plugin_scope, request_data)

        def fields(item: Item, request: Any) -> dict[str, Any]:
            return {"project": request.project}

        @hookimpl
        def register_models(scope): return Item
        @hookimpl
        def register_services(scope): return {"catalogue": Items()}
        @hookimpl
        def register_payload(scope):
            return PayloadHandler(Item, display_name=lambda item: item.title, completion=lambda item: "", fields=fields)
        @hookimpl
        def register_routes(scope): return items
        """,
    )
    ((status, text),) = answers(project, ("/shop__cart", {"X-Project": "roof"}))
    assert status == 200
    assert '"project":"roof"' in text


def test_R27_invalid_request_data_is_answered_400(project: Project) -> None:
    project.install(
        "shop-cart",
        """
        from litestar import get

        @get("/")
        async def read(request_data: RequestData) -> None: ...

        @hookimpl
        def register_routes(scope): return read
        """,
    )
    wrong = [{"X-Broadcast": "maybe"}, {"X-Project": "x" * 201}]
    assert [status for status, _ in answers(project, *(("/shop__cart", headers) for headers in wrong))] == [400, 400]
