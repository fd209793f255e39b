"""What Litestar, MongoDB or TypeScript refuse of a plugin is that plugin's fault, and is said so."""

from __future__ import annotations

import pytest

from host.common.errors import HookCallError, HookResultError, HostError
from host.lifecycle.generation import booted, generate_for
from tests.distributions import Project
from tests.errors.driving import check_blame, live
from tests.errors.test_policies import WORKS, answers, check_refused

REFUSED = {
    "no return annotation": "@get('/x')\nasync def handler(): ...",
    "a type that is nowhere": "@get('/x')\nasync def handler() -> 'Nowhere': ...",
    "a parameter of no type": "@get('/{x}')\nasync def handler(x: int) -> None: ...",
    "a parameter of an unknown type": "@get('/{x:colour}')\nasync def handler(x: int) -> None: ...",
    "a body in a GET": "@get('/x')\nasync def handler(data: dict) -> None: ...",
    "one parameter twice": "@get('/{x:int}/{x:int}')\nasync def handler(x: int) -> None: ...",
    "one name for a dependency and a parameter": "@get('/{plugin_scope:int}')\nasync def handler(plugin_scope: int) -> None: ...",
}


def source(handler: str) -> str:
    body = handler.replace("\n", "\n    ")
    return f"""
    from litestar import get
    {body}
    @hookimpl
    def register_routes(scope): return [handler]
    """


@pytest.mark.parametrize("handler", REFUSED.values(), ids=REFUSED)
def test_a_handler_that_litestar_refuses_is_blamed(project: Project, handler: str) -> None:
    project.install("shop-cart", source(handler))
    project.install("shop-works", WORKS)
    error = live(project).only
    assert isinstance(error, HostError)
    assert error.code in {"hook-result", "import-failed", "frontend"}
    check_blame(error, "shop__cart")


@pytest.mark.parametrize("handler", REFUSED.values(), ids=REFUSED)
def test_a_handler_that_litestar_refuses_can_be_isolated(project: Project, handler: str) -> None:
    project.configure("plugins.on_failure = 'isolate'\n")
    project.install("shop-cart", source(handler))
    project.install("shop-works", WORKS)
    works, cart = answers(project, "/shop__works/thing", "/shop__cart/x")
    assert works.status_code == 200
    check_refused(cart, "shop__cart")


def test_middleware_that_cannot_be_made_is_blamed(project: Project) -> None:
    project.install(
        "shop-cart",
        """
        from litestar import get
        class Middleware:
            def __init__(self, app): raise OSError("no disk")
        @get("/x")
        async def handler() -> None: ...
        @hookimpl
        def register_routes(scope): return handler
        @hookimpl
        def register_middleware(scope): return Middleware
        """,
    )
    error = live(project).only
    assert isinstance(error, HookResultError | HookCallError)
    check_blame(error, "shop__cart", cause="OSError: no disk")


ODD = {
    "a callable": "from collections.abc import Callable\nOdd = Callable[[int], str]",
    "a class without fields": "class Odd: ...",
    "a module": "import json as Odd",
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_type_that_cannot_be_written_down_is_told(project: Project, odd: str) -> None:
    project.install("shop-cart", f"{odd}\n@hookimpl\ndef generate_frontend(scope): return Frontend(types=[Odd])\n")
    (warning,) = generate_for(*booted(project.settings)).warnings
    assert "shop__cart" in warning
    assert "unknown" in warning


def test_two_types_of_one_name_keep_their_names(project: Project) -> None:
    project.install(
        "shop-cart",
        """
        from dataclasses import dataclass
        def make(kind):
            @dataclass
            class Item:
                value: kind
            return Item
        @hookimpl
        def generate_frontend(scope): return Frontend(types=[make(int), make(str)])
        """,
    )
    text = generate_for(*booted(project.settings)).text
    assert "value: number" in text
    assert "value: string" in text
