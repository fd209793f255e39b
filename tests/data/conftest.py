"""A MongoDB without transactions."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator

import pytest

from host.database.embedded.binary import find_mongod
from host.database.embedded.mongod import command


@pytest.fixture(scope="session")
def standalone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a MongoDB that is not a replica set."""
    home = tmp_path_factory.mktemp("standalone")
    (home / "data").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = command(str(find_mongod()), str(home), port, standalone=True)
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"mongodb://127.0.0.1:{port}/?directConnection=true"
    finally:
        process.kill()
        process.wait(60)
