"""A type that cannot be expressed is ``unknown`` and reported once with plugin, route and type: never ``any``, never a crash."""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar, TypeVarTuple

import msgspec
import pydantic
import pytest
from litestar import get
from litestar.exceptions import HTTPException
from pydantic_core import core_schema
from typing_extensions import TypeAliasType

from hookspecs import Channel, Frontend, Payload
from host.frontend.emit import generate
from host.frontend.model import Generated
from tests.frontend.building import plugin
from tests.frontend.compile import compile_files

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Pair = TypeAliasType("Pair", tuple[T, T], type_params=(T,))


class Foreign:
    """A class that no library can serialise."""


class Custom:
    """Pydantic can validate it but not describe it."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.no_info_plain_validator_function(str)


class Odd(msgspec.Struct):
    number: complex
    function: Callable[[int], str]
    cls: type[int]
    foreign: Foreign
    fine: int


class OddModel(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)

    function: Callable[[int], str]
    foreign: Foreign
    fine: int


@dataclasses.dataclass
class Dangling:
    missing: Nowhere  # type: ignore[name-defined]  # noqa: F821  # the missing name is tested


class DanglingModel(pydantic.BaseModel):
    missing: Nowhere  # type: ignore[name-defined]  # noqa: F821  # the missing name is tested


class Raising(pydantic.BaseModel):
    fine: int

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        raise RuntimeError("no schema today")


class Lying(pydantic.BaseModel):
    a: int = pydantic.Field(json_schema_extra={"$ref": "#/$defs/evil"})
    b: int = pydantic.Field(json_schema_extra={"type": "weird; pwned(1)"})
    c: int = pydantic.Field(json_schema_extra={"enum": [object()]})
    d: int = pydantic.Field(json_schema_extra={"anyOf": "x", "type": ["string", "null"]})
    e: dict[str, int] = pydantic.Field(json_schema_extra={"properties": 3, "required": 4, "description": 5})
    f: int = pydantic.Field(json_schema_extra={"x-host-origin": "x", "allOf": [{"type": "string"}, True]})


class Silent(pydantic.BaseModel):
    number: int
    other: Annotated[int, pydantic.PlainSerializer(str)]
    fine: int

    @pydantic.field_serializer("number")
    def _as_text(self, value: int):  # type: ignore[no-untyped-def]  # the missing annotation is tested
        return str(value)


class Foul(type):
    def __subclasscheck__(cls, subclass: type) -> bool:
        return False

    @property
    def __mro__(cls) -> Any:
        raise RuntimeError("no ancestors today")


class Fouled(metaclass=Foul):
    """Its metaclass raises."""


class HasFouled(msgspec.Struct):
    foul: Fouled
    fine: int


class Free(msgspec.Struct, Generic[T]):
    item: T
    fine: int


class Schemaless(pydantic.BaseModel):
    custom: Annotated[Any, Custom]
    fine: int


class Loose(msgspec.Struct):
    anything: Any
    things: dict[str, object]


class Envelope(msgspec.Struct, Generic[T]):
    item: T
    pair: Pair[T]


class Point(enum.Enum):
    """Neither a string nor a number, so it has no JSON form."""

    ORIGIN = (0, 0)


class Answer(enum.Enum):
    YES = True
    UNCLEAR = "unclear"


class KeysOfStruct(msgspec.Struct):
    by_point: dict[Point, int]
    by_answer: dict[Answer, int]
    by_flag: dict[Literal[True], int]
    by_nothing: dict[Literal["a", None], int]  # noqa: PYI061  # this spelling is tested
    by_bytes: dict[Literal[b"x"], int]


class KeysOfModel(pydantic.BaseModel):
    by_point: dict[Point, int]
    by_answer: dict[Answer, int]
    by_flag: dict[Literal[True], int]


@dataclasses.dataclass
class Row(Generic[*Ts]):
    cells: tuple[str, *Ts]


class PairModel(pydantic.BaseModel):
    pair: Pair[int]
    other: Pair[str]


class BadError(HTTPException):
    status_code = 418
    extra: Nowhere  # type: ignore[name-defined]  # noqa: F821  # the missing name is tested


def answering(*annotations: Any) -> Generated:
    """Generate the file of a plugin that answers these types."""
    return generate([plugin("acme__x", package=__name__, frontend=Frontend(types=annotations))])


def _types(generated: Generated) -> str:
    """Return the part of the file that comes from plugins' types, without comments."""
    shown = generated.text.partition("export declare namespace")[2].partition("// ─")[0]
    return re.sub(r"/\*.*?\*/", "", shown, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("cls", "warned"),
    [
        (Odd, ["complex", "collections.abc.Callable[[int], str]", "type[int]", f"{__name__}.Foreign"]),
        (OddModel, ["a callable", f"{__name__}.Foreign"]),
        (Dangling, [f"{__name__}.Dangling (NameError)"]),
        (DanglingModel, [f"{__name__}.DanglingModel (PydanticUndefinedAnnotation)"]),
        (Raising, [f"{__name__}.Raising (RuntimeError)"]),
        (Envelope[Foreign], [f"{__name__}.Foreign"]),
        (Silent, ["a serializer without the type that it returns (Silent._as_text)"]),
        (HasFouled, [f"{__name__}.Fouled (RuntimeError)"]),
        (Free, ["~T"]),
        (Schemaless, ["a function-plain"]),
        (Row[int, str], ["Ts"]),
        (msgspec.Struct, ["msgspec.Struct"]),
        (pydantic.BaseModel, ["pydantic.main.BaseModel"]),
        (list[pydantic.BaseModel], ["pydantic.main.BaseModel"]),
        (enum.Enum, ["enum.Enum"]),
        (Payload, []),
        (Loose, []),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_unknown_type_is_reported_with_its_location(cls: Any, warned: list[str]) -> None:
    generated = answering(cls)
    reported = [line.partition(": ")[2].partition(" has no TypeScript type")[0].rpartition(": ")[2] for line in generated.warnings]
    assert reported == warned
    assert all(line.startswith("acme__x: Frontend(types=…)") for line in generated.warnings)
    assert re.search(r"\bany\b", _types(generated)) is None


def test_a_file_with_all_unknown_types_compiles(tmp_path: Path) -> None:
    every = [Odd, OddModel, Dangling, DanglingModel, Raising, Silent, HasFouled, Free, Schemaless, Loose, Lying, Envelope[Foreign]]
    file = tmp_path / "unknown.ts"
    file.write_text(answering(*every).text)
    assert compile_files([file]) == ""


@pytest.mark.parametrize("cls", [KeysOfStruct, KeysOfModel])
def test_a_map_with_keys_that_cannot_be_property_names_has_string_keys(cls: type[Any], tmp_path: Path) -> None:
    text = answering(cls).text
    file = tmp_path / "keys.ts"
    file.write_text(text)
    assert text.count("{ [key: string]: number };") == len(cls.__annotations__)
    assert compile_files([file]) == ""


def test_the_length_of_a_tuple_is_not_guessed() -> None:
    assert "cells: [string, ...unknown[]];" in answering(Row[int, str]).text


def test_other_fields_beside_an_unknown_one_stay_typed() -> None:
    assert "fine: number;" in answering(Odd).text
    for cls in (OddModel, Silent, HasFouled, Free, Schemaless):
        assert "fine: number;" in answering(cls).text


def test_wrong_schemas_cannot_break_the_file() -> None:
    assert "pwned" not in answering(Lying).text


def test_warnings_contain_no_memory_addresses() -> None:
    assert "0x" not in "".join(answering(Odd).warnings + answering(Literal[b"x"]).warnings)


def test_the_order_of_routes_does_not_change_the_warnings() -> None:
    @get("/a")
    async def first() -> Odd: ...

    @get("/b")
    async def second() -> Odd: ...

    normal = plugin("acme__x", first, second)
    backwards = dataclasses.replace(normal, routes=normal.routes[::-1])
    assert generate([backwards]).warnings == generate([normal]).warnings


def test_an_error_that_cannot_be_read_is_still_an_error() -> None:
    @get("/x", raises=[BadError])
    async def answer() -> int: ...

    generated = generate([plugin("acme__x", answer)])
    assert "Read<[], number, Problem<418, unknown>>" in generated.text
    assert generated.warnings == (
        f"acme__x: GET /acme__x/x: {__name__}.BadError (NameError) has no TypeScript type and becomes unknown",
    )


def test_a_channel_without_a_type_is_reported() -> None:
    generated = generate([plugin("acme__x", channels=(Channel("made", Foreign), Channel("nothing", None)))])
    assert "made: unknown;\n  nothing: null;" in generated.text
    assert generated.warnings == (f"acme__x: channel made: {__name__}.Foreign has no TypeScript type and becomes unknown",)


def test_generic_aliases_are_substituted() -> None:
    text = answering(Envelope[int]).text
    assert "interface EnvelopeInt {\n    item: number;\n    pair: [number, number];\n  }" in text


def test_a_generic_alias_within_a_model_is_named_after_its_arguments() -> None:
    text = answering(PairModel).text
    assert "pair: AcmeX.PairInt;\n    other: AcmeX.PairStr;" in text
    assert "type PairInt = [number, number];" in text
