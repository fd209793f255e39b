"""A real ``host run`` with this plugin, and another one that uses its contract."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest

PROBE = Path(__file__).parent / "probe"
TOML = """
[plugins]
enabled = ["acme-billing", "acme-probe"]

[plugins.acme__billing.options]
limits = { free = 10, pro = 20 }
prices = { pro = "9.90" }
payment_days = 30
"""
DEADLINE = 120.0


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the server."""
    directory = tmp_path_factory.mktemp("billing")
    (directory / "host.toml").write_text(TOML, encoding="utf-8")
    paths = [str(PROBE), *filter(None, [os.environ.get("PYTHONPATH")])]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [Path(sys.executable).parent / "host", "run", "--port", "0"],
            cwd=directory,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            stdout=log,
            stderr=log,
        )
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


@pytest.fixture
def api(url: str) -> Iterator[httpx.Client]:
    """A client of the server."""
    with httpx.Client(base_url=url, timeout=60) as client:
        yield client


_NUMBERS = count(1)


@pytest.fixture
def account() -> str:
    """An account that no other test uses."""
    return f"account-{next(_NUMBERS)}"
