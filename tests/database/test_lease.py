"""The embedded MongoDB, used by a single host process."""

from __future__ import annotations

import asyncio
import socket
import socketserver
import subprocess
import sys
import threading

import pytest

from host.common.errors import EmbeddedDatabaseError
from host.database.embedded.lease import start
from tests.database.processes import Home, leased, opened, stays, until


class Rude(socketserver.TCPServer):
    """Closes every connection."""

    allow_reuse_address = True


def test_the_next_start_has_the_data_and_the_port(home: Home) -> None:
    with leased(home.directory) as client:
        first = client.address
        client.host.one.insert_one({"_id": 1})
    until(home.idle)
    with leased(home.directory) as client:
        assert client.address == first
        assert client.host.one.count_documents({}) == 1


def test_mongod_uses_a_new_port_if_another_server_has_the_old_one(home: Home) -> None:
    with leased(home.directory) as client:
        first = client.address
        client.host.one.insert_one({"_id": 1})
    until(home.idle)
    with Rude(first, socketserver.BaseRequestHandler) as other:
        serving = threading.Thread(target=other.serve_forever, args=(0.01,))
        serving.start()
        with leased(home.directory) as client:
            client.host.one.insert_one({"_id": 2})
            assert client.address != first
            assert client.host.one.count_documents({}) == 2
        other.shutdown()
        serving.join()


def test_a_program_that_never_answers_on_the_port_does_not_delay_the_start(home: Home) -> None:
    with leased(home.directory) as client:
        first = client.address
        client.host.one.insert_one({"_id": 1})
    until(home.idle)
    with socket.create_server(first), leased(home.directory) as client:
        client.host.one.insert_one({"_id": 2})
        assert client.address != first
        assert client.host.one.count_documents({}) == 2


def test_the_first_release_of_two_leaves_mongod_running(home: Home) -> None:
    one = start(home.directory)
    with start(home.directory) as two:
        one.wait()
        one.release()
        with opened(two.wait()) as client:
            assert stays(lambda: client.admin.command("ping")["ok"])


def test_two_directories_have_two(home: Home) -> None:
    with start(home.directory) as one, start(home.directory / "mongodb" / "nested") as two:
        assert one.wait() != two.wait()


def test_waiting_does_not_block_an_event_loop(home: Home) -> None:
    async def ready() -> int:
        beats = 0

        async def beat() -> None:
            nonlocal beats
            while True:
                await asyncio.sleep(0.01)
                beats += 1

        task = asyncio.create_task(beat())
        with start(home.directory) as lease:
            await lease.wait_async()
        task.cancel()
        return beats

    assert asyncio.run(ready()) > 10


def test_releasing_twice_is_not_an_error(home: Home) -> None:
    lease = start(home.directory)
    lease.release()
    lease.release()


def test_waiting_after_the_release_is_an_error(home: Home) -> None:
    lease = start(home.directory)
    lease.release()
    with pytest.raises(EmbeddedDatabaseError, match="was released"):
        lease.wait()


def test_its_log_does_not_grow_without_limit(home: Home) -> None:
    with leased(home.directory) as client:
        with home.log.open("ab") as log:
            log.write(b"a line\n" * 1_300_000)
        until(lambda: home.log.exists() and 0 < home.log.stat().st_size < 1_000_000)
        assert home.log.with_name("mongod.log.1").stat().st_size > 8_000_000
        assert client.admin.command("ping")["ok"]


def test_importing_it_imports_neither_pymongo_nor_asyncio() -> None:
    code = "import host.database.embedded.lease, sys; print({'pymongo', 'bson', 'asyncio', 'subprocess'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
