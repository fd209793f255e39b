"""A message that cannot be encoded is an error of its sender; any other message reaches browsers unchanged."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from pydantic_core import PydanticSerializationError

from host import Host
from host.common.errors import ChannelError
from tests.channels.clients import broadcast, socket, stream
from tests.conformance.kit import in_host, with_new_host
from tests.distributions import Project

MADE = "acme__todo--made"

SOURCE = """
    from pydantic import BaseModel, field_serializer

    class Bad(BaseModel):
        title: str = "x"

        @field_serializer("title")
        def fail(self, value): raise RuntimeError("boom")

    circle = []
    circle.append(circle)

    @hookimpl
    def register_channels(scope): return Channel("made", object)
"""

#: What → why it cannot be encoded.
WRONG: dict[str, type[Exception]] = {
    "object()": Exception,
    "'\\ud800'": UnicodeEncodeError,
    "circle": RecursionError,
    "{(1, 2): 3}": Exception,
    "Bad()": PydanticSerializationError,
    "(item for item in ())": Exception,
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_message_that_cannot_be_encoded_is_an_error_of_the_sender(project: Project, wrong: str) -> None:
    project.install("acme-todo", SOURCE)

    async def check(host: Host) -> None:
        import acme_todo  # type: ignore[import-not-found]  # installed by the test

        await host.assemble()
        scope: Any = host.plugins["acme__todo"].scope
        with pytest.raises(
            ChannelError, match="a message for the channel 'made' of acme__todo cannot be encoded as JSON"
        ) as caught:
            host.boot.channels.encode(scope, "made", eval(wrong, dict(vars(acme_todo))))
        assert caught.value.plugin == "acme__todo"
        assert isinstance(caught.value.__cause__, WRONG[wrong])

    with_new_host(project, check)


READY = msgspec.Raw(b'{\n"a":\r\n[1,\r2]}')


def test_json_of_several_lines_is_one_event(project: Project) -> None:
    project.install("acme-todo", SOURCE)

    async def check(host: Host) -> None:
        async with stream(host, MADE) as events:
            await events.next_block()
            await broadcast(host, MADE, READY)
            _, *lines = (await events.next_block()).split("\n")
            assert all(line.startswith("data: ") for line in lines)
            assert msgspec.json.decode("\n".join(line.removeprefix("data: ") for line in lines))["data"] == {"a": [1, 2]}

    in_host(project, check)


def test_a_message_of_many_megabytes_is_delivered_whole(project: Project) -> None:
    project.install("acme-todo", SOURCE)
    text = "ä" * 5_000_000

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            await broadcast(host, MADE, text)
            assert (await ws.next_message())["data"] == text

    in_host(project, check)
