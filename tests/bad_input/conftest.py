"""A server with the sample plugins, for tests that send it unexpected input."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.serverkit import Server, servers

TOML = """
[plugins]
enabled = ["acme-todo", "acme-billing", "acme-auth"]

[plugins.acme__billing.options.limits]
free = 100000

[plugins.acme__auth.options]
admins = ["root@example.org"]
hash_rounds = 1
hash_memory = 8192
attempts = 100000
attempts_per_address = 100000
"""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the server for all tests of this directory."""
    with servers(tmp_path_factory.mktemp("bad_input")) as start:
        yield start(TOML)


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    """Return a client of the server."""
    with httpx.Client(base_url=server.url, timeout=30) as http_client:
        yield http_client
