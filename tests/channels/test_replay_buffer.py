"""What a replay selects, and what its buffer does with live messages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hookspecs import Audience, User
from host.web.channels import replay as replay_module
from host.web.channels.channel_state import ChannelState
from host.web.channels.connection import Connection
from host.web.channels.message import Message
from host.web.channels.message_buffer import BufferedBytes
from host.web.channels.replay import ReplayBuffer, after, visible
from tests.channels.clock import Clock, run


def message(identifier: str, audience: Audience | None = None, size: int = 1) -> Message:
    return Message("acme__todo--made", identifier, audience, "x" * size, size)


def ids(messages: list[Message]) -> list[str]:
    return [found.id for found in messages]


KEPT = [message(identifier) for identifier in ("1", "3", "2", "5")]


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [("1", ["3", "2", "5"]), ("3", ["2", "5"]), ("2", ["5"]), ("5", []), ("4", ["5"]), ("0", ["1", "3", "2", "5"]), ("9", [])],
)
def test_messages_after_an_id_go_by_position_and_otherwise_by_time(identifier: str, expected: list[str]) -> None:
    """Ids of two processes need not be in the order of the channel."""
    assert ids(after(KEPT, identifier)) == expected


@pytest.mark.parametrize(("user", "expected"), [(None, ["all"]), (User(id="ann"), ["all", "ann"]), (User(id="bob"), ["all"])])
def test_messages_for_others_are_not_visible(user: User | None, expected: list[str]) -> None:
    messages = [message("all"), message("ann", Audience(users=frozenset({"ann"}))), message("nobody", Audience())]
    assert ids(visible(messages, user)) == expected


def subject(limit: int = 10) -> tuple[ChannelState, Connection, ReplayBuffer]:
    """Return a channel, a connection, and a buffer in front of it."""
    owner: Any = SimpleNamespace(key="acme__todo")
    declaration: Any = SimpleNamespace(key="made")
    channel = ChannelState(owner, declaration, 1000, BufferedBytes(), [])
    connection = Connection(User(id="ann"), 1000)
    return channel, connection, ReplayBuffer(connection, channel, limit)


def pending(connection: Connection) -> list[str]:
    return [found.id for found in connection._pending]


def test_live_messages_follow_the_replay() -> None:
    async def scenario(_clock: Clock) -> None:
        channel, connection, buffer = subject()
        channel.put(message("1"))
        channel.put(message("2"))
        assert pending(connection) == []
        buffer.release(["0"])
        assert pending(connection) == ["1", "2"]

    run(scenario)


def test_live_messages_of_the_history_are_discarded() -> None:
    async def scenario(_clock: Clock) -> None:
        channel, connection, buffer = subject()
        channel.put(message("1"))
        buffer.release(["0", "1", "2"])
        channel.put(message("2"))
        assert channel.recipients[connection] is buffer
        channel.put(message("3"))
        assert pending(connection) == ["3"]
        assert channel.recipients[connection] is connection

    run(scenario)


def test_after_an_empty_history_the_buffer_is_not_needed() -> None:
    async def scenario(_clock: Clock) -> None:
        channel, connection, buffer = subject()
        buffer.release([])
        assert channel.recipients[connection] is connection

    run(scenario)


def test_after_a_new_message_the_buffer_is_not_needed() -> None:
    async def scenario(_clock: Clock) -> None:
        channel, connection, buffer = subject()
        channel.put(message("1"))
        buffer.release(["0"])
        assert channel.recipients[connection] is connection

    run(scenario)


def test_a_connection_that_has_unsubscribed_stays_unsubscribed() -> None:
    async def scenario(_clock: Clock) -> None:
        channel, connection, buffer = subject()
        channel.recipients.pop(connection)
        buffer.release([])
        assert channel.recipients == {}

    run(scenario)


def test_the_buffer_stands_for_the_user_of_its_connection() -> None:
    async def scenario(_clock: Clock) -> None:
        channel, connection, buffer = subject()
        channel.put(message("bob", Audience(users=frozenset({"bob"}))))
        channel.put(message("ann", Audience(users=frozenset({"ann"}))))
        buffer.release([])
        assert pending(connection) == ["ann"]

    run(scenario)


def test_as_many_messages_as_the_limit_are_held_back() -> None:
    async def scenario(_clock: Clock) -> None:
        _, connection, buffer = subject(limit=2)
        buffer.put(message("1"))
        buffer.put(message("2"))
        assert not connection.closing
        buffer.put(message("3"))
        assert connection.closing

    run(scenario)


def test_as_many_bytes_as_the_limit_are_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_module, "MAX_PENDING_BYTES", 100)

    async def scenario(_clock: Clock) -> None:
        _, connection, buffer = subject()
        buffer.put(message("1", size=60))
        buffer.put(message("2", size=40))
        assert not connection.closing
        buffer.put(message("3", size=1))
        assert connection.closing

    run(scenario)
