"""Two hosts in one process whose plugins have the same models."""

from __future__ import annotations

import asyncio

import pytest

from host import Host
from host.common.errors import BootError, ModelError
from host.common.settings import load_settings
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
        from shop_cart import Item  # type: ignore[import-not-found]  # installed by the test

        async with Host(project.settings):
            second_host = Host(project.settings)
            with pytest.raises(BootError) as caught:
                await second_host.ready()
            (error,) = caught.value.errors
            assert isinstance(error, ModelError)
            assert error.message == "the model Item is open in another host of this process"
            await Item(title="of the first").insert()
        async with Host(project.settings):
            assert [item.title async for item in Item.find_all()] == ["of the first"]

    asyncio.run(main())


REFUSED = """
    from beanie import Document
    from pymongo import IndexModel

    class Bad(Document):
        size: int = 0

        class Settings:
            indexes = [IndexModel([("size", "no such type of index")])]

    @hookimpl
    def register_models(scope): return Bad
"""


def second(project: Project, plugins: str) -> Host:
    """Return a host of the same project that starts certain plugins only."""
    variables = {"HOST_PLUGINS_ENABLED": plugins, "HOST_PLUGINS_ON_FAILURE": "isolate"}
    return Host(load_settings(project.directory, variables))


def test_a_refused_index_is_reported_beside_a_model_that_is_open_elsewhere(project: Project) -> None:
    project.install("shop-cart", MODEL)
    project.install("shop-bad", REFUSED)

    async def main() -> dict[str, list[str]]:
        async with second(project, "shop__cart"), second(project, "shop__cart,shop__bad") as host:
            failures = host.boot.failures
            return {key: [error.message for error in failures[key]] for key in failures}

    failures = asyncio.run(main())
    assert failures["shop__cart"] == ["the model Item is open in another host of this process"]
    (message,) = failures["shop__bad"]
    assert message.startswith("the model Bad cannot be opened: ")


def test_a_start_under_abort_reports_both(project: Project) -> None:
    project.install("shop-cart", MODEL)
    project.install("shop-bad", REFUSED)

    async def main() -> list[str]:
        async with second(project, "shop__cart"):
            with pytest.raises(BootError) as caught:
                await Host(project.settings).start()
            return sorted(error.plugin for error in caught.value.errors if isinstance(error, ModelError))

    assert asyncio.run(main()) == ["shop__bad", "shop__cart"]


def test_of_two_hosts_that_start_together_only_one_opens_the_model(project: Project) -> None:
    project.install("shop-cart", MODEL)

    async def main() -> list[str]:
        hosts = [Host(project.settings) for _ in range(2)]
        outcomes = await asyncio.gather(*(host.start() for host in hosts), return_exceptions=True)
        for host in hosts:
            await host.close()
        return ["started" if outcome is None else type(outcome).__name__ for outcome in outcomes]

    assert sorted(asyncio.run(main())) == ["BootError", "started"]


def test_a_model_whose_base_class_is_open_elsewhere_is_refused(project: Project) -> None:
    project.install("shop-cart", MODEL)
    source = """
        from shop_cart import Item
        class Gift(Item):
            ribbon: str = "red"
        @hookimpl
        def register_models(scope): return Gift
    """
    project.install("shop-gift", source)

    async def main() -> list[str]:
        async with second(project, "shop__cart"), second(project, "shop__gift") as host:
            return [error.message for error in host.boot.failures["shop__gift"]]

    assert asyncio.run(main()) == ["the model Gift is open in another host of this process"]
