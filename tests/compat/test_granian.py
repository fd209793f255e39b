"""A granian whose server cannot be extended: the host starts the processes itself, each with the embeddable server."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from importlib.metadata import version

import httpx
import pytest

from tests.compat.renaming import host, rename_in, warnings
from tests.distributions import Project
from tests.serverkit import Server, until

NAMES = "_stop_workers,wrks"
PLUGIN = """
    import asyncio, os, signal
    from litestar import get
    @get("/slow")
    async def slow() -> str:
        print("begun", flush=True)
        await asyncio.sleep(1)
        return "done"
    @get("/pid", sync_to_thread=False)
    def pid() -> int: return os.getpid()
    @hookimpl
    def register_routes(): return [slow, pid]
    @hookimpl
    def on_shutdown(): print("stopped", flush=True)
"""


@pytest.fixture
def renamed(project: Project) -> Project:
    project.install("acme-slow", PLUGIN)
    rename_in(project, f"granian:{NAMES}")
    return project


def test_each_missing_name_is_reported():
    lines = warnings(f"granian:{NAMES}", "granian")
    start = f"granian {version('granian')} has no "
    assert [line.partition(":")[0] for line in lines] == [f"{start}MPServer._stop_workers", f"{start}AbstractServer.wrks"]


@pytest.fixture
def server(renamed: Project) -> Iterator[Server]:
    server = Server(renamed.directory, environment=renamed.environment())
    yield server
    server.close()


def test_requests_are_answered_and_a_stop_waits_for_them(server: Server):
    server.start()
    assert pid_of(server) != server.pid
    answers: list[str] = []
    request = threading.Thread(target=lambda: answers.append(httpx.get(f"{server.url}/acme__slow/slow").text))
    request.start()
    until(lambda: "begun" in server.stdout, 10, "the request")
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(20) == 0
    request.join(20)
    assert answers == ["done"]
    assert "stopped" in server.stdout


def test_a_killed_worker_ends_the_server(server: Server):
    server.start()
    os.kill(pid_of(server) or 0, signal.SIGKILL)
    assert server.process.wait(20) == 1
    assert "ended by SIGKILL" in server.stderr


def test_a_failed_start_has_the_exit_code_of_the_host(renamed: Project):
    renamed.install("acme-broken", "raise RuntimeError('no')")
    ended = host(renamed, "run", "--port", "0")
    assert ended.returncode == 3, ended


def test_a_change_starts_a_new_worker(renamed: Project):
    server = Server(renamed.directory, ["--reload"], renamed.environment()).start()
    first = pid_of(server)
    renamed.configure("[plugins]\ntimeout = 9\n")
    until(lambda: pid_of(server) not in (first, None), 30, "a new worker")
    server.close()


def pid_of(server: Server) -> int | None:
    try:
        response = httpx.get(f"{server.url}/acme__slow/pid")
    except httpx.TransportError:
        return None
    return response.json() if response.status_code == 200 else None
