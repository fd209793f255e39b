"""The client of a database URL."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from host.common.errors import DatabaseUnreachableError, SettingsError
from host.common.urls import redact
from host.database.connect import connect
from host.database.embedded.lease import start
from tests.database.processes import Home

# pymongo leaves the socket of a connection that a monitor is just opening to the garbage collector when its client is closed.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def left_sockets() -> Iterator[None]:
    """Collect clients in the test that left them, so that a warning about an unclosed one fails that test."""
    yield
    gc.collect()


@pytest.fixture
def nobody() -> str:
    """An address without a server."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def with_client(home: Home, use: Callable[[AsyncMongoClient[dict[str, Any]]], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        with start(home.directory) as lease:
            client = await connect(await lease.wait_async())
            try:
                return await use(client)
            finally:
                await client.close()

    return asyncio.run(run())


def test_datetimes_come_back_in_utc(home: Home) -> None:
    moment = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)

    async def there_and_back(client: AsyncMongoClient[dict[str, Any]]) -> datetime:
        await client.host.one.insert_one({"at": moment})
        found = await client.host.one.find_one()
        assert found is not None
        at: datetime = found["at"]
        return at

    back = with_client(home, there_and_back)
    assert back == moment
    assert back.utcoffset() is not None


def test_a_url_without_a_server_fails_in_time(nobody: str) -> None:
    begin = time.monotonic()
    with pytest.raises(DatabaseUnreachableError, match=r"does not answer within 1 s.*refused|Connect call failed") as caught:
        asyncio.run(connect(f"mongodb://{nobody}/", timeout=1))
    assert time.monotonic() - begin < 10
    assert caught.value.exit_code == 4
    assert "database.url" in caught.value.fix


def test_a_server_that_never_answers_fails_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begin = time.monotonic()
        with pytest.raises(DatabaseUnreachableError, match="does not answer within 1 s"):
            asyncio.run(connect(f"mongodb://127.0.0.1:{silent.getsockname()[1]}/", timeout=1))
        assert time.monotonic() - begin < 10


def test_a_failure_does_not_reveal_the_password(nobody: str) -> None:
    with pytest.raises(DatabaseUnreachableError) as caught:
        asyncio.run(connect(f"mongodb://ann:s3cret@{nobody}/?authSource=admin", timeout=0.6))
    assert f"mongodb://ann:***@{nobody}/" in caught.value.message
    assert "s3cret" not in f"{caught.value} {caught.value.fix} {caught.value.facts}"


def test_a_denied_user_is_reported(home: Home) -> None:
    async def refused(client: AsyncMongoClient[dict[str, Any]]) -> None:
        address = await client.address
        assert address is not None
        with pytest.raises(DatabaseUnreachableError, match=r"ann:\*\*\*@.* denies access: Authentication failed"):
            await connect(f"mongodb://ann:s3cret@127.0.0.1:{address[1]}/?directConnection=true")

    with_client(home, refused)


@pytest.mark.parametrize(
    "url",
    [
        "localhost:27017",
        "http://localhost",
        "mongodb://",
        "mongodb://localhost:port",
        "mongodb://localhost:99999",
        "mongodb://one,two/?directConnection=true",
        "mongodb://localhost/?tls=true&tlsCAFile=/nowhere/ca.pem",
        "mongodb+srv://host.invalid/",
    ],
)
def test_a_url_that_cannot_be_used(url: str) -> None:
    with pytest.raises(SettingsError, match="cannot be used as a MongoDB URL") as caught:
        asyncio.run(connect(url))
    assert (caught.value.key, caught.value.exit_code) == ("database.url", 2)


@pytest.mark.parametrize("password", ["p/ss", "p@ss", "p:ss", "%zz", "p?ss=1&x"])
def test_an_unencoded_password_is_an_error_that_does_not_reveal_it(password: str) -> None:
    with pytest.raises(SettingsError) as caught:
        asyncio.run(connect(f"mongodb://ann:{password}@localhost/"))
    assert caught.value.__suppress_context__
    for part in {password, "ss", "zz"}:
        assert part not in caught.value.message.replace("password", "")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mongodb://localhost/", "mongodb://localhost/"),
        ("mongodb://ann@localhost/", "mongodb://ann@localhost/"),
        ("mongodb://ann:pw@one:1,two:2/x?y=z", "mongodb://ann:***@one:1,two:2/x?y=z"),
        ("mongodb+srv://ann:p@w@one/", "mongodb+srv://ann:***@one/"),
        ("mongodb://:pw@one/", "mongodb://:***@one/"),
        ("mongodb://one/?tlsCertificateKeyFilePassword=pw&tls=true", "mongodb://one/?tlsCertificateKeyFilePassword=***&tls=true"),
        (
            "mongodb://one/?authMechanismProperties=AWS_SESSION_TOKEN:pw",
            "mongodb://one/?authMechanismProperties=AWS_SESSION_TOKEN:***",
        ),
    ],
)
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert redact(url) == shown
