"""A plugin with channels and without models, on a real server: asked by HTTP, it broadcasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.distributions import Site
from tests.serverkit import Server, servers

CHANNEL = "shop__cart--added"

SOURCE = """
    from litestar import get
    from litestar.params import FromQuery
    from msgspec import Struct


    class Item(Struct):
        number: int
        text: str


    @get("/add")
    async def add(plugin_scope: Scope, text: FromQuery[str] = "", first: FromQuery[int] = 0, count: FromQuery[int] = 1) -> None:
        for number in range(first, first + count):
            await plugin_scope.broadcast("added", Item(number, text))


    @get("/fill")
    async def fill(plugin_scope: Scope, size: FromQuery[int]) -> None:
        await plugin_scope.broadcast("added", Item(-1, "x" * size))


    @hookimpl
    def register_routes():
        return [add, fill]


    @hookimpl
    def register_channels():
        return [Channel("added", Item), *(Channel(f"shelf{number}", Item) for number in range(1000))]
"""


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers that have this plugin and no other; takes what :func:`tests.serverkit.servers` takes."""
    site = Site(tmp_path / "site-packages")
    site.install("shop-cart", SOURCE)
    environment = {"PYTHONPATH": str(site.directory), "HOST_PLUGINS_ENABLED": "shop__cart"}
    with servers(tmp_path) as serve:
        yield lambda toml="", **options: serve(toml, environment=environment, **options)
