"""A command that the tests fork behaves as in a new interpreter."""

from __future__ import annotations

import subprocess

import pytest

from tests.distributions import Project

ROUTE = """
    import os, sys
    from litestar import get

    assert os.environ["SHOP"] == "open"
    assert {place!r} in sys.path

    @get("/cart")
    async def cart() -> list[str]: return []
    @hookimpl
    def register_routes(scope): return cart
"""


@pytest.fixture
def shop(project: Project) -> Project:
    project.install("shop-cart", ROUTE.format(place=str(project.site.directory)))
    project.configure('[plugins.shop__cart]\nprefix = "/carts"\n')
    project.environ["SHOP"] = "open"
    return project


@pytest.mark.parametrize(
    "arguments",
    [
        "--version",
        "plugins list --json",
        "plugins show shop__cart",
        "plugins disable nothing",
        "routes",
        "graph",
        "generate-config --stdout",
        "generate-config --check",
        "build --output host.toml",
        "run --production",
        "no-such-command",
    ],
)
def test_a_forked_command_ends_like_a_fresh_one(shop: Project, arguments: str) -> None:
    assert shop.host(*arguments.split()) == shop.host(*arguments.split(), fresh=True)


def test_forked_commands_leave_nothing_behind(project: Project) -> None:
    project.install("shop-cart", "raise RuntimeError('first')")
    assert "first" in project.host("plugins", "check").stderr
    project.install("shop-cart", "raise RuntimeError('second, and longer')")
    assert "second, and longer" in project.host("plugins", "check").stderr


def test_a_command_that_takes_too_long_is_ended(project: Project) -> None:
    project.install("shop-cart", "import time; time.sleep(3600)")
    with pytest.raises(subprocess.TimeoutExpired):
        project.host("plugins", "check", timeout=0.5)
    assert project.host("plugins", "list").code == 0
