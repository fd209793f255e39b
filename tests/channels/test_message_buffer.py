"""The buffer of a channel: when it takes messages, what it counts, and when it delivers them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from host.web.channels import message_buffer
from host.web.channels.connection import Connection
from host.web.channels.message import Message
from host.web.channels.message_buffer import BufferedBytes, MessageBuffer
from tests.channels.clients import until

BACKLOG = 4


def message(number: int = 0, size: int = 10) -> Message:
    return Message("acme__todo--made", str(number), None, "x" * size, size)


class Subscriber(Connection):
    """A connection that sends a message only when a test lets it; the one that it is about to send is no longer pending."""

    def __init__(self) -> None:
        super().__init__(None, BACKLOG)
        self._permits = asyncio.Semaphore(0)
        self._sending = asyncio.create_task(self.send_loop(self._write))

    async def _write(self, _message: Message) -> None:
        await self._permits.acquire()

    async def fill(self) -> None:
        """Have more than half of the outbox pending: three messages of four."""
        self.put(message())
        await until(lambda: self.pending_count == 0, "it is about to send the first")
        while not self.congested:
            self.put(message())

    async def send(self, count: int = 1) -> None:
        """Send some of the messages."""
        target = self.sent_count + count
        for _ in range(count):
            self._permits.release()
        await until(lambda: self.sent_count >= target, "the messages are sent")


class Channel:
    """A buffer with congested subscribers.

    Args:
        buffered: shared with other channels.
    """

    def __init__(self, buffered: BufferedBytes) -> None:
        self.subscribers: list[Subscriber] = []
        self.delivered: list[str] = []
        self.buffered = buffered
        self.buffer = MessageBuffer(self.subscribers, self._deliver, BACKLOG, buffered)

    def _deliver(self, delivered: Message) -> None:
        self.delivered.append(delivered.id)
        for subscriber in self.subscribers:
            subscriber.put(delivered)


async def congested(subscribers: int = 1, buffered: BufferedBytes | None = None) -> Channel:
    """Return a channel whose subscribers are all congested."""
    channel = Channel(buffered or BufferedBytes())
    channel.subscribers += [Subscriber() for _ in range(subscribers)]
    for subscriber in channel.subscribers:
        await subscriber.fill()
    return channel


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run a scenario in an event loop of its own."""

    async def life() -> None:
        await scenario()

    asyncio.run(life())


def test_a_message_is_not_buffered_while_a_subscriber_has_room() -> None:
    async def scenario() -> None:
        channel = await congested(subscribers=2)
        await channel.subscribers[1].send()
        assert not channel.buffer.accept(message())
        assert channel.buffered.total == 0

    run(scenario)


def test_a_message_is_not_buffered_without_subscribers() -> None:
    async def scenario() -> None:
        channel = await congested(subscribers=0)
        assert not channel.buffer.accept(message())

    run(scenario)


def test_a_message_is_buffered_while_all_subscribers_are_congested() -> None:
    async def scenario() -> None:
        channel = await congested(subscribers=2)
        assert channel.buffer.accept(message(1))
        assert channel.delivered == []
        await channel.buffer.stop()

    run(scenario)


def test_buffered_messages_stay_in_front_of_a_new_one() -> None:
    async def scenario() -> None:
        channel = await congested()
        channel.buffer.accept(message(1))
        await channel.subscribers[0].send()
        assert not channel.subscribers[0].congested
        assert channel.buffer.accept(message(2)), "it would overtake the first"
        await channel.subscribers[0].send()
        await until(lambda: len(channel.delivered) == 2, "both are delivered")
        assert channel.delivered == ["1", "2"]

    run(scenario)


def test_the_channels_of_a_host_count_their_bytes_together() -> None:
    async def scenario() -> None:
        buffered = BufferedBytes()
        one, other = await congested(buffered=buffered), await congested(buffered=buffered)
        for channel, size in ((one, 10), (other, 30), (other, 5)):
            channel.buffer.accept(message(size=size))
        assert buffered.total == 45
        await one.buffer.stop()
        assert buffered.total == 35
        await other.buffer.stop()
        assert buffered.total == 0

    run(scenario)


def test_delivered_messages_are_no_longer_counted() -> None:
    async def scenario() -> None:
        channel = await congested()
        for number, size in enumerate((10, 20, 30)):
            channel.buffer.accept(message(number, size))
        await channel.subscribers[0].send(2)  # one is pending, a quarter of the backlog: two more are delivered
        await until(lambda: channel.delivered == ["0", "1"], "two are delivered")
        assert channel.buffered.total == 30
        await channel.subscribers[0].send(2)
        await until(lambda: channel.delivered == ["0", "1", "2"], "the last is delivered")
        assert channel.buffered.total == 0

    run(scenario)


def test_stopping_discards_the_buffered_messages() -> None:
    async def scenario() -> None:
        channel = await congested()
        tasks = asyncio.all_tasks()
        channel.buffer.accept(message(1))
        await asyncio.sleep(0)
        await channel.buffer.stop()
        assert channel.delivered == []
        assert asyncio.all_tasks() == tasks
        await channel.subscribers[0].send(2)
        assert not channel.buffer.accept(message(2)), "the buffer is empty, and there is room"

    run(scenario)


def test_a_buffer_that_was_never_used_can_be_stopped() -> None:
    async def scenario() -> None:
        channel = await congested()
        await channel.buffer.stop()
        assert channel.buffered.total == 0

    run(scenario)


def test_a_buffer_holds_ten_backlogs_and_then_delivers_all() -> None:
    async def scenario() -> None:
        channel = await congested()
        for number in range(10 * BACKLOG):
            channel.buffer.accept(message(number))
        assert channel.delivered == []
        channel.buffer.accept(message(10 * BACKLOG))
        assert channel.delivered == [str(number) for number in range(10 * BACKLOG + 1)]
        assert channel.buffered.total == 0
        assert channel.subscribers[0].closing, "its outbox has overflowed"
        await channel.buffer.stop()

    run(scenario)


def test_all_buffers_together_hold_a_number_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_buffer, "_MAX_BUFFERED_BYTES", 100)

    async def scenario() -> None:
        buffered = BufferedBytes()
        one, other = await congested(buffered=buffered), await congested(buffered=buffered)
        one.buffer.accept(message(1, 60))
        other.buffer.accept(message(2, 40))
        assert (one.delivered, other.delivered) == ([], [])
        other.buffer.accept(message(3, 1))
        assert (one.delivered, other.delivered) == ([], ["2", "3"])
        assert buffered.total == 60
        await one.buffer.stop()
        await other.buffer.stop()

    run(scenario)


def test_a_buffer_is_half_full_with_more_than_half_of_its_messages() -> None:
    async def scenario() -> None:
        channel = await congested()
        for number in range(5 * BACKLOG):
            channel.buffer.accept(message(number))
        assert not channel.buffer.half_full
        channel.buffer.accept(message())
        assert channel.buffer.half_full
        await channel.buffer.stop()

    run(scenario)


def test_a_buffer_is_half_full_if_all_together_have_more_than_half_of_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_buffer, "_MAX_BUFFERED_BYTES", 100)

    async def scenario() -> None:
        buffered = BufferedBytes()
        one, other, empty = [await congested(buffered=buffered) for _ in range(3)]
        for channel, size in ((one, 49), (other, 1)):
            channel.buffer.accept(message(size=size))
        assert not one.buffer.half_full
        other.buffer.accept(message(size=1))
        assert (one.buffer.half_full, other.buffer.half_full, empty.buffer.half_full) == (True, True, False)
        await one.buffer.stop()
        await other.buffer.stop()

    run(scenario)


def test_a_buffer_waits_for_a_subscriber_with_much_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would deliver one message and wait again, with each message that a client has received."""
    monkeypatch.setattr(message_buffer, "STALL_TIMEOUT", 60)

    async def scenario() -> None:
        channel = await congested()
        channel.buffer.accept(message(1))
        await channel.subscribers[0].send()
        assert (channel.subscribers[0].congested, channel.subscribers[0].has_room) == (False, False)
        for _ in range(5):
            await asyncio.sleep(message_buffer._POLL_INTERVAL)
        assert channel.delivered == []
        await channel.subscribers[0].send()
        await until(lambda: channel.delivered == ["1"], "it is delivered")

    run(scenario)


def test_one_subscriber_with_room_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_buffer, "STALL_TIMEOUT", 60)

    async def scenario() -> None:
        channel = await congested(subscribers=2)
        channel.buffer.accept(message(1))
        await channel.subscribers[1].send(2)
        await until(lambda: channel.delivered == ["1"], "it is delivered")

    run(scenario)


def test_a_buffer_is_emptied_when_the_last_subscriber_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_buffer, "STALL_TIMEOUT", 60)

    async def scenario() -> None:
        channel = await congested()
        channel.buffer.accept(message(1))
        channel.subscribers.clear()
        await until(lambda: channel.buffered.total == 0, "it is empty")
        assert not channel.buffer.accept(message(2))

    run(scenario)


def test_messages_for_stalled_subscribers_are_delivered_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_buffer, "STALL_TIMEOUT", 0.02)

    async def scenario() -> None:
        channel = await congested()
        for number in range(3):
            channel.buffer.accept(message(number))
        await until(lambda: channel.delivered == ["0", "1", "2"], "they are delivered")
        assert channel.subscribers[0].closing

    run(scenario)


def test_subscribers_that_make_progress_have_not_stalled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_buffer, "STALL_TIMEOUT", 0.3)

    async def scenario() -> None:
        channel = await congested()
        channel.buffer.accept(message(1))
        subscriber, loop = channel.subscribers[0], asyncio.get_running_loop()
        until_then = loop.time() + 3 * message_buffer.STALL_TIMEOUT
        while loop.time() < until_then:  # it receives something, and as much is pending again
            await subscriber.send()
            subscriber.put(message())
        assert channel.delivered == []
        await channel.buffer.stop()

    run(scenario)
