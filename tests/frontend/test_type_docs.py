"""Constraints that a type cannot express are in its comment, for every library that can state them."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import annotated_types
import msgspec
import pydantic
import pytest
from typing_extensions import TypedDict

from hookspecs import Frontend
from host.frontend.emit import generate
from tests.frontend.building import plugin

SAID = "Said */ here."
#: The constraints for each library → the lines of the comment.
CONSTRAINTS: dict[str, tuple[Any, Any, Any, tuple[str, ...]]] = {
    "text": (
        Annotated[str, msgspec.Meta(min_length=1, max_length=5, pattern="^a*/$")],
        Annotated[str, annotated_types.MinLen(1), annotated_types.MaxLen(5), pydantic.Field(pattern="^a*/$")],
        Annotated[str, pydantic.Field(min_length=1, max_length=5, pattern="^a*/$")],
        ("@minLength 1 @maxLength 5 @pattern ^a*\\/$",),
    ),
    "number": (
        Annotated[int, msgspec.Meta(ge=1, lt=9, multiple_of=2)],
        Annotated[int, annotated_types.Ge(1), annotated_types.Lt(9), annotated_types.MultipleOf(2)],
        Annotated[int, pydantic.Field(ge=1, lt=9, multiple_of=2)],
        ("@minimum 1 @exclusiveMaximum 9 @multipleOf 2",),
    ),
    "interval": (
        Annotated[float, msgspec.Meta(gt=1, le=5)],
        Annotated[float, annotated_types.Interval(gt=1, le=5)],
        Annotated[float, pydantic.Field(gt=1, le=5)],
        ("@exclusiveMinimum 1 @maximum 5",),
    ),
    "items": (
        Annotated[list[int], msgspec.Meta(min_length=1, max_length=3)],
        Annotated[list[int], annotated_types.Len(1, 3)],
        Annotated[list[int], pydantic.Field(min_length=1, max_length=3)],
        ("@minItems 1 @maxItems 3",),
    ),
    "properties": (
        Annotated[dict[str, int], msgspec.Meta(min_length=1)],
        Annotated[dict[str, int], annotated_types.MinLen(1)],
        Annotated[dict[str, int], pydantic.Field(min_length=1)],
        ("@minProperties 1",),
    ),
    "nullable": (
        Annotated[int, msgspec.Meta(ge=0)] | None,
        Annotated[int, annotated_types.Ge(0)] | None,
        Annotated[int, pydantic.Field(ge=0)] | None,
        ("@minimum 0",),
    ),
    "further": (
        Annotated[
            str, msgspec.Meta(description=SAID, examples=["a", "b"], extra_json_schema={"deprecated": True, "format": "slug"})
        ],
        Annotated[
            str, pydantic.Field(description=SAID, examples=["a", "b"], deprecated=True, json_schema_extra={"format": "slug"})
        ],
        Annotated[
            str, pydantic.Field(description=SAID, examples=["a", "b"], deprecated=True, json_schema_extra={"format": "slug"})
        ],
        ("Said *\\/ here.", "@format slug", "@deprecated", '@example "a"', '@example "b"'),
    ),
}


def comment_of(cls: Any) -> tuple[str, ...]:
    """Return the lines of the comment on the only field of a class."""
    text = generate([plugin("acme__x", frontend=Frontend(types=[cls]))]).text
    body = text.partition("export declare namespace AcmeX")[2].partition("    field")[0].partition("/**")[2]
    return tuple(line.strip().removeprefix("* ").removesuffix("*/").strip() for line in body.splitlines() if line.strip(" */"))


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraints_of_a_struct_are_in_the_comment(name: str) -> None:
    meta, annotated, _field, lines = CONSTRAINTS[name]
    assert comment_of(msgspec.defstruct("Made", [("field", meta)], module=__name__)) == lines
    assert comment_of(msgspec.defstruct("Other", [("field", annotated)], module=__name__)) == lines


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraints_of_a_pydantic_model_are_in_the_comment(name: str) -> None:
    _meta, annotated, field, lines = CONSTRAINTS[name]
    assert comment_of(pydantic.create_model("Made", __module__=__name__, field=(annotated, ...))) == lines
    assert comment_of(pydantic.create_model("Other", __module__=__name__, field=(field, ...))) == lines


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraints_of_a_dataclass_and_a_typed_dict_are_in_the_comment(name: str) -> None:
    meta, _annotated, _field, lines = CONSTRAINTS[name]
    assert comment_of(dataclasses.make_dataclass("Made", [("field", meta)])) == lines
    assert comment_of(TypedDict("Other", {"field": meta})) == lines  # type: ignore[operator]  # created at run time


def test_a_default_is_not_in_the_comment_of_a_field_that_is_always_sent() -> None:
    class Model(msgspec.Struct):
        field: int = 3

    assert comment_of(Model) == ()
