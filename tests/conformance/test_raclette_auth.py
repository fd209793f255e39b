"""Who somebody is, and how a request is meant: raclette's ``fastify.authenticate`` and ``req.requestParams``."""

from __future__ import annotations

from typing import Any

import pytest

from host import Host
from host.common.errors import ContractError
from tests.conformance.kit import ISOLATE, error, failures, in_host
from tests.distributions import Project
from tests.inprocess import client_of

#: Knows everybody who sends ``Authorization: Bearer <id> <role>``.
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
    """Status and text of the answers to some GET requests."""

    async def asked(host: Host) -> list[tuple[int, Any]]:
        async with client_of(host) as client:
            found = [await client.get(path, headers=headers) for path, headers in requests]
        return [(answer.status_code, answer.text if answer.status_code == 200 else "") for answer in found]

    return in_host(project, asked)


def test_R26_each_route_says_whether_it_asks_and_knows_who_it_is(project: Project) -> None:
    project.install("shop-users", USERS)
    project.install("shop-cart", ROUTES)
    requests = [("/shop__cart/open", {}), ("/shop__cart/me", {}), ("/shop__cart/me", ADA)]
    assert answers(project, *requests) == [(200, "open"), (401, ""), (200, "ada")]


def test_R26_some_routes_are_for_some_roles(project: Project) -> None:
    project.install("shop-users", USERS)
    project.install("shop-cart", ROUTES)
    requests = [("/shop__cart/workbench", headers) for headers in ({}, ADA, ROOT)]
    assert answers(project, *requests) == [(401, ""), (403, ""), (200, "workbench")]


def test_R26_a_plugin_may_ask_for_all_its_routes(project: Project) -> None:
    project.install("shop-users", USERS)
    project.install("shop-cart", f"{ROUTES}\n    @hookimpl\n    def register_layer(scope): return Layer(guards=[authenticated])\n")
    assert answers(project, ("/shop__cart/open", {}), ("/shop__cart/open", ADA)) == [(401, ""), (200, "open")]


def test_R26_without_a_plugin_that_knows_users_nothing_opens(project: Project) -> None:
    """The trap: a guard that finds nobody to ask and lets everybody pass."""
    project.install("shop-cart", ROUTES)
    found = error(project)
    assert isinstance(found, ContractError)
    assert found.plugin == "shop__cart"
    assert "GET /me (me), GET /workbench (workbench)" in found.message
    project.configure(ISOLATE)
    assert list(failures(project)) == ["shop__cart"]
    assert [status for status, _ in answers(project, ("/shop__cart/me", ADA), ("/shop__cart/open", {}))] == [503, 503]


def test_R26_two_plugins_that_know_users_are_a_conflict(project: Project) -> None:
    project.install("shop-users", USERS)
    project.install("shop-people", USERS)
    assert sorted(error(project).owners) == ["shop__people", "shop__users"]


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, "[true,null,null]"),
        ({"X-Broadcast": "false", "X-Project": "roof"}, '[false,"roof",null]'),
        ({"X-Project": "roof", **ADA}, '[true,"roof","ada"]'),
    ],
)
def test_R27_a_handler_is_given_how_a_request_is_meant(project: Project, headers: dict[str, str], found: str) -> None:
    project.install("shop-users", USERS)
    project.install(
        "shop-cart",
        """
        from litestar import get

        @get("/")
        async def meant(request_data: RequestData) -> list[object]:
            user = request_data.user
            return [request_data.broadcast, request_data.project, None if user is None else user.id]

        @hookimpl
        def register_routes(scope): return meant
        """,
    )
    assert answers(project, ("/shop__cart", headers)) == [(200, found)]


def test_R27_it_reaches_services_and_payloads(project: Project) -> None:
    project.install(
        "shop-cart",
        """
        from typing import Any
        from host.data import Document
        from litestar import get

        class Item(Document):
            title: str

        class Items:
            async def shown(self, scope: Scope, meant: RequestData) -> Payload[Item]:
                return await scope.payload([Item(title="Tile")], request=meant)

        @get("/")
        async def items(plugin_scope: Scope, catalogue: Items, request_data: RequestData) -> Payload[Item]:
            return await catalogue.shown(plugin_scope, request_data)

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


def test_R27_what_does_not_fit_is_refused(project: Project) -> None:
    project.install(
        "shop-cart",
        """
        from litestar import get

        @get("/")
        async def meant(request_data: RequestData) -> None: ...

        @hookimpl
        def register_routes(scope): return meant
        """,
    )
    wrong = [{"X-Broadcast": "maybe"}, {"X-Project": "x" * 201}]
    assert [status for status, _ in answers(project, *(("/shop__cart", headers) for headers in wrong))] == [400, 400]
