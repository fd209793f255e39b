"""The features and the isolation of the running embedded MongoDB."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import psutil
import pymongo
import pytest

from tests.database.processes import Home, leased

Client = pymongo.MongoClient[dict[str, Any]]


@pytest.fixture(scope="module")
def server() -> Iterator[socket.socket]:
    """An inheritable server socket of the host."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.set_inheritable(True)
        yield made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = Home(tmp_path_factory.mktemp("running"))
    yield made
    made.clear()


@pytest.fixture(scope="module")
def client(home: Home, server: socket.socket) -> Iterator[Client]:
    assert server.get_inheritable()
    with leased(home.directory) as made:
        yield made


def test_it_is_a_writable_primary(client: Client) -> None:
    assert client.admin.command("hello")["isWritablePrimary"]


def test_a_transaction_is_committed(client: Client) -> None:
    database = client.committed
    with client.start_session() as session, session.start_transaction():
        database.one.insert_one({"_id": 1}, session=session)
        database.two.insert_one({"_id": 2}, session=session)
    assert (database.one.count_documents({}), database.two.count_documents({})) == (1, 1)


def test_an_aborted_transaction_writes_nothing(client: Client) -> None:
    collection = client.aborted.one
    collection.insert_one({"_id": 0})
    with client.start_session() as session:
        session.start_transaction()
        collection.insert_one({"_id": 1}, session=session)
        session.abort_transaction()
    assert [each["_id"] for each in collection.find()] == [0]


def test_a_change_stream_reports_an_insert(client: Client) -> None:
    collection = client.watched.one
    with collection.watch() as changes:
        collection.insert_one({"_id": 1})
        assert next(changes)["documentKey"] == {"_id": 1}


def test_a_document_of_the_maximum_size_can_be_stored(client: Client) -> None:
    client.great.one.insert_one({"_id": 1, "blob": b"\0" * 15_000_000})
    assert client.great.one.count_documents({"_id": 1}) == 1


def test_it_listens_on_the_loopback_interface_only(home: Home, client: Client) -> None:
    sockets = home.mongod.net_connections("all")
    listening = [each.laddr for each in sockets if each.status == psutil.CONN_LISTEN or each.family == socket.AF_UNIX]
    assert listening == [client.address]


def test_its_files_are_for_this_user_only(home: Home, client: Client) -> None:
    assert client.admin.command("ping")["ok"]
    assert (home.directory / "mongodb").stat().st_mode & 0o077 == 0


def test_the_supervisor_inherits_no_socket_of_the_host(home: Home, client: Client, server: socket.socket) -> None:
    assert client.admin.command("ping")["ok"]
    held = home.supervisor.net_connections("inet") + home.mongod.net_connections("inet")
    assert server.getsockname()[1] not in {each.laddr.port for each in held}


def test_mongod_inherits_no_lock_of_the_host(home: Home, client: Client) -> None:
    assert client.admin.command("ping")["ok"]
    locks = {str(path) for path in (home.directory / "mongodb").glob("*.lock")}
    assert len(locks) == 3
    assert not locks & {each.path for each in home.mongod.open_files()}


def test_a_second_lease_of_the_process_is_on_the_same_mongod(home: Home, client: Client) -> None:
    with leased(home.directory) as second:
        assert second.address == client.address
        assert home.mongod
