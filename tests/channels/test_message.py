"""Messages: their ids, and the form in which they travel between processes."""

from __future__ import annotations

import re

import pytest

from hookspecs import Audience
from host.web.channels import message as message_module
from host.web.channels.message import EncodedMessage, MessageIds, deserialize, host_message, serialize

CHANNEL = "acme__todo--made"


def test_ids_of_a_process_increase_even_if_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([1000, 1000, 500, 5000])
    monkeypatch.setattr(message_module.time, "time_ns", lambda: next(times))
    next_id = MessageIds()
    ids = [next_id() for _ in range(4)]
    assert [int(identifier[:16], 16) for identifier in ids] == [1000, 1001, 1002, 5000]
    assert ids == sorted(ids)


def test_two_processes_do_not_give_the_same_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_module.time, "time_ns", lambda: 1000)
    one, other = MessageIds()(), MessageIds()()
    assert one != other
    assert re.fullmatch("[0-9a-f]{24}", one)


@pytest.mark.parametrize("audience", [None, Audience(users=frozenset({"ann"}), roles=frozenset({"staff"}))])
def test_a_message_is_the_same_after_its_travel(audience: Audience | None) -> None:
    text = '{"channel":"acme__todo--made","data":"ä\\n"}\n'
    received = deserialize(serialize(EncodedMessage("acme__todo", CHANNEL, audience, text.encode()), "7"))
    assert (received.channel, received.id, received.audience, received.text) == (CHANNEL, "7", audience, text)
    assert received.size == len(text.encode()) == len(text) + 1


@pytest.mark.parametrize("data", [b"", b"x", b"{}\n", b'["a"]\n{}', b'["a","1",null]\n\xff', b"[" * 100_000])
def test_other_data_is_not_a_message(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a serialized message|invalid start byte"):
        deserialize(data)


def test_a_message_of_the_host_is_a_comment_in_an_event_stream() -> None:
    message = host_message('{"pong":1}')
    assert (message.channel, message.id, message.audience, message.size) == ("", "", None, 10)
    assert message.event == b': {"pong":1}\n\n'


def test_the_event_of_a_message_is_made_once() -> None:
    message = deserialize(serialize(EncodedMessage("acme__todo", CHANNEL, None, b"{}"), "7"))
    assert message.event == b"id: 7\ndata: {}\n\n"
    assert message.event is message.event
