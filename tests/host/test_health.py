"""``/health/live`` and ``/health/ready``, and the hook ``check_health``."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from host import Host
from host.web.litestar.routing import assembled_routes
from tests.distributions import Project
from tests.host.gates import WAITS, asgi_client_of, module, reached, soon, starting
from tests.inprocess import running

ISOLATE = '[plugins]\non_failure = "isolate"\n'
SAYS = "@hookimpl\ndef check_health(scope):\n    return {0!r}\n"
RAISES = "@hookimpl\nasync def check_health(scope):\n    raise OSError('/secret/disk is gone')\n"
HANGS = "import asyncio\n\n@hookimpl\nasync def check_health(scope):\n    await asyncio.sleep(3600)\n"


def readiness(project: Project) -> httpx.Response:
    """Return the response of ``/health/ready`` of a started project."""

    async def ask() -> httpx.Response:
        async with running(project) as (_, client):
            return await client.get("/health/ready")

    return asyncio.run(ask())


def answer(response: httpx.Response) -> tuple[int, str, Any]:
    """Return status and content of a response."""
    assert ("retry-after" in response.headers) == (response.status_code == 503)
    body = response.json()
    return response.status_code, body["status"], body["plugins"]


def test_a_host_without_plugins_is_ready(project: Project) -> None:
    assert answer(readiness(project)) == (200, "ready", {})


def test_each_plugin_and_each_child_is_listed(project: Project) -> None:
    source = "class Part:\n    pass\n\n@hookimpl\ndef register_plugins(scope):\n    return Child(Part, 'part')\n"
    project.install("shop-cart", source)
    ready = {"status": "ready"}
    assert answer(readiness(project)) == (200, "ready", {"shop__cart": ready, "shop__cart.part": ready})


def test_while_starting_some_plugins_are_ready_and_others_are_not(project: Project) -> None:
    project.install("shop-fast")
    project.install("shop-slow", WAITS.format(hook="on_startup"))

    async def story() -> None:
        async with starting(project, "shop_slow") as (host, _, _), asgi_client_of(host) as client:
            plugins = {"shop__fast": {"status": "ready"}, "shop__slow": {"status": "starting"}}
            assert answer(await client.get("/health/ready")) == (503, "starting", plugins)

    asyncio.run(story())


def test_while_stopping_some_plugins_have_stopped_and_others_have_not(project: Project) -> None:
    project.install("shop-first", WAITS.format(hook="on_shutdown"))
    project.install("shop-last")

    async def story() -> None:
        host = Host(project.settings)
        await host.start()
        closing = asyncio.create_task(host.close())
        slow = await reached("shop_first")
        async with asgi_client_of(host) as client:
            plugins = {"shop__first": {"status": "ready"}, "shop__last": {"status": "stopped"}}
            assert answer(await client.get("/health/ready")) == (503, "stopping", plugins)
        slow.go.set()
        await soon(closing)

    asyncio.run(story())


def test_the_process_is_live_in_every_state(project: Project) -> None:
    project.install("shop-slow", WAITS.format(hook="on_startup"))
    answers: list[tuple[str, int, Any]] = []

    async def story() -> None:
        async with starting(project, "shop_slow") as (host, slow, start), asgi_client_of(host) as client:
            for go_on in (None, lambda: start, host.close):
                if go_on is not None:
                    slow.go.set()
                    await soon(go_on())
                live = await client.get("/health/live")
                answers.append((host.state, live.status_code, live.json()))

    asyncio.run(story())
    assert answers == [(state, 200, {"status": "live"}) for state in ("starting", "ready", "stopped")]


def test_an_isolated_plugin_degrades_the_host(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("shop-bad", "raise OSError('/secret/disk is gone')")
    project.install("shop-needy", requires=["shop-bad"])
    project.install("shop-good")
    status, state, plugins = answer(readiness(project))
    assert (status, state) == (200, "degraded")
    assert plugins == {
        "shop__bad": {"status": "failed", "problem": "failed at start-up", "code": "import-failed"},
        "shop__good": {"status": "ready"},
        "shop__needy": {
            "status": "failed",
            "problem": "not started, because it needs shop__bad, which failed",
            "code": "dependency-failed",
        },
    }


def test_a_problem_of_a_plugin_with_the_policy_abort_makes_the_host_unhealthy(project: Project) -> None:
    project.install("shop-bad", SAYS.format("the stock is empty"))
    project.install("shop-good", SAYS.format(None))
    plugins = {"shop__bad": {"status": "unhealthy", "problem": "the stock is empty"}, "shop__good": {"status": "ready"}}
    assert answer(readiness(project)) == (503, "unhealthy", plugins)


def test_a_problem_of_a_plugin_with_the_policy_isolate_degrades_the_host(project: Project) -> None:
    project.configure('[plugins.shop__bad]\non_failure = "isolate"\n')
    project.install("shop-bad", SAYS.format("the stock is empty"))
    plugins = {"shop__bad": {"status": "unhealthy", "problem": "the stock is empty"}}
    assert answer(readiness(project)) == (200, "degraded", plugins)


@pytest.mark.parametrize(
    ("source", "problem", "code"),
    [
        pytest.param(RAISES, "check_health failed", "hook-raised", id="raises"),
        pytest.param(HANGS, "check_health did not finish within 0.2 s", "hook-timeout", id="hangs"),
        pytest.param(SAYS.format(True), "check_health failed", "hook-result", id="returns no string"),
    ],
)
def test_a_check_that_fails_is_a_problem(project: Project, source: str, problem: str, code: str) -> None:
    project.configure("[plugins]\ntimeout = 0.2\n")
    project.install("shop-bad", source)
    plugins = {"shop__bad": {"status": "unhealthy", "problem": problem, "code": code}}
    assert answer(readiness(project)) == (503, "unhealthy", plugins)


def test_the_cause_is_logged_and_not_in_the_response(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install("shop-bad", RAISES)
    assert "secret" not in readiness(project).text
    assert "/secret/disk is gone" in caplog.text


def test_a_problem_that_lasts_is_logged_once_and_its_end_too(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    source = "problem = 'the stock is empty'\n\n@hookimpl\ndef check_health(scope):\n    return problem\n"
    project.install("shop-bad", source)
    caplog.set_level("INFO", "host")

    async def story() -> None:
        async with running(project) as (_, client):
            for problem in ("the stock is empty", "the stock is empty", None, None):
                module("shop_bad").problem = problem  # type: ignore[attr-defined]  # a variable of the plugin
                await client.get("/health/ready")

    asyncio.run(story())
    messages = [record.getMessage() for record in caplog.records if "shop__bad is" in record.getMessage()]
    assert messages == ["shop__bad is unhealthy: the stock is empty", "shop__bad is healthy again"]


def test_all_plugins_are_checked_concurrently(project: Project) -> None:
    shared = "import asyncio\n\nbarrier = asyncio.Barrier(2)\n"
    project.install("shop-meeting", {"shop_meeting.py": shared}, plugins={})
    for name in ("shop-a", "shop-b"):
        source = "from shop_meeting import barrier\n\n@hookimpl\nasync def check_health(scope):\n    await barrier.wait()\n"
        project.install(name, source)
    assert answer(readiness(project))[:2] == (200, "ready")


def test_concurrent_requests_share_one_check(project: Project) -> None:
    project.install("shop-slow", WAITS.format(hook="check_health"))

    async def story() -> None:
        async with running(project) as (_, client):
            asking = [asyncio.create_task(client.get("/health/ready")) for _ in range(3)]
            slow = await reached("shop_slow")
            slow.go.set()
            responses = await soon(asyncio.gather(*asking))
            assert [response.status_code for response in responses] == [200, 200, 200]
            assert slow.log == ["check_health"]

    asyncio.run(story())


def test_a_client_that_disconnects_does_not_cancel_the_check_that_others_wait_for(project: Project) -> None:
    project.install("shop-slow", WAITS.format(hook="check_health"))

    async def story() -> None:
        async with running(project) as (_, client):
            leaving = asyncio.create_task(client.get("/health/ready"))
            slow = await reached("shop_slow")
            leaving.cancel()
            await asyncio.wait([leaving])
            staying = asyncio.create_task(client.get("/health/ready"))
            slow.go.set()
            assert (await soon(staying)).status_code == 200
            assert leaving.cancelled()
            assert slow.log == ["check_health"]

    asyncio.run(story())


def test_a_child_is_checked_too(project: Project) -> None:
    project.install(
        "shop-cart",
        """
    class Part:
        @hookimpl
        def check_health(self, scope):
            return f"{scope.key} is empty"

    @hookimpl
    def register_plugins(scope):
        return Child(Part, "part")
    """,
    )
    assert answer(readiness(project))[2]["shop__cart.part"]["problem"] == "shop__cart.part is empty"


def test_the_routes_are_the_hosts_own_and_documented(project: Project) -> None:
    async def story() -> tuple[set[tuple[str, str]], Any]:
        async with running(project) as (host, client):
            owned = {(route.owner, route.path) for route in assembled_routes(host.app) if route.path.startswith("/health")}
            return owned, (await client.get("/schema/openapi.json")).json()

    owned, document = asyncio.run(story())
    assert owned == {("", "/health/live"), ("", "/health/ready")}
    assert set(document["paths"]["/health/ready"]["get"]["responses"]) == {"200", "503"}


def test_the_routes_are_not_in_the_typescript(project: Project) -> None:
    project.install("shop-cart")
    generated = project.host("generate-config", "--stdout")
    assert (generated.code, "health" in generated.stdout) == (0, False)


def test_a_host_in_safe_mode_is_ready(project: Project) -> None:
    project.install("shop-bad", "raise OSError('no disk')")
    from host.common.settings import load_settings

    async def story() -> httpx.Response:
        async with Host(load_settings(project.directory, project.variables, safe=True)) as host, asgi_client_of(host) as client:
            return await client.get("/health/ready")

    assert json.loads(asyncio.run(story()).text) == {"status": "ready", "plugins": {}}
