"""A real ``host run`` with this plugin and acme-billing, on the embedded database."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

TOML = """
[plugins]
enabled = ["acme-todo", "acme-billing"]

[plugins.acme__billing.options.limits]
free = {limit}
"""
DEADLINE = 120.0


@contextmanager
def serving(directory: Path, limit: int) -> Iterator[str]:
    """Run a server whose free plan has a limit, and yield its URL."""
    (directory / "host.toml").write_text(TOML.format(limit=limit), encoding="utf-8")
    with (directory / "log").open("wb") as log:
        command = [Path(sys.executable).parent / "host", "run", "--port", "0"]
        process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=log)
    try:
        yield _wait(process, directory / "log")
        process.terminate()
        assert process.wait(DEADLINE) == 0
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + DEADLINE
    while not (found := re.search(r"^Serving .* on (http://\S+)$", log.read_text(encoding="utf-8"), re.MULTILINE)):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.02)
    return found[1]


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server with enough units for all tests."""
    with serving(tmp_path_factory.mktemp("todo"), 10_000) as found:
        yield found


@pytest.fixture
def api(url: str) -> Iterator[httpx.Client]:
    """A client of that server."""
    with httpx.Client(base_url=f"{url}/acme__todo", timeout=60) as client:
        yield client


@pytest.fixture
def small(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a server of its own, with units for three tasks."""
    with serving(tmp_path, 3) as found, httpx.Client(base_url=f"{found}/acme__todo", timeout=60) as client:
        yield client


@pytest.fixture
def make(api: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Creates a task and returns its row."""

    def create(**fields: Any) -> dict[str, Any]:
        answer = api.post("/task", json={"title": "Anything", **fields})
        assert answer.status_code == 201, answer.text
        (item,) = answer.json()["body"]["items"]
        return item

    return create


_NUMBERS = count(1)


@pytest.fixture
def tag() -> str:
    """A tag that no other test uses."""
    return f"tag-{next(_NUMBERS)}"
