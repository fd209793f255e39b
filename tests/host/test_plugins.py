"""``host.plugins``: the running plugins by key, also as attributes."""

from __future__ import annotations

import asyncio
import copy
from operator import attrgetter

import pytest

from host import NoSuchPluginError
from tests.distributions import Project
from tests.inprocess import running

SHOP = """
    class Inner: ...

    @hookimpl
    def register_plugins(scope): return Child(Inner(), "inner")
"""


@pytest.mark.parametrize("path", ["shop__card", "shop__cart.innner"])
def test_an_attribute_that_is_no_plugin_says_so(project: Project, path: str) -> None:
    project.install("shop-cart", SHOP)

    async def ask() -> str:
        async with running(project) as (host, _):
            with pytest.raises(AttributeError) as caught:
                attrgetter(path)(host.plugins)
            return str(caught.value)

    assert asyncio.run(ask()) == f"there is no plugin {path!r}"


def test_a_private_name_is_never_a_plugin(project: Project) -> None:
    """Else copying and pickling would ask for plugins with the names of special methods."""
    project.install("shop-cart", SHOP)

    async def ask() -> list[str]:
        async with running(project) as (host, _):
            names = []
            for value in (host.plugins, host.plugins.shop__cart):
                with pytest.raises(AttributeError) as caught:
                    value._inner  # noqa: B018 - the access is what is tested
                names.append(str(caught.value))
                assert type(copy.copy(value)) is type(value)
            return names

    assert asyncio.run(ask()) == ["_inner", "_inner"]


def test_a_key_that_is_no_plugin_suggests_the_nearest(project: Project) -> None:
    project.install("shop-cart", SHOP)

    async def ask() -> NoSuchPluginError:
        async with running(project) as (host, _):
            with pytest.raises(NoSuchPluginError) as caught:
                host.plugins["shop__card"]
            return caught.value

    failure = asyncio.run(ask())
    assert failure.message == "there is no plugin 'shop__card'"
    assert failure.fix == "did you mean 'shop__cart'?"


def test_a_plugin_that_failed_says_why_it_is_not_there(project: Project) -> None:
    project.configure('[plugins]\non_failure = "isolate"\n')
    project.install("shop-cart", "@hookimpl\ndef register_services(scope): 1 / 0")

    async def ask() -> NoSuchPluginError:
        async with running(project) as (host, _):
            assert list(host.plugins) == []
            with pytest.raises(NoSuchPluginError) as caught:
                host.plugins["shop__cart"]
            return caught.value

    failure = asyncio.run(ask())
    assert failure.message == "the plugin shop__cart is not available: it failed: register_services raised ZeroDivisionError"
    assert failure.fix == ""
