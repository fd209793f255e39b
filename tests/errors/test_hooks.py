"""Every hook of the specifications: it raises, takes too long, or returns what it may not."""

from __future__ import annotations

import pytest

from host.common.errors import HookCallError, HookResultError, HookTimeoutError
from host.loading.hooks import HookManager
from tests.distributions import Project
from tests.errors.driving import check_blame, live

MANAGER = HookManager()
#: Called while the host serves: tests/host/test_health.py, tests/channels.
LATER = {"authorize_socket", "check_health"}
HOOKS = sorted(MANAGER.specified - LATER)
AWAITABLE = sorted(MANAGER.awaitable - LATER)

#: What each hook that returns something may not return.
WRONG = {
    "plugin_options": ["42", "int", "{'size': 1}"],
    "register_models": ["42", "'text'", "object", "{'a': 1}", "[object()]"],
    "register_services": ["42", "['stock']", "{1: 2}", "{'not a name': 1}", "{'class': 1}"],
    "register_contract": ["42", "object", "Contract", "[Extensions()]", "[Channel('a', int)]", "{'a': 1}"],
    "register_payload": ["42", "int", "[{}]"],
    "register_rules": ["42", "anyone", "Rules", "[Grant()]", "{'read': anyone}"],
    "register_channels": ["'created'", "['created']", "{'created': int}"],
    "register_middleware": ["42", "['text']", "{'a': 1}"],
    "register_layer": ["42", "[Layer()]", "Layer"],
    "register_plugins": ["42", "'text'", "Child", "[object()]", "{'a': 1}"],
    "register_routes": ["42", "'/path'", "[object]", "print", "[None]"],
    "register_static": ["42", "'static'", "['static']"],
    "generate_frontend": ["{}", "[Frontend()]", "Frontend"],
}

#: The hooks that return no iterable.
SINGLE = {"register_services", "register_layer"}
#: The hooks that return nothing.
SILENT = {"configure", "app_built", "on_startup", "on_ready", "on_shutdown"}


def implement(hook: str, body: str, *, asynchronous: bool = False) -> str:
    """A plugin with one hook, which takes all that it may."""
    arguments = ", ".join(getattr(MANAGER.hook, hook).spec.argnames)
    return f"import asyncio\n@hookimpl\n{'async ' * asynchronous}def {hook}({arguments}): {body}\n"


def test_every_hook_is_covered_here() -> None:
    assert set(HOOKS) == WRONG.keys() | SILENT


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    ("body", "cause"),
    [("raise ValueError('boom')", "ValueError: boom"), ("raise SystemExit(3)", "SystemExit: 3"), ("1 / 0", "ZeroDivisionError")],
)
def test_a_hook_that_raises_is_blamed(project: Project, hook: str, body: str, cause: str) -> None:
    project.install("shop-cart", implement(hook, body))
    error = live(project).only
    assert isinstance(error, HookCallError)
    check_blame(error, "shop__cart", hook=hook)
    assert error.facts["cause"].startswith(cause)


@pytest.mark.parametrize("hook", AWAITABLE)
@pytest.mark.parametrize(
    "body",
    [
        "raise ValueError('boom')",
        "await asyncio.sleep(0); raise SystemExit(3)",
        "await asyncio.sleep(0); raise TimeoutError('boom')",
        "raise asyncio.CancelledError",
    ],
)
def test_an_async_hook_that_raises_is_blamed(project: Project, hook: str, body: str) -> None:
    project.install("shop-cart", implement(hook, body, asynchronous=True))
    error = live(project).only
    assert isinstance(error, HookCallError)
    check_blame(error, "shop__cart", hook=hook)


@pytest.mark.parametrize("hook", sorted(name for name in WRONG if name.startswith("register_") and name not in SINGLE))
def test_a_hook_that_raises_while_it_is_iterated_is_blamed(project: Project, hook: str) -> None:
    project.install("shop-cart", f"@hookimpl\ndef {hook}(scope):\n    raise KeyError('boom')\n    yield\n")
    error = live(project).only
    assert isinstance(error, HookCallError)
    check_blame(error, "shop__cart", hook=hook, cause="KeyError: 'boom'")


@pytest.mark.parametrize("hook", AWAITABLE)
def test_a_hook_that_takes_too_long_is_blamed(project: Project, hook: str) -> None:
    project.configure("[plugins]\ntimeout = 0.05\n")
    project.install("shop-cart", implement(hook, "await asyncio.sleep(60)", asynchronous=True))
    error = live(project).only
    assert isinstance(error, HookTimeoutError)
    check_blame(error, "shop__cart", hook=hook)
    assert "within 0.05 s" in error.message


def test_the_right_plugin_is_blamed_for_slowness(project: Project) -> None:
    project.configure("[plugins]\ntimeout = 0.2\n")
    project.install("shop-cart", "async def slow(): import asyncio; await asyncio.sleep(60)")
    project.install(
        "shop-mail",
        """
        import shop_cart
        @hookimpl
        async def on_startup(scope): await shop_cart.slow()
        """,
        requires=["shop-cart"],
    )
    error = live(project).only
    assert isinstance(error, HookTimeoutError)
    assert error.plugin == "shop__cart"
    assert error.message == "on_startup of shop__mail did not finish within 0.2 s; it waits in slow of shop__cart"


def test_no_limit_is_no_limit(project: Project) -> None:
    project.configure("[plugins]\ntimeout = 0\n")
    project.install("shop-cart", implement("on_startup", "await asyncio.sleep(0.01)", asynchronous=True))
    assert live(project).errors == ()


@pytest.mark.parametrize(("hook", "value"), [(hook, value) for hook, values in WRONG.items() for value in values])
def test_a_wrong_result_is_blamed(project: Project, hook: str, value: str) -> None:
    project.install("shop-cart", implement(hook, f"return {value}"))
    error = live(project).only
    assert isinstance(error, HookResultError)
    check_blame(error, "shop__cart", hook=hook)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_may_return_nothing(project: Project, hook: str) -> None:
    project.install("shop-cart", implement(hook, "return None"))
    life = live(project)
    assert (life.errors, life.served) == ((), True)


@pytest.mark.parametrize(
    "name",
    ["body", "cookies", "data", "headers", "plugin_scope", "query", "request", "request_data", "scope", "socket", "state"],
)
def test_a_name_that_litestar_takes_is_refused_for_a_service(project: Project, name: str) -> None:
    project.install("shop-cart", implement("register_services", f"return {{{name!r}: 1}}"))
    error = live(project).only
    assert isinstance(error, HookResultError)
    check_blame(error, "shop__cart", hook="register_services")
    assert f"{name!r} is reserved" in error.message


def test_a_name_that_litestar_takes_is_refused_for_a_contract(project: Project) -> None:
    source = "from typing import Protocol\nclass Stock(Protocol): ...\n"
    project.install("shop-cart", source + implement("register_contract", "return Uses(Stock, 'request')"))
    error = live(project).only
    assert isinstance(error, HookCallError)
    check_blame(error, "shop__cart", hook="register_contract")
    assert "'request' is reserved" in error.facts["cause"]


def test_an_error_whose_text_cannot_be_told_is_blamed(project: Project) -> None:
    source = """
        class Odd(Exception):
            def __str__(self): raise OSError("no text")
        @hookimpl
        def on_startup(scope): raise Odd
    """
    project.install("shop-cart", source)
    error = live(project).only
    check_blame(error, "shop__cart", hook="on_startup", cause="Odd: the message is not available, __str__ raised OSError")


@pytest.mark.parametrize("hook", ["register_routes", "plugin_options", "generate_frontend", "register_services"])
def test_a_result_that_cannot_be_shown_is_blamed(project: Project, hook: str) -> None:
    odd = "class Odd:\n    def __repr__(self): raise OSError('no text')\n"
    project.install("shop-cart", odd + implement(hook, "return Odd()"))
    error = live(project).only
    assert isinstance(error, HookResultError)
    check_blame(error, "shop__cart", hook=hook)
    assert "Odd" in error.message


def test_an_application_is_no_handler(project: Project) -> None:
    project.install("shop-cart", "from litestar import Litestar\n" + implement("register_routes", "return Litestar([])"))
    error = live(project).only
    assert isinstance(error, HookResultError)
    check_blame(error, "shop__cart", hook="register_routes")
