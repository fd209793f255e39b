"""Two hosts in one process with one plugin that has models (row E23)."""

from __future__ import annotations

import asyncio

import pytest

from host import Host
from host.common.errors import BootError, ModelError
from tests.distributions import Project

MODEL = """
    from beanie import Document

    class Item(Document):
        title: str

    @hookimpl
    def register_models(scope): return Item
"""


def test_a_model_is_open_in_one_host_at_a_time(project: Project) -> None:
    project.install("shop-cart", MODEL)

    async def main() -> None:
        from shop_cart import Item  # type: ignore[import-not-found]  # the test has installed it

        async with Host(project.settings):
            other = Host(project.settings)
            with pytest.raises(BootError) as caught:
                await other.ready()
            (error,) = caught.value.errors
            assert isinstance(error, ModelError)
            assert error.message == "the model Item is open in another host of this process"
            await Item(title="of the first").insert()
        async with Host(project.settings):
            assert [item.title async for item in Item.find_all()] == ["of the first"]

    asyncio.run(main())
