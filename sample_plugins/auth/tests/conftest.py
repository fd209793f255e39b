"""A real ``host run`` with this plugin, and another one whose routes require users."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import httpx
import pytest

PROBE = Path(__file__).parent / "probe"
DEADLINE = 120.0
ADMIN = "root@example.org"
PASSWORD = "correct horse"
SECRET = "a secret of tests that is long enough"
TOML = """
environment = "{environment}"

[plugins]
enabled = ["acme-auth", "acme-gate"]

[plugins.acme__auth.options]
admins = ["{admin}"]
hash_rounds = {rounds}
hash_memory = 8192
attempts = 3
attempts_per_address = {per_address}
attempts_window = 60
address_header = "X-Forwarded-For"
origins = ["https://app.example.org"]
{more}
"""


@contextmanager
def _serving(
    directory: Path, more: str = "", *, environment: str = "development", rounds: int = 1, per_address: int = 10
) -> Iterator[str]:
    """Run a server and yield its URL."""
    text = TOML.format(environment=environment, admin=ADMIN, rounds=rounds, per_address=per_address, more=more)
    (directory / "host.toml").write_text(text, encoding="utf-8")
    log = directory / f"log-{time.monotonic_ns()}"
    with log.open("wb") as file:
        command = [Path(sys.executable).parent / "host", "run", "--port", "0"]
        paths = [str(PROBE), *filter(None, [os.environ.get("PYTHONPATH")])]
        variables = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "ACME_AUTH_SECRET": SECRET}
        process = subprocess.Popen(command, cwd=directory, env=variables, stdout=file, stderr=file)
    try:
        yield _wait(process, log)
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
def serving() -> Callable[..., AbstractContextManager[str]]:
    """Starts a server in a directory; servers in one directory share a database."""
    return _serving


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server."""
    with _serving(tmp_path_factory.mktemp("auth"), 'secret = { env = "ACME_AUTH_SECRET" }') as found:
        yield found


_NUMBERS = count(1)


@pytest.fixture
def address() -> str:
    """A network address that no other test has, as a proxy would pass it on."""
    number = next(_NUMBERS)
    return f"10.0.{number // 256}.{number % 256}"


@pytest.fixture
def api(url: str, address: str) -> Iterator[httpx.Client]:
    """A client of the server."""
    with httpx.Client(base_url=url, timeout=60, headers={"X-Forwarded-For": address}) as client:
        yield client


@pytest.fixture
def email() -> str:
    """An email that no other test uses."""
    return f"user-{next(_NUMBERS)}@example.org"


@pytest.fixture
def member(api: httpx.Client, email: str) -> Callable[..., dict[str, str]]:
    """Registers and signs in a user; returns the response of the login."""

    def enter(who: str = email) -> dict[str, str]:
        registered = api.post("/acme__auth/register", json={"email": who, "password": PASSWORD})
        assert registered.status_code in (201, 409), registered.text
        answer = api.post("/acme__auth/login", json={"email": who, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return enter
