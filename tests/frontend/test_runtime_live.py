"""``createApi`` against a real host: the cases in ``runtime/live.ts``, with the WebSocket of the package ``ws``."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.frontend import running
from tests.frontend.compile import COMPILERS, compile_files, node
from tests.serverkit import HOST, Server, servers

TOML = """
[plugins]
enabled = ["acme-auth", "acme-billing", "acme-todo"]

[plugins.acme__billing.options]
role = "admin"

[plugins.acme__billing.options.limits]
free = 6
"""


def free_port() -> int:
    """Return a port that is not in use."""
    with socket.socket() as connection:
        connection.bind(("127.0.0.1", 0))
        port: int = connection.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a host with the sample plugins on a port that it can use again."""
    with servers(tmp_path_factory.mktemp("live")) as start:
        yield start(TOML, arguments=["--port", str(free_port())])


@pytest.fixture(scope="module")
def directory(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the cases beside the file that the server's host generates."""
    file = server.directory / "generated-config.ts"
    subprocess.run([str(HOST), "generate-config", "--output", str(file)], cwd=server.directory, check=True, capture_output=True)
    return running.project(tmp_path_factory.mktemp("page"), file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def results(server: Server, directory: Path) -> dict[str, str]:
    """Return the result of each case."""
    script = running.bundled(directory / "live.ts")
    command = [node(), "--require", str(running.RUNTIME / "websocket.cjs"), str(script)]
    printed = []
    with subprocess.Popen(command, env={**os.environ, "HOST_URL": server.url}, stdout=subprocess.PIPE, text=True) as process:
        deadline = threading.Timer(240, process.kill)
        deadline.start()
        assert process.stdout is not None
        for line in process.stdout:
            if line == "restart\n":
                server.kill()
                server.start()
            else:
                printed.append(line)
    deadline.cancel()
    assert process.returncode == 0, f"it did not end by itself:\n{''.join(printed)}"
    return running.results("".join(printed))


@pytest.mark.parametrize("name", running.names("live.ts"))
def test_case(name: str, results: dict[str, str]) -> None:
    assert results[name] == ""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_cases_compile(compiler: str, directory: Path) -> None:
    assert compile_files([directory / "live.ts"], compiler) == ""
