"""WebSockets that plugins serve themselves, compared with the messages that are sent."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from enum import Enum, StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from litestar import WebSocket, get, websocket, websocket_listener
from litestar.di import NamedDependency, Provide
from litestar.dto import DTOConfig, MsgspecDTO
from litestar.handlers import WebsocketListener, websocket_stream
from litestar.params import CookieParameter, FromHeader, FromPath, FromQuery
from litestar.routes import WebSocketRoute
from litestar.testing import TestClient

from hookspecs import Frontend, StoreAction, operation
from host.common.errors import ConflictError
from host.frontend.calls.parameters import parameters_of
from host.frontend.emit import generate
from tests.frontend import signatures
from tests.frontend.building import application, plugin
from tests.frontend.compile import COMPILERS, compile_files
from tests.frontend.signatures import part

pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.base_exceptions.LitestarDeprecationWarning")

interface = partial(part, package=__name__)
signature = partial(signatures.signature, package=__name__)


class Note(msgspec.Struct):
    text_of: str
    secret: str = ""


class Word(StrEnum):
    YES = "yes"


class Kind(Enum):
    A = "a"


class Public(MsgspecDTO[Note]):
    config = DTOConfig(exclude={"secret"}, rename_strategy="camel")


def listening(data: Any, answer: Any, value: Any = None, path: str = "/x", **options: Any) -> Any:
    async def receive(data: Any) -> Any:
        return data if value is ... else value

    receive.__annotations__ = {"data": data, "return": answer}
    return websocket_listener(path, **options)(receive)


def streaming(item: Any, *values: Any, path: str = "/x", **options: Any) -> Any:
    async def stream() -> AsyncGenerator[Any, None]:
        for value in values:
            yield value

    stream.__annotations__ = {"return": AsyncGenerator[item, None]}
    return websocket_stream(path, **options)(stream)


#: handler, type, further members of the generated object beside target and arguments.
SOCKETS: list[tuple[Any, str, str]] = [
    (listening(Note, Note), "Socket<[], AcmeX.NoteInput, AcmeX.Note>", ""),
    (listening(Note, list[Note] | None), "Socket<[], AcmeX.NoteInput, AcmeX.Note[] | null>", ""),
    (listening(str, str), "Socket<[], string, string>", ', send: "raw", answer: "raw"'),
    (listening(Annotated[str, "text"], None), "Socket<[], string, never>", ', send: "raw"'),
    (listening(bytes, bytes), "Socket<[], string, string>", ', send: "raw", answer: "raw"'),
    (listening(str | None, str | None), "Socket<[], string | null, string>", ', answer: "raw"'),
    (listening(Kind, Word), "Socket<[], AcmeX.Kind, AcmeX.Word>", ', answer: "raw"'),
    (listening(int, Literal["a"]), 'Socket<[], number, "a">', ""),
    (listening(Note, Note, receive_mode="binary"), "Socket<[], Blob | ArrayBuffer, AcmeX.Note>", ', send: "raw"'),
    (listening(Note, Note, send_mode="binary"), "Socket<[], AcmeX.Note, Blob>", ', answer: "raw"'),
    (listening(Note, Note, dto=Public), "Socket<[], AcmeX.XConnectSend, AcmeX.XConnectReceive>", ""),
    (streaming(Note), "Socket<[], never, AcmeX.Note>", ""),
    (streaming(str), "Socket<[], never, string>", ', answer: "raw"'),
    (streaming(Literal["a"]), 'Socket<[], never, "a">', ', answer: "raw"'),
    (streaming(Note | str), "Socket<[], never, string>", ', answer: "raw"'),
    (streaming(bytes, mode="binary"), "Socket<[], never, Blob>", ', answer: "raw"'),
    (streaming(Note, return_dto=Public), "Socket<[], never, AcmeX.XConnectReceive>", ""),
]


@pytest.mark.parametrize(("handler", "shown", "config"), SOCKETS)
def test_a_socket_is_typed_for_both_directions(handler: Any, shown: str, config: str) -> None:
    assert signature(handler) == shown
    text = interface(handler)
    assert f'connect: {{ target: "/acme__x/x", args: ""{config}, open: socketOf }},' in text
    assert "      operations: {},\n      sockets: {\n" in text


def test_a_dto_is_typed_by_its_transferred_fields() -> None:
    text = interface(listening(Note, Note, dto=Public))
    assert "interface XConnectSend {\n    textOf: string;\n  }" in text


# ── sent messages


def echo(name: str, data: Any, value: Any = ..., **options: Any) -> Any:
    return listening(data, options.pop("answer", data), value, f"/{name}", **options)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Any]]:
    handlers = [
        echo("note", Note),
        echo("text", str),
        echo("bytes", bytes),
        echo("word", str, Word.YES, answer=Word),
        echo("literal", str, "a", answer=Literal["a"]),
        echo("dto", Note, dto=Public),
        echo("binary", Note, receive_mode="binary", send_mode="binary"),
        streaming(Note, Note("a", "b"), path="/notes"),
        streaming(Literal["a"], "a", path="/literals"),
        streaming(bytes, b"a", path="/pieces", mode="binary"),
        streaming(Note, Note("a", "b"), path="/public", return_dto=Public),
    ]
    with TestClient(application({"acme__x": handlers})) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "sent", "comes"),
    [
        ("note", '{"text_of": "a"}', {"text_of": "a"}),
        ("text", "{x", "{x"),
        ("bytes", "{x", "{x"),
        ("word", "", "yes"),
        ("literal", "", '"a"'),
        ("dto", '{"textOf": "a"}', {"textOf": "a"}),
        ("binary", b'{"text_of": "a"}', b'{"text_of":"a"}'),
        ("notes", None, {"text_of": "a", "secret": "b"}),
        ("literals", None, "a"),
        ("pieces", None, b"a"),
        ("public", None, {"textOf": "a"}),
    ],
)
def test_messages_have_the_generated_types(client: TestClient[Any], path: str, sent: Any, comes: Any) -> None:
    with client.websocket_connect(f"/acme__x/{path}") as socket:
        if isinstance(sent, bytes):
            socket.send_bytes(sent)
        elif sent is not None:
            socket.send_text(sent)
        got = socket.receive_bytes() if isinstance(comes, bytes) else socket.receive_text()
    assert (json.loads(got) if isinstance(comes, dict) else got) == comes


# ── names, paths and queries


class Room(WebsocketListener):
    """Not what it says."""

    path = "/room/{id:int}/live"
    opt = operation(name="talk")

    async def on_accept(self, socket: WebSocket[Any, Any, Any]) -> None:
        """Nor this."""

    async def on_receive(self, data: str, id: FromPath[int], since: FromQuery[int | None] = None) -> Note:  # noqa: A002
        """Talks.

        At length.
        """
        return Note(f"{data} {id} {since}")


async def provided(limit: FromQuery[int], agent: FromHeader[str]) -> int: ...


@websocket_listener("/depends/{name:str}", dependencies={"limits": Provide(provided)})
async def depends(data: str, limits: NamedDependency[int], name: FromPath[str]) -> None: ...


@websocket_stream("/ticks")
async def ticks(every: FromQuery[float], session: Annotated[str, CookieParameter(name="session")]) -> AsyncGenerator[int, None]: ...


@websocket("/bare/{id:uuid}")
async def bare(socket: WebSocket[Any, Any, Any], lang: FromQuery[str]) -> None: ...


@get("/room/{id:int}/live", opt=operation(StoreAction.READ))
async def live(id: FromPath[int]) -> int: ...  # noqa: A002


ALL = [Room, depends, ticks, bare, live]


@pytest.mark.parametrize("handler", ALL[:-1], ids=["Room", "depends", "ticks", "bare"])
def test_every_parameter_is_sent_to_where_litestar_reads_it(handler: Any) -> None:
    (route,) = (candidate for candidate in application({"acme__x": [handler]}).routes if isinstance(candidate, WebSocketRoute))
    model = route.route_handler.create_kwargs_model(path_parameters=route.path_parameters)
    parameters = parameters_of(route.route_handler, route.path)
    expected = {
        (field.field_alias, field.is_required)
        for fields in (model.expected_query_params, model.expected_header_params, model.expected_cookie_params)
        for field in fields
    }
    assert {(parameter.name, parameter.required) for parameter in parameters.others} == expected
    assert [parameter.name for parameter in parameters.path] == list(route.path_parameters)


def test_path_and_query_are_arguments_and_the_rest_is_in_the_comment() -> None:
    text = interface(*ALL)
    assert "readonly talk: Socket<[path: { id: number }, query?: { since?: number }], string, AcmeX.Note>;" in text
    assert "readonly connect: Socket<[path: { name: string }, query: { limit: number }], string, never>;" in text
    assert "readonly connect: Socket<[query: { every: number }], never, number>;" in text
    assert "/** Talks. `WEBSOCKET /acme__x/room/{id}/live`. */" in text
    assert "* Header `agent`." in text
    assert "* Cookie `session`." in text
    assert (
        "        talk: { target: (payload: { id: number }): string => `/acme__x/room/${encodeURIComponent(payload.id)}/live`, "
        'args: "pq", send: "raw", open: socketOf },\n'
    ) in text


def test_sockets_are_listed_beside_the_operations_of_their_entity() -> None:
    text = interface(Room, live)
    assert "readonly getLive: Read<[path: { id: number }], number>;\n    /** Talks" in text
    assert text.index("operations: {\n        getLive:") < text.index("sockets: {\n        talk:")


def test_a_listener_class_sends_what_its_types_say() -> None:
    with TestClient(application({"acme__x": [Room]})) as client, client.websocket_connect("/acme__x/room/3/live?since=5") as socket:
        socket.send_text("a")
        assert socket.receive_json() == {"text_of": "a 3 5", "secret": ""}


def test_an_untyped_bare_socket_is_unknown_in_both_directions_without_a_warning() -> None:
    generated = generate([plugin("acme__x", bare)])
    assert generated.warnings == ()
    assert "Socket<[path: { id: UUID }, query: { lang: string }], unknown, unknown>" in generated.text


def test_two_sockets_of_the_same_name_are_refused() -> None:
    first, second = listening(str, str, path="/room/{id:int}"), listening(str, str, path="/room")
    with pytest.raises(ConflictError, match=r"WEBSOCKET /room and WEBSOCKET /room/\{id:int\} are both room\.connect"):
        generate([plugin("acme__x", first, second)])


def test_a_socket_and_a_call_of_the_same_name_are_refused() -> None:
    @get("/room", opt=operation(name="connect"))
    async def call() -> int: ...

    with pytest.raises(ConflictError, match=r"GET /room and WEBSOCKET /room are both room\.connect"):
        generate([plugin("acme__x", call, listening(str, str, path="/room"))])


def test_the_entity_of_a_socket_can_be_renamed() -> None:
    renamed = plugin("acme__x", listening(str, str, path="/room"), frontend=Frontend(entity_names={"room": "place"}))
    assert 'place: {\n      type: "room",' in generate([renamed]).text


USAGE = """\
import { acme__x, createApi } from "./generated-config";
import type { AcmeX } from "./generated-config";
const api = createApi({ acme__x }).acme__x;
export async function talk(): Promise<void> {
  const room = api.room.talk({ id: 1 }, { since: 2 });
  room.send("a");
  for await (const note of room) { const exact: AcmeX.Note = note; void exact; room.close(); }
  for await (const tick of api.ticks.connect({ every: 1 })) tick.toFixed();
  const url: string = api.room.talk.url({ id: 1 });
  void url;
  // @ts-expect-error a text, no object
  room.send({ text: "a" });
  // @ts-expect-error a stream takes nothing
  api.ticks.connect({ every: 1 }).send("a");
  // @ts-expect-error the path is needed
  api.room.talk();
  const answers = api.bare.connect({ id: "" }, { lang: "de" });
  // @ts-expect-error its type is unknown
  for await (const answer of answers) answer.length;
}
"""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_sockets_compile(compiler: str, tmp_path: Path) -> None:
    text = generate([plugin("acme__x", *ALL, package=__name__)]).text
    (tmp_path / "generated-config.ts").write_text(text, encoding="utf-8")
    usage = tmp_path / "usage.ts"
    usage.write_text(USAGE, encoding="utf-8")
    assert compile_files([usage], compiler) == ""
