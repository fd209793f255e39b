"""The embedded MongoDB as one host process sees it."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from host.database.embedded import Lease, start
from host.errors import EmbeddedDatabaseError
from tests.database.conftest import Client
from tests.database.processes import Home, port_of, until

Connect = Callable[[str], Client]


def test_a_first_start_gives_a_writable_primary(home: Home, client: Connect) -> None:
    with start(home.directory) as lease:
        assert client(lease.wait()).admin.command("hello")["isWritablePrimary"]


def test_a_transaction_is_committed_whole(home: Home, client: Connect) -> None:
    with start(home.directory) as lease:
        database = client(lease.wait()).host
        with database.client.start_session() as session, session.start_transaction():
            database.one.insert_one({"_id": 1}, session=session)
            database.two.insert_one({"_id": 2}, session=session)
        assert (database.one.count_documents({}), database.two.count_documents({})) == (1, 1)


def test_a_transaction_that_is_given_up_leaves_nothing(home: Home, client: Connect) -> None:
    with start(home.directory) as lease:
        database = client(lease.wait()).host
        database.one.insert_one({"_id": 0})
        with database.client.start_session() as session:
            session.start_transaction()
            database.one.insert_one({"_id": 1}, session=session)
            session.abort_transaction()
        assert [each["_id"] for each in database.one.find()] == [0]


def test_a_document_of_the_greatest_size_fits(home: Home, client: Connect) -> None:
    with start(home.directory) as lease:
        database = client(lease.wait()).host
        database.one.insert_one({"blob": b"\0" * 15_000_000})
        assert len(database.one.find_one()["blob"]) == 15_000_000


def test_the_next_start_has_the_data_and_the_port(home: Home, client: Connect) -> None:
    with start(home.directory) as lease:
        first = lease.wait()
        client(first).host.one.insert_one({"_id": 1})
    until(home.idle)
    with start(home.directory) as lease:
        assert lease.wait() == first
        assert client(first).host.one.count_documents({}) == 1


def test_where_the_port_is_taken_the_data_come_up_on_another(home: Home, client: Connect) -> None:
    with start(home.directory) as lease:
        first = lease.wait()
        client(first).host.one.insert_one({"_id": 1})
    until(home.idle)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port_of(first)))
        other.listen()
        with start(home.directory) as lease:
            second = lease.wait()
            assert second != first
            database = client(second).host
            database.one.insert_one({"_id": 2})
            assert database.one.count_documents({}) == 2


def test_a_second_lease_in_the_process_is_on_the_same_mongod(home: Home) -> None:
    with start(home.directory) as one, start(home.directory) as two:
        assert one.wait() == two.wait()
        assert home.mongod


def test_the_first_release_of_two_leaves_mongod_running(home: Home, client: Connect) -> None:
    one, two = start(home.directory), start(home.directory)
    one.wait()
    one.release()
    with two:
        assert client(two.wait()).admin.command("ping")["ok"]


def test_two_directories_have_two(home: Home) -> None:
    one, two = home.directory / "one", home.directory / "two"
    with start(one) as first, start(two) as second:
        assert first.wait() != second.wait()


def test_it_can_be_awaited(home: Home, client: Connect) -> None:
    async def ready(lease: Lease) -> tuple[str, int]:
        beats = 0

        async def beat() -> None:
            nonlocal beats
            while True:
                await asyncio.sleep(0.01)
                beats += 1

        task = asyncio.create_task(beat())
        url = await lease.wait_async()
        task.cancel()
        return url, beats

    with start(home.directory) as lease:
        url, beats = asyncio.run(ready(lease))
        assert client(url).admin.command("hello")["isWritablePrimary"]
    assert beats > 10, "the event loop was held up"


def test_it_listens_on_the_loopback_interface_only(home: Home) -> None:
    with start(home.directory) as lease:
        port = port_of(lease.wait())
        listening = [
            each.laddr for each in home.mongod.net_connections("all") if each.status == "LISTEN" or each.family == socket.AF_UNIX
        ]
        assert listening == [("127.0.0.1", port)]


def test_its_files_are_for_this_user_only(home: Home) -> None:
    with start(home.directory) as lease:
        lease.wait()
        assert (home.directory / "mongodb").stat().st_mode & 0o077 == 0


def test_it_inherits_no_file_of_the_host(home: Home) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.set_inheritable(True)
        with start(home.directory) as lease:
            lease.wait()
            held = home.supervisor.net_connections("inet") + home.mongod.net_connections("inet")
            assert server.getsockname()[1] not in {each.laddr.port for each in held}


def test_it_inherits_no_lock(home: Home) -> None:
    with start(home.directory) as lease:
        lease.wait()
        assert not [
            each.path for each in home.mongod.open_files() if each.path.endswith(("users.lock", "start.lock", "supervisor.lock"))
        ]


def test_to_release_twice_is_no_error(home: Home) -> None:
    lease = start(home.directory)
    lease.release()
    lease.release()
    until(home.idle)


def test_after_the_release_there_is_nothing_to_wait_for(home: Home) -> None:
    lease = start(home.directory)
    lease.release()
    with pytest.raises(EmbeddedDatabaseError, match="was released"):
        lease.wait()


def test_its_log_does_not_grow_without_limit(home: Home, client: Connect) -> None:
    with start(home.directory) as lease:
        lease.wait()
        with home.log.open("ab") as log:
            log.write(b"a line\n" * 1_300_000)
        until(lambda: home.log.exists() and home.log.stat().st_size < 1_000_000)
        assert home.log.with_name("mongod.log.1").stat().st_size > 8_000_000
        assert client(lease.wait()).admin.command("ping")["ok"]


def test_to_import_it_is_to_import_neither_pymongo_nor_asyncio() -> None:
    code = "import host.database.embedded, sys; print({'pymongo', 'bson', 'asyncio', 'subprocess'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
