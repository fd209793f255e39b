"""Signals at any time end ``host run``, in order where there is time for it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
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


#: What plugins below share: a log, and waiting for a file.
FILES = """
    import asyncio
    from pathlib import Path

    LOG, GO = Path({log!r}), Path({go!r})

    def note(what):
        with LOG.open("a") as file:
            file.write(what + "\\n")

    async def wait():
        while not GO.exists():
            await asyncio.sleep(0.01)
"""
#: A route that answers once the file is there.
SLOW_ROUTE = """
    from litestar import get

    @get("/")
    async def root() -> str:
        note("asked")
        await wait()
        return "finished"

    @hookimpl
    def register_routes(scope):
        return root

    @hookimpl
    def on_shutdown(scope):
        note("shut down")
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def go(tmp_path: Path) -> Path:
    """Let plugins that wait go on, by making it."""
    return tmp_path / "go"


@pytest.fixture
def port() -> int:
    """One that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(project: Project, port: int) -> Iterator[subprocess.Popen[str]]:
    """``host run`` in a process group of its own."""
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
def running(project: Project, log: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A server, and a log that is empty yet."""
    log.touch()
    project.environ["HOST_PLUGINS_TIMEOUT"] = "0"
    with server(project, port) as process:
        yield process


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
    assert running.wait(60) == 0
    assert log.read_text(encoding="utf-8") == "cancelled"


@pytest.mark.usefixtures("hanging_stop")
def test_a_second_signal_ends_a_stop_that_hangs(running: subprocess.Popen[str], log: Path) -> None:
    assert running.stdout is not None
    assert "Serving" in running.stdout.readline()
    os.kill(running.pid, signal.SIGTERM)
    until(lambda: log.read_text(encoding="utf-8") == "on_shutdown", 20, "the hook runs")
    os.kill(running.pid, signal.SIGTERM)
    assert running.wait(60) == 1


def test_a_worker_that_is_killed_is_told_of(running: subprocess.Popen[str]) -> None:
    assert running.stdout is not None
    assert "Serving" in running.stdout.readline()
    [worker] = psutil.Process(running.pid).children()
    worker.kill()
    assert "a worker process was ended by SIGKILL" in running.communicate(timeout=60)[0]
    assert running.returncode == 1


@pytest.mark.usefixtures("hanging_start")
def test_a_second_host_on_the_port_is_refused_also_while_the_first_is_starting(
    project: Project, running: subprocess.Popen[str], log: Path, port: int
) -> None:
    until(lambda: running.poll() is not None or log.read_text(encoding="utf-8") == "on_startup", 20, "the hook runs")
    refused = project.host("run", "--port", str(port))
    assert (refused.code, refused.stderr.partition(":")[0]) == (2, "error[port-in-use]")


def lines(log: Path) -> list[str]:
    """What plugins noted."""
    return log.read_text(encoding="utf-8").splitlines()


def ask(port: int, path: str) -> httpx.Response | None:
    """An answer, or ``None`` where nobody listens."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=20)
    except httpx.TransportError:
        return None


def until_refused(port: int, path: str) -> httpx.Response:
    """Ask until the answer is 503."""

    def refused() -> httpx.Response | None:
        answer = ask(port, path)
        return answer if answer is not None and answer.status_code == 503 else None

    found = until(refused, 20, f"503 for {path}")
    assert found is not None
    return found


def open_socket(port: int) -> tuple[socket.socket, bytes]:
    """Ask for a WebSocket; gives the connection and the status line."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    wanted = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    connection.sendall(f"GET /shop__slow/feed HTTP/1.1\r\nHost: localhost\r\n{wanted}\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(1)
    return connection, answer.partition(b"\r\n")[0]


@pytest.fixture
def slow_start(project: Project, log: Path, go: Path) -> None:
    """A plugin that has started, and one whose start waits for the file and then fails."""
    files = FILES.format(log=str(log), go=str(go))
    project.install("shop-early", files + "\n    @hookimpl\n    def on_shutdown(scope):\n        note('shut down')\n")
    start = "\n    @hookimpl\n    async def on_startup(scope):\n        await wait()\n        raise OSError('no disk')\n"
    project.install("shop-slow", files + start)


@pytest.mark.usefixtures("slow_start")
def test_while_plugins_start_the_port_answers_who_it_waits_for(running: subprocess.Popen[str], port: int) -> None:
    answer = until_refused(port, "/shop__early")
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["detail"] == "the host is starting; it waits for the plugin shop__slow"
    live = ask(port, "/health/live")
    assert (live is not None and live.status_code, running.poll()) == (200, None)


@pytest.mark.usefixtures("slow_start", "running")
def test_while_plugins_start_a_websocket_is_refused(port: int) -> None:
    until_refused(port, "/")
    connection, status = open_socket(port)
    connection.close()
    assert status.startswith(b"HTTP/1.1 403")


@pytest.mark.usefixtures("slow_start")
def test_a_start_that_fails_while_the_port_answers_ends_the_host(
    running: subprocess.Popen[str], port: int, go: Path, log: Path
) -> None:
    until_refused(port, "/")
    go.touch()
    said = running.communicate(timeout=60)[0]
    assert running.returncode == 3
    assert "error[hook-raised]: on_startup raised OSError" in said
    assert "Serving" not in said
    assert lines(log) == ["shut down"]


def test_a_start_that_fails_before_the_port_answers_ends_the_host(project: Project) -> None:
    project.install("shop-bad", "@hookimpl\nasync def on_startup(scope):\n    raise OSError('no disk')\n")
    ended = project.host("run", "--port", "0", "--workers", "2")
    assert (ended.code, ended.stderr.partition(":")[0]) == (3, "error[hook-raised]")


@pytest.fixture
def slow_request(project: Project, log: Path, go: Path) -> None:
    """A plugin with a route that answers once the file is there."""
    project.install("shop-slow", FILES.format(log=str(log), go=str(go)) + SLOW_ROUTE)


@pytest.mark.parametrize(
    ("send", "number"),
    [pytest.param(os.kill, signal.SIGTERM, id="SIGTERM"), pytest.param(os.killpg, signal.SIGINT, id="Ctrl+C")],
)
@pytest.mark.usefixtures("slow_request")
def test_a_request_under_way_is_finished_while_new_ones_are_refused(
    running: subprocess.Popen[str], port: int, go: Path, log: Path, send: object, number: signal.Signals
) -> None:
    assert running.stdout is not None
    assert "Serving" in running.stdout.readline()
    with ThreadPoolExecutor() as pool:
        request = pool.submit(ask, port, "/shop__slow")
        until(lambda: lines(log) == ["asked"], 20, "the request")
        send(running.pid, number)  # type: ignore[operator]  # one of two functions with these arguments
        assert until_refused(port, "/").json()["detail"] == "the host is stopping"
        assert until_refused(port, "/health/ready").json()["status"] == "stopping"
        assert lines(log) == ["asked"]
        go.touch()
        answer = request.result(20)
    assert answer is not None
    assert answer.text == "finished"
    assert running.wait(60) == 0
    assert lines(log) == ["asked", "shut down"]


@pytest.mark.usefixtures("slow_request")
def test_a_request_that_takes_longer_than_the_drain_does_not_keep_plugins_from_stopping(
    project: Project, log: Path, port: int
) -> None:
    log.touch()
    project.environ["HOST_SERVER_DRAIN"] = "0.2"
    with server(project, port) as process, ThreadPoolExecutor() as pool:
        assert process.stdout is not None
        assert "Serving" in process.stdout.readline()
        pool.submit(ask, port, "/shop__slow")
        until(lambda: lines(log) == ["asked"], 20, "the request")
        process.terminate()
        assert process.wait(60) == 0
    assert lines(log) == ["asked", "shut down"]


@pytest.fixture
def probing_stop(project: Project, log: Path, go: Path, port: int) -> None:
    """A plugin that looks at its stop whether the port answers, and then fails."""
    stop = f"""
    import socket

    @hookimpl
    def on_shutdown(scope):
        with socket.socket() as probe:
            note("answers" if probe.connect_ex(("127.0.0.1", {port})) == 0 else "closed")
        raise OSError("no disk")
    """
    project.install("shop-probe", FILES.format(log=str(log), go=str(go)) + stop)


@pytest.mark.usefixtures("probing_stop")
def test_the_port_is_closed_before_plugins_stop_and_a_failure_of_theirs_is_the_exit_code(
    running: subprocess.Popen[str], log: Path
) -> None:
    assert running.stdout is not None
    assert "Serving" in running.stdout.readline()
    running.terminate()
    assert "error[hook-raised]: on_shutdown raised OSError" in running.communicate(timeout=60)[0]
    assert (running.returncode, lines(log)) == (3, ["closed"])


@pytest.fixture
def feed(project: Project) -> None:
    """A plugin with a WebSocket that sends back what it gets."""
    source = """
    from litestar import WebSocket, websocket

    @websocket("/feed")
    async def feed(socket: WebSocket) -> None:
        await socket.accept()
        while True:
            await socket.send_text(await socket.receive_text())

    @hookimpl
    def register_routes(scope):
        return feed
    """
    project.install("shop-slow", source)


@pytest.mark.usefixtures("feed")
def test_a_websocket_is_told_that_the_server_goes_away(running: subprocess.Popen[str], port: int) -> None:
    assert running.stdout is not None
    assert "Serving" in running.stdout.readline()
    connection, status = open_socket(port)
    with connection:
        assert status.startswith(b"HTTP/1.1 101")
        connection.sendall(b"\x81\x82\0\0\0\0hi")
        assert connection.recv(4) == b"\x81\x02hi"
        running.terminate()
        assert connection.recv(2)[:1] == b"\x88"
        assert int.from_bytes(connection.recv(2)) == 1001
    assert running.wait(60) == 0
