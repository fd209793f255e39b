"""The Redis backend on a real Redis, also while Redis is killed and started again."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from litestar.channels.backends.base import ChannelsBackend
from litestar.channels.backends.memory import MemoryChannelsBackend

from host.common.errors import ChannelsUnreachableError, SettingsError
from host.common.settings import load_settings
from host.database.embedded.ports import LOOPBACK, free_port
from host.web.channels.backends import make_backend
from tests.channels.rediskit import RedisServer, redis, redis_servers

__all__ = ["redis"]  # a fixture

CHANNEL = "shop__cart--added"
LIMIT = 60.0


def make(tmp_path: Path, url: str, *, database: str = "shop", history: int = 10) -> ChannelsBackend:
    """The backend of a project with this Redis."""
    text = f'[database]\nname = "{database}"\n[channels]\nurl = "{url}"\nhistory = {history}\n'
    (tmp_path / "host.toml").write_text(text, encoding="utf-8")
    return make_backend(load_settings(tmp_path, {}))


@asynccontextmanager
async def started(backend: ChannelsBackend, *channels: str) -> AsyncIterator[list[bytes]]:
    """A backend that runs; what reaches it is in the list."""
    received: list[bytes] = []

    async def read() -> None:
        async for _, data in backend.stream_events():
            received.append(data)

    await backend.on_startup()
    reading = asyncio.create_task(read())
    await backend.subscribe(channels or [CHANNEL])
    try:
        yield received
    finally:
        reading.cancel()
        await asyncio.wait([reading])
        await backend.on_shutdown()


async def eventually(condition: Callable[[], object], what: str) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, f"not within {LIMIT:g} s: {what}"
        await asyncio.sleep(0.01)


async def eventually_done(action: Callable[[], Awaitable[object]]) -> None:
    """Repeat until Redis is there."""
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            await action()
        except ChannelsUnreachableError:
            assert time.monotonic() < deadline, f"Redis is not back within {LIMIT:g} s"
            await asyncio.sleep(0.01)
        else:
            return


def numbers(first: int, last: int) -> list[bytes]:
    return [b"%d" % number for number in range(first, last)]


def test_without_a_url_messages_stay_in_memory(tmp_path: Path) -> None:
    assert isinstance(make(tmp_path, ""), MemoryChannelsBackend)


def test_a_message_reaches_another_process(tmp_path: Path, redis: RedisServer) -> None:
    async def scenario() -> None:
        async with started(make(tmp_path, redis.url)) as here, started(make(tmp_path, redis.url)) as there:
            sender = make(tmp_path, redis.url)
            async with started(sender):
                await sender.publish(b"hello", [CHANNEL])
            await eventually(lambda: here and there, "the message is everywhere")
            assert (here, there) == ([b"hello"], [b"hello"])

    asyncio.run(scenario())


def test_messages_of_one_sender_stay_in_order(tmp_path: Path, redis: RedisServer) -> None:
    async def scenario() -> None:
        sender = make(tmp_path, redis.url)
        async with started(sender), started(make(tmp_path, redis.url)) as received:
            for message in numbers(0, 500):
                await sender.publish(message, [CHANNEL])
            await eventually(lambda: len(received) >= 500, "all messages")
            assert received == numbers(0, 500)

    asyncio.run(scenario())


def test_a_message_to_two_channels_arrives_on_both(tmp_path: Path, redis: RedisServer) -> None:
    async def scenario() -> None:
        backend = make(tmp_path, redis.url)
        async with started(backend, "a", "b") as received:
            await backend.publish(b"both", ["a", "b"])
            await eventually(lambda: len(received) >= 2, "two messages")
            assert [await backend.get_history(name) for name in "ab"] == [[b"both"], [b"both"]]

    asyncio.run(scenario())


def test_messages_of_channels_without_subscription_are_not_delivered(tmp_path: Path, redis: RedisServer) -> None:
    async def scenario() -> None:
        backend = make(tmp_path, redis.url)
        async with started(backend) as received:
            await backend.publish(b"other", ["shop__cart--Added"])  # differs in case only
            await backend.publish(b"mine", [CHANNEL])
            await eventually(lambda: received, "the message")
            assert received == [b"mine"]

    asyncio.run(scenario())


def test_two_projects_on_one_redis_are_separate(tmp_path: Path, redis: RedisServer) -> None:
    async def scenario() -> None:
        shop, blog = make(tmp_path, redis.url), make(tmp_path, redis.url, database="blog")
        async with started(shop) as received, started(blog):
            await blog.publish(b"theirs", [CHANNEL])
            await shop.publish(b"ours", [CHANNEL])
            await eventually(lambda: received, "the message")
            assert (received, await shop.get_history(CHANNEL)) == ([b"ours"], [b"ours"])

    asyncio.run(scenario())


def test_a_reader_that_lags_behind_loses_nothing(tmp_path: Path, redis: RedisServer) -> None:
    """It is behind by more than the history holds, as a process is whose event loop was busy."""

    async def scenario() -> None:
        sender, reader = make(tmp_path, redis.url), make(tmp_path, redis.url)
        async with started(sender):
            await reader.on_startup()
            await reader.subscribe([CHANNEL])
            for message in numbers(0, 1000):
                await sender.publish(message, [CHANNEL])
            events = reader.stream_events()
            received = [(await anext(events))[1] for _ in range(1000)]
            await reader.on_shutdown()
            assert received == numbers(0, 1000)

    asyncio.run(scenario())


def test_a_process_that_starts_later_has_the_history(tmp_path: Path, redis: RedisServer) -> None:
    async def scenario() -> None:
        sender = make(tmp_path, redis.url)
        async with started(sender):
            for message in numbers(0, 25):
                await sender.publish(message, [CHANNEL])
        later = make(tmp_path, redis.url)
        async with started(later):
            assert await later.get_history(CHANNEL) == numbers(15, 25)
            assert await later.get_history(CHANNEL, 3) == numbers(22, 25)
            assert await later.get_history(CHANNEL, 0) == []
            assert await later.get_history("shop__cart--removed") == []

    asyncio.run(scenario())


def test_a_process_that_starts_later_does_not_receive_earlier_messages(tmp_path: Path, redis: RedisServer) -> None:
    async def scenario() -> None:
        sender = make(tmp_path, redis.url)
        async with started(sender):
            await sender.publish(b"before", [CHANNEL])
            async with started(make(tmp_path, redis.url)) as received:
                await sender.publish(b"after", [CHANNEL])
                await eventually(lambda: received, "the message")
                assert received == [b"after"]

    asyncio.run(scenario())


def test_messages_are_delivered_without_history(tmp_path: Path, redis: RedisServer) -> None:
    async def scenario() -> None:
        backend = make(tmp_path, redis.url, history=0)
        async with started(backend) as received:
            await backend.publish(b"hello", [CHANNEL])
            await eventually(lambda: received, "the message")
            assert await backend.get_history(CHANNEL) == []

    asyncio.run(scenario())


def test_messages_are_delivered_again_after_a_restart_of_redis(
    tmp_path: Path, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        sender = make(tmp_path, redis.url)
        async with started(sender), started(make(tmp_path, redis.url)) as received:
            await sender.publish(b"before", [CHANNEL])
            await eventually(lambda: received, "the message before")
            redis.kill()
            await eventually(lambda: caplog.text.count("lost the connection") == 2, "the loss is noticed")
            redis.start()
            await eventually_done(lambda: sender.publish(b"after", [CHANNEL]))
            await eventually(lambda: len(received) > 1, "the message after")
            await eventually(lambda: caplog.text.count("again after") == 2, "both are back")
            assert received == [b"before", b"after"]

    with caplog.at_level(logging.INFO, "host"):
        asyncio.run(scenario())
    lines = [record.getMessage() for record in caplog.records if record.name == "host"]
    # one of each of the two backends
    assert [sum(word in line for line in lines) for word in ("lost the connection", "again after")] == [2, 2], lines


def test_a_reader_receives_messages_sent_while_it_was_disconnected(tmp_path: Path, redis: RedisServer) -> None:
    """Its connection breaks, Redis lives: messages of the meantime come when it is back."""

    async def scenario() -> None:
        sender = make(tmp_path, redis.url)
        reader = make(tmp_path, redis.url)
        async with started(sender), started(reader) as received:
            await sender.publish(b"0", [CHANNEL])
            await eventually(lambda: received, "the first message")
            _, writer = await asyncio.open_connection(LOOPBACK, redis.port)
            writer.write(b"CLIENT KILL TYPE normal SKIPME yes\r\n")
            await writer.drain()
            for message in numbers(1, 100):
                await eventually_done(lambda message=message: sender.publish(message, [CHANNEL]))
            writer.close()
            await writer.wait_closed()
            await eventually(lambda: len(received) >= 100, "the messages of the meantime")
            assert received == numbers(0, 100)

    asyncio.run(scenario())


def test_sending_while_redis_is_down_is_an_error(tmp_path: Path, redis: RedisServer) -> None:
    async def scenario() -> None:
        backend = make(tmp_path, redis.url)
        async with started(backend):
            redis.kill()
            with pytest.raises(ChannelsUnreachableError, match=r"does not answer"):
                await backend.publish(b"hello", [CHANNEL])

    asyncio.run(scenario())


def test_reading_history_while_redis_is_down_is_an_error(tmp_path: Path, redis: RedisServer) -> None:
    async def scenario() -> None:
        backend = make(tmp_path, redis.url)
        async with started(backend):
            redis.kill()
            with pytest.raises(ChannelsUnreachableError):
                await backend.get_history(CHANNEL)

    asyncio.run(scenario())


def test_a_missing_redis_is_an_error_at_the_start(tmp_path: Path) -> None:
    backend = make(tmp_path, f"redis://:secret@{LOOPBACK}:{free_port()}/0")
    before = time.monotonic()
    with pytest.raises(ChannelsUnreachableError) as caught:
        asyncio.run(backend.on_startup())
    assert time.monotonic() - before < 10
    assert "secret" not in caught.value.message
    assert "channels.url" in caught.value.fix


def test_the_start_waits_for_a_redis_that_starts_a_little_later(tmp_path: Path, redis: RedisServer) -> None:
    async def scenario() -> None:
        redis.kill()
        backend = make(tmp_path, redis.url)
        starting = asyncio.create_task(backend.on_startup())
        await asyncio.sleep(0)
        await asyncio.to_thread(redis.start)
        await starting
        await backend.on_shutdown()

    asyncio.run(scenario())


def test_a_wrong_password_is_an_error_at_once(tmp_path: Path) -> None:
    with redis_servers(tmp_path, "--requirepass", "right") as server:
        backend = make(tmp_path, f"redis://:wrong@{LOOPBACK}:{server.port}/0")
        with pytest.raises(ChannelsUnreachableError, match="refuses") as caught:
            asyncio.run(backend.on_startup())
    assert "wrong@" not in caught.value.message


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://localhost:6379", "begins with none"),
        ("localhost:6379", "begins with none"),
        ("redis://:secret@localhost:port/0", "cannot be used"),
        ("redis://:se/cret@localhost:6379/0", "cannot be used"),
        ("redis://localhost:6379/0?nonsense=1", "nonsense"),
    ],
)
def test_an_invalid_redis_url_is_a_settings_error(tmp_path: Path, url: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        make(tmp_path, url)
    assert (caught.value.key, caught.value.exit_code) == ("channels.url", 2)
    assert "cret" not in caught.value.message


def test_the_error_without_the_redis_client_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "redis"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "host.web.channels.redis_backend", raising=False)
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(SettingsError) as caught:
        make(tmp_path, "redis://localhost:6379/0")
    assert "pip install 'litestar-host[redis]'" in caught.value.fix
