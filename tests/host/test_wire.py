"""Models that a route returns directly, on the wire."""

from __future__ import annotations

from tests.distributions import Project
from tests.host.running import client_of


def test_a_pydantic_model_is_serialised_by_alias(project: Project) -> None:
    project.install(
        "shop-cart",
        """
        from litestar import get
        from pydantic import BaseModel, ConfigDict
        from pydantic.alias_generators import to_camel

        class Made(BaseModel):
            model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
            made_at: int = 1

        @get("/", sync_to_thread=False)
        def create() -> Made:
            return Made()

        @hookimpl
        def register_routes(scope):
            return create
        """,
    )
    with client_of(project) as client:
        assert client.get("/shop__cart").json() == {"madeAt": 1}


def test_a_payload_has_the_action_of_its_route(project: Project) -> None:
    project.install(
        "shop-cart",
        """
        from typing import Any
        from litestar import Request, get
        from pydantic import BaseModel

        class Item(BaseModel):
            id: str = "1"

        @get("/", opt=operation("dataMove"))
        async def moved(plugin_scope: Scope, request: Request[Any, Any, Any]) -> Payload[Item]:
            return await plugin_scope.payload([Item()], request=request)

        @hookimpl
        def register_payload(scope):
            return PayloadHandler(Item, display_name=lambda item: item.id, completion=lambda item: "")

        @hookimpl
        def register_routes(scope):
            return moved
        """,
    )
    with client_of(project) as client:
        answer = client.get("/shop__cart").json()
    assert answer == {
        "type": "item",
        "action": "dataMove",
        "body": {"items": [{"id": "1", "_displayName": "1", "_completion": "", "_tags": []}]},
    }
