"""Schemas are classes: shared by importing them, and separate if two plugins use one name (row F33)."""

from __future__ import annotations

from typing import Any

from host import Host
from tests.conformance.kit import in_host
from tests.distributions import Project
from tests.inprocess import client_of

FAMILY = """
    from litestar import post
    from litestar.params import JSONBody
    from msgspec import Struct

    class Size(Struct):
        width: int

    @post("/child", sync_to_thread=False)
    def accept(data: JSONBody[Size]) -> Size:
        return data

    class Part:
        @hookimpl
        def register_routes(self): return accept

    @hookimpl
    def register_plugins(): return Child(Part(), "part", prefix="/part")
"""

OTHER = """
    from litestar import post
    from litestar.params import JSONBody
    from msgspec import Struct

    class Size(Struct):
        height: int

    @post("/size", sync_to_thread=False)
    def accept(data: JSONBody[Size]) -> Size:
        return data

    @hookimpl
    def register_routes(): return accept
"""


def posted(project: Project, *requests: tuple[str, dict[str, Any]]) -> list[int]:
    """Return the status codes of the responses to POST requests."""

    async def ask(host: Host) -> list[int]:
        async with client_of(host) as client:
            return [(await client.post(path, json=body)).status_code for path, body in requests]

    return in_host(project, ask)


def test_F33_a_child_uses_a_schema_of_its_parent(project: Project) -> None:
    project.install("acme-shop", FAMILY)
    path = "/acme__shop/part/child"
    assert posted(project, (path, {"width": 1}), (path, {"width": "wide"})) == [201, 400]


def test_F33_schemas_with_one_name_in_two_plugins_are_independent(project: Project) -> None:
    project.install("acme-shop", FAMILY)
    project.install("acme-other", OTHER)
    paths = ("/acme__shop/part/child", "/acme__other/size")
    assert posted(project, *((path, body) for path in paths for body in ({"width": 1}, {"height": 1}))) == [201, 400, 400, 201]


def test_F33_each_schema_is_in_the_namespace_of_its_plugin(project: Project) -> None:
    project.install("acme-shop", FAMILY)
    project.install("acme-other", OTHER)
    config = project.host("generate-config", "--stdout").stdout
    other, shop = config.index("namespace AcmeOther"), config.index("namespace AcmeShop")
    assert "height: number" in config[other:shop]
    assert "width: number" in config[shop:]
    assert "width: number" not in config[other:shop]


def test_F33_openapi_lists_the_schemas_of_all_plugins(project: Project) -> None:
    project.install("acme-shop", FAMILY)
    project.install("acme-other", OTHER)

    async def listed(host: Host) -> list[list[str]]:
        async with client_of(host) as client:
            schemas = (await client.get("/schema/openapi.json")).json()["components"]["schemas"]
        return sorted(list(schema["properties"]) for name, schema in schemas.items() if name.endswith("Size"))

    assert in_host(project, listed) == [["height"], ["width"]]
