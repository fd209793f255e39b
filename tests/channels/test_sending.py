"""What a plugin may broadcast, and how it is sent: checked at the sender, and encoded once, like a response."""

from __future__ import annotations

import asyncio
import json
import logging
from textwrap import dedent
from typing import Any

import pytest
from litestar.channels.backends.memory import MemoryChannelsBackend

from host import Host
from host.common.errors import ChannelError, TooEarlyError
from tests.channels.clients import broadcast, socket
from tests.conformance.kit import error, in_host, live, with_new_host
from tests.distributions import Project
from tests.inprocess import client_of

MADE = "acme__todo--made"


def refused(project: Project, plugin: str, channel: str, message: Any) -> ChannelError:
    """Return the error that a plugin gets for a message that may not be broadcast."""

    async def check(host: Host) -> ChannelError:
        with pytest.raises(ChannelError) as caught:
            await host.plugins[plugin].scope.broadcast(channel, message)
        return caught.value

    return in_host(project, check)


def test_the_error_for_an_undeclared_channel_suggests_the_nearest_name(project: Project) -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("taskCreated", int)\n')
    problem = refused(project, "acme__todo", "taskCreate", 1)
    assert (problem.plugin, problem.fix) == ("acme__todo", "did you mean 'taskCreated'?")


def test_the_error_for_a_channel_that_no_plugin_has_names_no_owner(project: Project) -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("taskCreated", int)\n')
    project.install("acme-other")
    problem = refused(project, "acme__other", "priceChanged", 1)
    assert problem.message == "acme__other declares no channel 'priceChanged'"
    assert problem.fix == "return Channel('priceChanged', …) from register_channels"


def test_the_error_for_the_channel_of_another_plugin_names_its_owner(project: Project) -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("taskCreated", int)\n')
    project.install("acme-other")
    assert "acme__todo does" in refused(project, "acme__other", "taskCreated", 1).message


def test_a_nested_plugin_has_channels_of_its_own(project: Project) -> None:
    project.install(
        "acme-todo",
        """
        class Inner:
            @hookimpl
            def register_channels(self, scope): return Channel("inner", int)

        @hookimpl
        def register_plugins(scope): return Child(Inner(), "list", prefix="/list")
        @hookimpl
        def register_channels(scope): return Channel("outer", int)
        """,
    )

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe("acme__todo.list--inner")
            await broadcast(host, "acme__todo.list--inner", 1)
            assert await ws.next_message() == {"channel": "acme__todo.list--inner", "data": 1}

    in_host(project, check)
    assert "acme__todo does" in refused(project, "acme__todo.list", "outer", 1).message
    assert "acme__todo.list does" in refused(project, "acme__todo", "inner", 1).message


TYPES = """
    from dataclasses import dataclass
    from collections.abc import Sequence
    from typing import Annotated, Any, Generic, Literal, NewType, TypeVar
    import msgspec
    from pydantic import BaseModel
    from typing_extensions import TypedDict

    class Row(msgspec.Struct):
        title: str
    class More(Row): pass
    class Form(BaseModel):
        title: str
    @dataclass
    class Point:
        x: int
    class Table(TypedDict):
        title: str
        row: Row
    Title = NewType("Title", str)
    T = TypeVar("T")
    class Box(msgspec.Struct, Generic[T]):
        value: T
    payload = lambda kind: Payload(kind, "dataRead", PayloadBody([]))
"""

#: Declared → what fits, and what does not.
MESSAGES = {
    "int": ("1", "True"),
    "float": ("1", "'1'"),
    "None": ("None", "0"),
    "Row": ("More('x')", "{'title': 'x'}"),
    "Form": ("Form(title='x')", "Row('x')"),
    "Point": ("Point(1)", "{'x': 1}"),
    "list[int]": ("[1, 2]", "[1, '2']"),
    "list[Row]": ("[Row('x')]", "[Form(title='x')]"),
    "list[Form]": ("[Form(title='x')]", "[Row('x')]"),
    "Sequence[int]": ("[1]", "['1']"),
    "dict[str, Row]": ("{'a': Row('x')}", "{'a': 1}"),
    "Row | None": ("None", "1"),
    "Row | Form": ("Form(title='x')", "Point(1)"),
    "list[Row | Form | Point]": ("[Row('x'), Form(title='x')]", "['x']"),
    "Literal['a', 'b']": ("'a'", "'c'"),
    "Table": ("{'title': 'x', 'row': Row('y')}", "{'title': 1, 'row': Row('y')}"),
    "dict[str, Any]": ("{'a': 1}", "[]"),
    "tuple[int, str]": ("(1, 'x')", "(1, 2)"),
    "Annotated[int, 'seconds']": ("1", "'x'"),
    "Title": ("'x'", "1"),
    "Box[Row]": ("Box(Row('x'))", "Row('x')"),
    "Payload": ("payload('anything')", "1"),
    "Payload[Row]": ("payload('row')", "Row('x')"),
}


@pytest.mark.parametrize("declared", MESSAGES)
def test_a_message_is_checked_by_the_declared_type(project: Project, declared: str) -> None:
    fits, fits_not = MESSAGES[declared]
    source = f'@hookimpl\ndef register_channels(scope): return Channel("made", {declared})\n'
    project.install("acme-todo", "from hookspecs import Payload, PayloadBody, Channel, hookimpl\n" + dedent(TYPES) + source)

    async def check(host: Host) -> None:
        import acme_todo  # type: ignore[import-not-found]  # installed by the test

        await host.assemble()
        names = dict(vars(acme_todo))
        scope: Any = host.plugins["acme__todo"].scope
        host.boot.channels.encode(scope, "made", eval(fits, names))
        with pytest.raises(ChannelError):
            host.boot.channels.encode(scope, "made", eval(fits_not, names))

    with_new_host(project, check)


def test_the_error_for_a_wrong_type_names_both_types(project: Project) -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("made", list[int] | None)\n')
    problem = refused(project, "acme__todo", "made", {"a": 1})
    assert "accepts list[int] | None" in problem.message
    assert "got `object`" in problem.message


ENTITIES = """
    from beanie import Document

    class Task(Document):
        title: str
    class Note(Document):
        title: str

    @hookimpl
    def register_payload(scope):
        return [PayloadHandler(model, display_name=lambda item: item.title, completion=lambda item: "") for model in (Task, Note)]
    @hookimpl
    def register_channels(scope):
        either, single, maybe = Payload[Task | Note], Payload[Task] | Payload[Note], Payload[Task] | None
        return [Channel("made", Payload[Task]), Channel("either", either), Channel("single", single), Channel("maybe", maybe)]
"""


def test_a_payload_of_another_datatype_is_an_error(project: Project) -> None:
    project.install("acme-todo", ENTITIES)

    async def check(host: Host) -> None:
        import acme_todo

        await host.assemble()
        scope: Any = host.plugins["acme__todo"].scope
        task = await scope.payload([], model=acme_todo.Task)
        note = await scope.payload([], model=acme_todo.Note)
        encode = host.boot.channels.encode
        encode(scope, "made", task)
        for channel, message in (("either", note), ("single", note), ("maybe", task), ("maybe", None)):
            encode(scope, channel, message)
        with pytest.raises(ChannelError, match=r"accepts Payload\[Task\] \| None: got a payload of 'note'"):
            encode(scope, "maybe", note)
        with pytest.raises(ChannelError, match=r"accepts Payload\[Task\]: got a payload of 'note'"):
            encode(scope, "made", note)

    with_new_host(project, check)


def test_broadcasting_from_the_event_loop_of_a_thread_is_an_error_with_a_fix(project: Project) -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("made", int)\n')

    async def check(host: Host) -> None:
        scope = host.plugins["acme__todo"].scope
        with pytest.raises(ChannelError, match="acme__todo broadcasts from a thread") as caught:
            await asyncio.to_thread(lambda: asyncio.run(scope.broadcast("made", 1)))
        assert "run_coroutine_threadsafe" in caught.value.fix

    in_host(project, check)


def test_a_thread_can_broadcast_through_the_loop_of_the_host(project: Project) -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("made", int)\n')

    async def check(host: Host) -> None:
        scope, loop = host.plugins["acme__todo"].scope, asyncio.get_running_loop()
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            await asyncio.to_thread(lambda: asyncio.run_coroutine_threadsafe(scope.broadcast("made", 1), loop).result(10))
            assert await ws.next_message() == {"channel": MADE, "data": 1}

    in_host(project, check)


def test_a_message_has_the_bytes_of_the_response(project: Project) -> None:
    project.install(
        "acme-todo",
        """
        from datetime import UTC, datetime
        from decimal import Decimal
        from pathlib import Path
        from uuid import UUID
        import msgspec
        from litestar import post
        from pydantic import BaseModel, Field

        class Part(BaseModel):
            made_at: datetime = Field(default=datetime(2024, 1, 2, tzinfo=UTC), alias="madeAt")

        class Row(msgspec.Struct, rename="camel"):
            first_title: str = "ä\\u2028</script>"
            price: Decimal = Decimal("1.10")
            path: Path = Path("a/b")
            id: UUID = UUID(int=7)
            part: Part = Part()

        @post("/")
        async def make(plugin_scope: Scope) -> Row:
            row = Row()
            await plugin_scope.broadcast("made", row)
            return row

        @hookimpl
        def register_channels(scope): return Channel("made", Row)
        @hookimpl
        def register_routes(scope): return make
        """,
    )

    async def check(host: Host) -> None:
        async with socket(host) as ws, client_of(host) as client:
            await ws.subscribe(MADE)
            answer = await client.post("/acme__todo")
            event = await ws.next_event()
            assert event["text"] == f'{{"channel":"{MADE}","data":{answer.text}}}'
            assert "madeAt" in answer.text

    in_host(project, check)


def test_a_message_is_encoded_once_for_all_subscribers(project: Project) -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("made", dict[str, int])\n')

    async def check(host: Host) -> None:
        async with socket(host) as first_client, socket(host) as second_client:
            await first_client.subscribe(MADE)
            await second_client.subscribe(MADE)
            await broadcast(host, MADE, {"a": 1})
            first, second = await first_client.next_event(), await second_client.next_event()
            assert first["text"] is second["text"]

    in_host(project, check)


def test_on_startup_may_broadcast(project: Project) -> None:
    project.install(
        "acme-todo",
        """
        @hookimpl
        def register_channels(scope): return Channel("made", str)
        @hookimpl
        async def on_startup(scope): await scope.broadcast("made", "started")
        """,
    )

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            assert await ws.request({"subscribe": MADE, "last": 1}) == {"channel": MADE, "data": "started"}

    in_host(project, check)


def test_broadcasting_before_channels_are_declared_is_too_early(project: Project) -> None:
    project.install(
        "acme-todo",
        """
        @hookimpl
        def register_channels(scope): return Channel("made", str)
        @hookimpl
        async def configure(scope): await scope.broadcast("made", "x")
        """,
    )
    problem = error(project)
    assert isinstance(problem, TooEarlyError)
    assert problem.message == "acme__todo broadcasts too early; channels are available from on_startup on"


def test_on_shutdown_may_broadcast(project: Project) -> None:
    project.install(
        "acme-todo",
        """
        @hookimpl
        def register_channels(scope): return Channel("made", str)
        @hookimpl
        async def on_shutdown(scope): await scope.broadcast("made", "bye")
        """,
    )
    live(project)


def test_a_failing_backend_does_not_fail_the_sender(
    project: Project, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("made", int)\n')
    publish = MemoryChannelsBackend.publish

    async def fail(*_arguments: object) -> None:
        raise OSError("Redis is away")

    async def check(host: Host) -> None:
        with caplog.at_level(logging.INFO, "host"):
            async with socket(host) as ws:
                await ws.subscribe(MADE)
                monkeypatch.setattr(MemoryChannelsBackend, "publish", fail)
                await broadcast(host, MADE, 1, 2, 3)
                monkeypatch.setattr(MemoryChannelsBackend, "publish", publish)
                await broadcast(host, MADE, 4)
                assert await ws.next_message() == {"channel": MADE, "data": 4}

    in_host(project, check)
    logged = [record.getMessage() for record in caplog.records if "messages" in record.getMessage()]
    assert len(logged) == 2
    assert "acme__todo" in logged[0]
    assert "Redis is away" in logged[0]


def test_data_that_is_not_a_message_is_ignored(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("made", int)\n')
    kept: list[MemoryChannelsBackend] = []

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            for data in (b"", b"hello", b'["x"]\n{}', b'["acme__todo--made","1",null]\n\xff', b"[" * 10_000):
                await kept[0].publish(data, [MADE])
            await broadcast(host, MADE, 1)
            assert await ws.next_message() == {"channel": MADE, "data": 1}
            ws.send_message({"unsubscribe": MADE})
            assert await ws.request({"subscribe": MADE, "last": 10}) == {"channel": MADE, "data": 1}

    began = MemoryChannelsBackend.on_startup

    async def on_startup(self: MemoryChannelsBackend) -> None:
        kept.append(self)
        await began(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryChannelsBackend, "on_startup", on_startup)
        in_host(project, check)
    assert "ignored data on a channel that is not a message" in caplog.text


def test_special_characters_in_a_message_are_escaped(project: Project) -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("made", list[str])\n')

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            await broadcast(host, MADE, ["\n", '"', "\u2028", "🙂", "\x00"])
            event = await ws.next_event()
            assert "\n" not in event["text"]
            assert json.loads(event["text"])["data"] == ["\n", '"', "\u2028", "🙂", "\x00"]

    in_host(project, check)
