"""Signals at any time end ``host run``, in order where there is time for it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.distributions import Project, host_command
from tests.serverkit import until

HANGS = """
    import asyncio
    from pathlib import Path

    LOG = Path({log!r})

    async def hang(what):
        LOG.write_text(what)
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            LOG.write_text("cancelled")
            raise

    @hookimpl
    async def {hook}(scope):
        await hang("{hook}")
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def port() -> int:
    """One that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def running(project: Project, log: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """``host run`` in a process group of its own, and a log that is empty yet."""
    log.touch()
    project.environ["HOST_PLUGINS_TIMEOUT"] = "0"
    process = subprocess.Popen(
        [host_command(), "run", "--port", str(port)],
        cwd=project.directory,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def hanging_start(project: Project, log: Path) -> None:
    project.install("shop-slow", HANGS.format(log=str(log), hook="on_startup"))


@pytest.fixture
def hanging_stop(project: Project, log: Path) -> None:
    project.install("shop-slow", HANGS.format(log=str(log), hook="on_shutdown"))


@pytest.mark.parametrize(
    "send",
    [
        pytest.param([(os.kill, signal.SIGTERM)], id="SIGTERM"),
        pytest.param([(os.killpg, signal.SIGINT)], id="Ctrl+C"),
        pytest.param([(os.killpg, signal.SIGTERM)], id="SIGTERM to the group"),
    ],
)
@pytest.mark.usefixtures("hanging_start")
def test_a_signal_during_the_start_cancels_it(
    running: subprocess.Popen[str], log: Path, send: list[tuple[object, signal.Signals]]
) -> None:
    until(lambda: log.read_text(encoding="utf-8") == "on_startup", 20, "the hook runs")
    for function, number in send:
        function(running.pid, number)
    assert running.wait(20) == 0
    assert log.read_text(encoding="utf-8") == "cancelled"


@pytest.mark.usefixtures("hanging_stop")
def test_a_second_signal_ends_a_stop_that_hangs(running: subprocess.Popen[str], log: Path) -> None:
    assert running.stdout is not None
    assert "Serving" in running.stdout.readline()
    os.kill(running.pid, signal.SIGTERM)
    until(lambda: log.read_text(encoding="utf-8") == "on_shutdown", 20, "the hook runs")
    os.kill(running.pid, signal.SIGTERM)
    assert running.wait(20) == 1


def test_a_worker_that_is_killed_is_told_of(running: subprocess.Popen[str]) -> None:
    assert running.stdout is not None
    assert "Serving" in running.stdout.readline()
    [worker] = psutil.Process(running.pid).children()
    worker.kill()
    assert "a worker process was ended by SIGKILL" in running.communicate(timeout=20)[0]
    assert running.returncode == 1


@pytest.mark.usefixtures("hanging_start")
def test_a_second_host_on_the_port_is_refused_also_while_the_first_is_starting(
    project: Project, running: subprocess.Popen[str], log: Path, port: int
) -> None:
    until(lambda: running.poll() is not None or log.read_text(encoding="utf-8") == "on_startup", 20, "the hook runs")
    refused = project.host("run", "--port", str(port))
    assert (refused.code, refused.stderr.partition(":")[0]) == (2, "error[port-in-use]")
