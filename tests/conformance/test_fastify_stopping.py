"""The stop of a host: its order, and errors in it (rows F26, F27)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from host import Host
from host.common.errors import BootError, HookCallError, HookTimeoutError, ServiceError
from tests.conformance.kit import errors, journal
from tests.distributions import Project
from tests.serverkit import Server, until

FAILING_STOP = """
    from journal import note

    def close(service):
        note(f"close {service}")
        raise OSError("stuck")

    @hookimpl
    def register_services(scope): return {"one": Service(lambda: "one", close=close), "two": Service(lambda: "two", close=close)}
    @hookimpl
    async def on_shutdown(scope):
        note(f"stop {scope.name}")
        raise OSError("stuck")
"""


def test_F26_all_plugins_stop_despite_errors_and_all_errors_are_raised(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", FAILING_STOP)
    project.install("acme-b", FAILING_STOP)
    failures = errors(project)
    assert notes == ["stop b", "close two", "close one", "stop a", "close two", "close one"]
    assert [(error.plugin, type(error)) for error in failures if isinstance(error, HookCallError | ServiceError)] == [
        *(("acme__b", HookCallError), ("acme__b", ServiceError), ("acme__b", ServiceError)),
        *(("acme__a", HookCallError), ("acme__a", ServiceError), ("acme__a", ServiceError)),
    ]


def test_F26_the_other_plugins_stop_despite_a_hanging_on_shutdown(project: Project) -> None:
    notes = journal(project)
    project.configure("[plugins]\ntimeout = 0.1\n")
    noting = "    from journal import note\n\n    @hookimpl\n    async def on_shutdown(scope): note(scope.key)\n"
    project.install("acme-a", noting)
    project.install("acme-b", "import asyncio\n@hookimpl\nasync def on_shutdown(scope): await asyncio.Event().wait()\n")
    (failure,) = errors(project)
    assert isinstance(failure, HookTimeoutError)
    assert (failure.plugin, failure.hook) == ("acme__b", "on_shutdown")
    assert notes == ["acme__a"]


def test_F26_close_raises_the_errors_of_the_stop(project: Project) -> None:
    journal(project)
    project.install("acme-a", FAILING_STOP)

    async def life() -> BootError:
        host = Host(project.settings)
        await host.ready()
        with pytest.raises(BootError) as caught:
            await host.close()
        assert host.state == "stopped"
        return caught.value

    assert len(asyncio.run(life()).errors) == 3


SLOW = """
    import asyncio
    from pathlib import Path
    from litestar import get

    here = Path(WHERE)

    async def until(name):
        while not (here / name).exists():
            await asyncio.sleep(0.01)

    @get("/")
    async def slow() -> str:
        (here / "entered").touch()
        await until("release")
        with (here / "log").open("a") as file:
            file.write("answered\\n")
        return "answered"

    @hookimpl
    def register_routes(scope): return slow
    @hookimpl
    async def on_shutdown(scope):
        with (here / "log").open("a") as file:
            file.write("shut down\\n")
"""


@pytest.fixture
def server(project: Project, tmp_path: Path) -> Iterator[Server]:
    project.install("acme-slow", SLOW.replace("WHERE", repr(str(tmp_path))))
    process = Server(project.directory, environment=project.environment())
    try:
        yield process.start()
    finally:
        (tmp_path / "release").touch()
        process.close()


def test_F27_a_stop_refuses_new_requests_then_drains_then_shuts_down(server: Server, tmp_path: Path) -> None:
    answers: list[httpx.Response] = []
    request = Thread(target=lambda: answers.append(httpx.get(f"{server.url}/acme__slow", timeout=60)))
    request.start()
    until((tmp_path / "entered").exists, 60, "the request")
    with httpx.Client(base_url=server.url, timeout=60) as client:
        assert client.get("/health/ready").status_code == 200
        server.process.terminate()
        refused = until(lambda: _refused(client), 60, "a refusal")
        assert refused.headers["Retry-After"]
        assert client.get("/health/ready").json()["status"] == "stopping"
        (tmp_path / "release").touch()
    request.join(60)
    assert answers[0].text == "answered"
    until(lambda: server.returncode is not None, 60, "the end")
    assert (tmp_path / "log").read_text().splitlines() == ["answered", "shut down"]
    assert server.returncode == 0


def _refused(client: httpx.Client) -> Any:
    answer = client.get("/acme__slow/nothing")
    return answer if answer.status_code == 503 else None
