"""``abort`` stops the start having told every failure; ``isolate`` serves the others and says who is missing."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from host.common.errors import BootError
from host.lifecycle.boot import Boot
from host.lifecycle.running import Runtime
from host.loading.hooks import HookManager
from tests.distributions import Project
from tests.errors.driving import live

WORKS = """
    from litestar import get
    @get("/thing")
    async def handler() -> str: return "works"
    @hookimpl
    def register_routes(scope): return [handler]
"""

#: Name of the distribution → its source, its requirements, the code of its failure.
BROKEN = {
    "shop-import": ("import nothing_such", [], "import-failed"),
    "shop-hook": ("@hookimpl\ndef register_rutes(scope): ...", [], "hook-signature"),
    "shop-raise": ("@hookimpl\ndef register_routes(scope): 1 / 0", [], "hook-raised"),
    "shop-result": ("@hookimpl\ndef register_channels(scope): return 42", [], "hook-result"),
    "shop-need": ("", ["nothing-such"], "missing-dependency"),
    "shop-host": ("", ["litestar-host>=99"], "host-version"),
    "shop-ring": ("", ["shop-round"], "dependency-cycle"),
    "shop-round": ("", ["shop-ring"], "dependency-cycle"),
    "shop-slow": ("import asyncio\n@hookimpl\nasync def configure(scope): await asyncio.sleep(60)", [], "hook-timeout"),
    "shop-after": ("", ["shop-import"], "dependency-failed"),
}


def install_broken(project: Project) -> None:
    for name, (source, requires, _) in BROKEN.items():
        project.install(name, source, requires=requires)
    project.install("shop-works", WORKS)


def answers(project: Project, *paths: str) -> list[httpx.Response]:
    """What the started application of a project answers."""

    async def ask() -> list[httpx.Response]:
        boot = Boot(project.settings)
        await boot.register()
        app = boot.assemble()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with Runtime(boot).lifespan(app), httpx.AsyncClient(transport=transport, base_url="http://host") as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(ask())


def check_refused(answer: httpx.Response, key: str) -> None:
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"]
    problem = answer.json()
    assert (problem["status"], problem["requestId"]) == (503, answer.headers["x-request-id"])
    assert key in problem["detail"]


def test_all_failures_of_a_start_are_reported_together(project: Project) -> None:
    project.configure("[plugins]\ntimeout = 0.05\n")
    install_broken(project)
    life = live(project)
    expected = sorted(code for _, _, code in BROKEN.values())
    expected.remove("dependency-cycle")  # one ring is one failure, though two are in it
    assert sorted(error.code for error in life.errors) == expected
    assert not life.served
    assert BootError(life.errors).exit_code == 3


def test_isolate_serves_the_rest(project: Project) -> None:
    project.configure("[plugins]\ntimeout = 0.05\non_failure = 'isolate'\n")
    install_broken(project)
    works, *refused = answers(project, "/shop__works/thing", *(f"/{name.replace('-', '__')}/thing" for name in BROKEN))
    assert (works.status_code, works.text) == (200, "works")
    for name, answer in zip(BROKEN, refused, strict=True):
        check_refused(answer, name.replace("-", "__"))


@pytest.mark.parametrize("hook", sorted(HookManager().specified - {"on_shutdown", "check_health", "authorize_socket"}))
def test_a_plugin_that_fails_in_any_phase_is_isolated(project: Project, hook: str) -> None:
    project.configure("[plugins]\non_failure = 'isolate'\n")
    if hook == "register_routes":
        failing = "@hookimpl\ndef register_routes(scope): 1 / 0"
    else:
        arguments = ", ".join(getattr(HookManager().hook, hook).spec.argnames)
        failing = f"{WORKS}\n    @hookimpl\n    def {hook}({arguments}): 1 / 0"
    project.install("shop-cart", failing)
    project.install("shop-after", WORKS, requires=["shop-cart"])
    project.install("shop-works", WORKS)
    works, cart, beneath, after = answers(
        project, "/shop__works/thing", "/shop__cart/thing", "/shop__cart/no/such/path", "/shop__after/thing"
    )
    assert works.status_code == 200
    check_refused(cart, "shop__cart")
    assert beneath.status_code in {404, 503}
    check_refused(after, "shop__after")


def test_a_policy_of_one_plugin(project: Project) -> None:
    project.configure("[plugins.shop__cart]\non_failure = 'isolate'\n")
    project.install("shop-cart", "import nothing_such")
    project.install("shop-works", WORKS)
    works, cart = answers(project, "/shop__works/thing", "/shop__cart/thing")
    assert works.status_code == 200
    check_refused(cart, "shop__cart")


def test_a_plugin_that_must_not_fail_stops_the_start(project: Project) -> None:
    project.configure("[plugins]\non_failure = 'isolate'\n[plugins.shop__cart]\non_failure = 'abort'\n")
    project.install("shop-cart", "import nothing_such")
    project.install("shop-mail", "import nothing_such")
    life = live(project)
    assert [error.plugin for error in life.errors] == ["shop__cart", "shop__mail"]  # type: ignore[attr-defined]
    assert not life.served


def test_a_prefix_of_an_isolated_plugin_is_its_own(project: Project) -> None:
    project.configure("[plugins.shop__cart]\non_failure = 'isolate'\nprefix = '/market/cart'\n")
    project.install("shop-cart", "import nothing_such")
    project.install("shop-works", WORKS)
    cart, default = answers(project, "/market/cart", "/shop__cart/thing")
    check_refused(cart, "shop__cart")
    assert default.status_code == 404


@pytest.mark.parametrize(("first", "second"), [("/shop", "/shop"), ("/shop", "/shop/b"), ("/shop/b", "/shop")])
def test_the_loser_of_a_prefix_does_not_hide_the_first(project: Project, first: str, second: str) -> None:
    project.configure(f"plugins.on_failure = 'isolate'\nplugins.shop__a.prefix = '{first}'\nplugins.shop__b.prefix = '{second}'\n")
    project.install("shop-a", WORKS)
    project.install("shop-b", WORKS)
    (answer,) = answers(project, f"{first}/thing")
    assert (answer.status_code, answer.text) == (200, "works")


@pytest.mark.parametrize("key", ["no key", "{x}", "a/b", "shop__cart__", "ü__x"])
def test_a_key_that_is_no_path_can_be_isolated(project: Project, key: str) -> None:
    project.configure("plugins.on_failure = 'isolate'\n")
    project.install("shop-cart", WORKS, key=key)
    project.install("shop-works", WORKS)
    (answer,) = answers(project, "/shop__works/thing")
    assert answer.status_code == 200


def test_an_isolated_plugin_contributes_nothing(project: Project) -> None:
    project.configure("plugins.on_failure = 'isolate'\n")
    project.install(
        "shop-cart",
        """
        from beanie import Document
        class Item(Document): title: str
        @hookimpl
        def register_models(scope): return Item
        @hookimpl
        def register_payload(scope): return PayloadHandler(Item, str, str)
        @hookimpl
        def generate_frontend(scope): 1 / 0
        """,
    )
    life = live(project)
    assert life.served
    assert life.boot.models == {}
    assert life.boot.contributions == []
