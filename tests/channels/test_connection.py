"""The outbox of one connection: its limits, when it counts as congested, and when its client is dropped."""

from __future__ import annotations

import asyncio

import pytest

from host.web.channels import connection as connection_module
from host.web.channels.connection import GRACE, STALL_TIMEOUT, CloseReason, Connection
from host.web.channels.message import Message, host_message
from tests.channels.clients import until
from tests.channels.clock import Clock, run

BYE = CloseReason(1001, "bye")
HEARTBEAT = host_message("{}")


def message(size: int = 10) -> Message:
    return Message("acme__todo--made", "1", None, "x" * size, size)


class Client:
    """What a connection writes to; it takes a message only when a test lets it."""

    def __init__(self, connection: Connection, permits: int = 0) -> None:
        self.received: list[Message] = []
        self.permits = asyncio.Semaphore(permits)
        self.sending = asyncio.create_task(connection.send_loop(self._write))

    async def _write(self, written: Message) -> None:
        await self.permits.acquire()
        self.received.append(written)


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "MAX_PENDING_BYTES", 100)


def test_as_many_messages_as_the_backlog_may_be_pending() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 3)
        for _ in range(3):
            connection.put(message())
        assert (connection.pending_count, connection.closing) == (3, False)
        connection.put(message())
        assert (connection.pending_count, connection.closing, connection.congested) == (0, True, False)
        assert connection.close_reason == CloseReason(1013, "too slow: too many pending messages")

    run(scenario)


@pytest.mark.usefixtures("_small")
def test_as_many_bytes_as_the_limit_may_be_pending() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 1000)
        connection.put(message(60))
        connection.put(message(40))
        assert (connection.pending_count, connection.closing) == (2, False)
        connection.put(message(1))
        assert connection.closing

    run(scenario)


@pytest.mark.usefixtures("_small")
def test_bytes_that_were_sent_are_no_longer_pending() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 1000)
        client = Client(connection, permits=2)
        for size in (60, 30, 10):
            connection.put(message(size))
        await until(lambda: connection.pending_count == 0, "two are sent, and one is being written")
        for size in (60, 40):
            connection.put(message(size))
        assert (connection.pending_count, connection.closing) == (2, False)
        assert [received.size for received in client.received] == [60, 30]
        connection.put(message(1))
        assert connection.closing

    run(scenario)


def test_a_connection_is_congested_with_more_than_half_of_its_messages() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 4)
        congested = []
        for _ in range(4):
            connection.put(message())
            congested.append(connection.congested)
        assert congested == [False, False, True, True]

    run(scenario)


@pytest.mark.usefixtures("_small")
def test_a_connection_is_congested_with_more_than_half_of_its_bytes() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 1000)
        connection.put(message(50))
        assert not connection.congested
        connection.put(message(1))
        assert connection.congested

    run(scenario)


def test_a_connection_has_room_with_at_most_a_quarter_of_its_messages() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 4)
        connection.put(message())
        assert connection.has_room
        connection.put(message())
        assert not connection.has_room
        connection.close(BYE)
        assert connection.has_room, "a closing connection accepts nothing, so nobody waits for it"

    run(scenario)


@pytest.mark.usefixtures("_small")
def test_a_connection_has_room_with_at_most_a_quarter_of_its_bytes() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 1000)
        connection.put(message(25))
        assert connection.has_room
        connection.put(message(1))
        assert not connection.has_room

    run(scenario)


def test_pending_messages_are_sent_before_the_end() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 10)
        client = Client(connection, permits=10)
        for _ in range(3):
            connection.put(message())
        connection.close(BYE)
        connection.put(message())
        assert await client.sending
        assert (len(client.received), connection.sent_count, connection.close_reason) == (3, 3, BYE)

    run(scenario)


def test_nothing_more_is_sent_to_a_client_that_has_disconnected() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 10)
        connection.put(message())
        connection.close(None)
        client = Client(connection, permits=10)
        assert await client.sending
        assert (client.received, connection.close_reason) == ([], None)

    run(scenario)


def test_an_error_of_the_write_ends_the_sending() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 10)
        connection.put(message())

        async def write(_message: Message) -> None:
            raise OSError("the client has disconnected")

        with pytest.raises(OSError, match="the client has disconnected"):
            await connection.send_loop(write)
        connection.close(None)
        assert (connection.closing, connection.close_reason) == (True, None)

    run(scenario)


def test_a_new_connection_is_open_and_has_no_channels() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 10)
        assert (connection.closing, connection.close_reason, connection.channels, connection.sent_count) == (False, None, set(), 0)

    run(scenario)


def test_the_first_reason_to_close_counts() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 10)
        connection.close(BYE)
        connection.close(None)
        assert connection.close_reason == BYE

    run(scenario)


@pytest.mark.parametrize("when", ["before", "while"])
def test_sending_ends_after_the_grace_period(when: str) -> None:
    async def scenario(clock: Clock) -> None:
        connection = Connection(None, 10)
        connection.put(message())
        if when == "before":
            connection.close(BYE)
        client = Client(connection)
        await until(lambda: connection.pending_count == 0, "it is being written")
        connection.close(BYE)
        clock.ahead += GRACE - 0.5
        done, _ = await asyncio.wait({client.sending}, timeout=0)
        assert not done
        clock.ahead += 0.5
        assert not await asyncio.wait_for(client.sending, 5)

    run(scenario)


def test_sending_without_a_close_has_no_time_limit() -> None:
    async def scenario(clock: Clock) -> None:
        connection = Connection(None, 10)
        connection.put(message())
        client = Client(connection)
        await until(lambda: connection.pending_count == 0, "it is being written")
        clock.ahead += 1000
        client.permits.release()
        await until(lambda: client.received, "it is sent")
        connection.close(BYE)
        assert await client.sending

    run(scenario)


def test_waiting_ends_when_the_connection_is_no_longer_congested() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 4)
        client = Client(connection)
        connection.put(message())
        await until(lambda: connection.pending_count == 0, "it is being written")
        for _ in range(4):
            connection.put(message())
        waiting = asyncio.create_task(connection.wait_while_congested())
        for sent in (1, 2):
            client.permits.release()
            await until(lambda sent=sent: connection.pending_count == 4 - sent, "one is sent")  # type: ignore[misc]
            assert not waiting.done()
        client.permits.release()
        await asyncio.wait_for(waiting, 5)
        connection.close(BYE)
        assert connection.close_reason == BYE

    run(scenario)


def test_waiting_ends_when_the_connection_is_closed() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 1)
        connection.put(message())
        waiting = asyncio.create_task(connection.wait_while_congested())
        await asyncio.sleep(0)
        connection.close(BYE)
        await asyncio.wait_for(waiting, 5)

    run(scenario)


def test_who_waits_for_room_may_be_cancelled() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = Connection(None, 1)
        client = Client(connection)
        connection.put(message())
        await until(lambda: connection.pending_count == 0, "it is being written")
        connection.put(message())
        waiting = asyncio.create_task(connection.wait_while_congested())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        client.permits.release()
        client.permits.release()
        connection.close(BYE)
        assert await client.sending

    run(scenario)


def test_a_heartbeat_is_sent_after_a_time_without_messages() -> None:
    async def scenario(clock: Clock) -> None:
        connection = Connection(None, 10)
        client = Client(connection, permits=10)
        clock.ahead += 9
        connection.check(HEARTBEAT, 10)
        assert connection.pending_count == 0
        clock.ahead += 1
        connection.check(HEARTBEAT, 10)
        await until(lambda: client.received == [HEARTBEAT], "the heartbeat")

    run(scenario)


def test_a_message_postpones_the_heartbeat() -> None:
    async def scenario(clock: Clock) -> None:
        connection = Connection(None, 10)
        client = Client(connection, permits=10)
        clock.ahead += 9
        connection.put(message())
        await until(lambda: client.received, "the message")
        connection.check(HEARTBEAT, 10)
        clock.ahead += 9
        connection.check(HEARTBEAT, 10)
        assert connection.pending_count == 0
        clock.ahead += 1
        connection.check(HEARTBEAT, 10)
        assert connection.pending_count == 1

    run(scenario)


def test_no_heartbeat_is_sent_if_there_is_none() -> None:
    async def scenario(clock: Clock) -> None:
        connection = Connection(None, 10)
        clock.ahead += 1000
        connection.check(None, 10)
        assert (connection.pending_count, connection.closing) == (0, False)

    run(scenario)


def test_a_heartbeat_does_not_queue_behind_a_message_that_is_being_written() -> None:
    async def scenario(clock: Clock) -> None:
        connection = Connection(None, 10)
        Client(connection)
        connection.put(message())
        await until(lambda: connection.pending_count == 0, "it is being written")
        clock.ahead += STALL_TIMEOUT - 1
        connection.check(HEARTBEAT, 10)
        assert connection.pending_count == 0

    run(scenario)


def test_a_client_that_takes_nothing_for_long_is_dropped() -> None:
    async def scenario(clock: Clock) -> None:
        connection = Connection(None, 10)
        Client(connection)
        clock.ahead += 1000  # while nothing is being written, no client can stall
        connection.check(None, 10)
        connection.put(message())
        await until(lambda: connection.pending_count == 0, "it is being written")
        clock.ahead += STALL_TIMEOUT - 1
        connection.check(None, 10)
        assert not connection.closing
        clock.ahead += 2
        connection.check(None, 10)
        assert connection.close_reason == CloseReason(1013, "too slow: too many pending messages")

    run(scenario)


def test_a_client_that_takes_something_is_not_dropped() -> None:
    async def scenario(clock: Clock) -> None:
        connection = Connection(None, 10)
        client = Client(connection)
        for _ in range(5):
            connection.put(message())
        for sent in range(1, 4):
            clock.ahead += STALL_TIMEOUT - 1
            client.permits.release()
            await until(lambda sent=sent: connection.sent_count == sent, "one is sent")  # type: ignore[misc]
            connection.check(None, 10)
        assert not connection.closing

    run(scenario)
