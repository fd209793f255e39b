"""Models that hypothesis makes up, each made twice: a msgspec Struct and a pydantic model that take the same JSON."""

from __future__ import annotations

import datetime as dt
import enum
import itertools
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal, Optional

import msgspec
import pydantic
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

#: Names on the wire that TypeScript, or a generator of it, could stumble over.
NAMES = ("plain", "camelCase", "a-b", "a b", "class", "default", "1st", "é", "$ref", "type", "items", "it's", "any")


class Color(enum.Enum):
    RED = "red"
    BLUE = "b|ue"


class Rank(enum.IntEnum):
    FIRST = 1
    SECOND = 2


@dataclass(frozen=True)
class Shape:
    """A type, and JSON of it.

    Args:
        struct: annotation for msgspec.
        model: annotation for pydantic.
        values: JSON that is of this type.
        wrong: JSON that is not, which TypeScript can see.
    """

    struct: Any
    model: Any
    values: tuple[Any, ...]
    wrong: tuple[Any, ...]


@dataclass(frozen=True)
class Model:
    """A model, made twice.

    Args:
        struct: by msgspec.
        model: by pydantic.
        valid: JSON of it.
        invalid: JSON that is not of it, each by one fault.
    """

    struct: type[Any]
    model: type[pydantic.BaseModel]
    valid: tuple[Any, ...]
    invalid: tuple[Any, ...]


def _scalar(annotation: Any, values: tuple[Any, ...], wrong: tuple[Any, ...]) -> Shape:
    return Shape(annotation, annotation, values, wrong)


def _limited(annotation: Any, values: tuple[Any, ...], wrong: tuple[Any, ...], **limits: Any) -> Shape:
    """With limits that no value breaks: TypeScript cannot see them."""
    said = "Kept */ in limits."
    meta, field = msgspec.Meta(description=said, **limits), pydantic.Field(description=said, **limits)
    return Shape(Annotated[annotation, meta], Annotated[annotation, field], values, wrong)


SCALARS = (
    _scalar(str, ("", 'x"y', "\u2028"), (None, [], 1)),
    _scalar(int, (0, -5), (None, "1", {})),
    _scalar(float, (0.5, 3), (None, "x", [])),
    _scalar(bool, (True, False), (None, "true", 1)),
    _scalar(dt.date, ("2026-11-20",), (None, [])),
    _scalar(dt.datetime, ("2026-11-20T23:59:00Z",), (None, [])),
    _scalar(uuid.UUID, ("0f8fad5b-d9cb-469f-a165-70867728950e",), (None, 5)),
    _scalar(Color, ("red", "b|ue"), ("green", None, 1)),
    _scalar(Rank, (1, 2), (3, "1", None)),
    _scalar(Literal["a|b", 5, None], ("a|b", 5, None), ("a", 6, False)),  # noqa: PYI061  # this spelling is what is tested
    _scalar(Literal["*/", "it's"], ("*/", "it's"), ("x", None)),
    _scalar(Any, (None, 1, {"a": [1]}), ()),
    _scalar(None, (None,), (0, "")),
    _scalar(str | int | None, ("x", 1, None), (True, [], {})),
    _limited(int, (0, 9), (None, "1"), ge=-9, le=9),
    _limited(str, ("x",), (None, 1), max_length=9, pattern="^.*$"),
)


def _listed(one: Shape) -> Shape:
    return Shape(list[one.struct], list[one.model], ([], list(one.values)), (None, {}, *([bad] for bad in one.wrong)))  # type: ignore[name-defined]  # made here


def _keyed(one: Shape) -> Shape:
    values = ({}, {f"k{at}": value for at, value in enumerate(one.values)})
    return Shape(dict[str, one.struct], dict[str, one.model], values, (None, [], *({"k": bad} for bad in one.wrong)))  # type: ignore[name-defined]  # made here


def _by_color(one: Shape) -> Shape:
    """Keys that are known. Which ones, msgspec's schema does not say, and openapi-typescript does not read."""
    return Shape(dict[Color, one.struct], dict[Color, one.model], ({}, {"red": one.values[0]}), (None, []))  # type: ignore[name-defined]  # made here


def _maybe(one: Shape) -> Shape:
    struct, model = Optional[one.struct], Optional[one.model]  # noqa: UP045  # one may be None already
    return Shape(struct, model, (None, *one.values), tuple(bad for bad in one.wrong if bad is not None))


def _paired(pair: tuple[Shape, Shape]) -> Shape:
    one, two = pair
    first, second = one.values[0], two.values[-1]
    wrong = [
        [],
        [first],
        [first, second, first],
        *([bad, second] for bad in one.wrong[:2]),
        *([first, bad] for bad in two.wrong[:2]),
    ]
    return Shape(tuple[one.struct, two.struct], tuple[one.model, two.model], ([first, second],), tuple(wrong))  # type: ignore[name-defined]  # made here


def _nested(model: Model) -> Shape:
    return Shape(model.struct, model.model, model.valid[:2], (None, [], *model.invalid[:3]))


def shapes(leaves: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
    """Types out of simpler ones."""
    makers: list[Callable[[Shape], Shape]] = [_listed, _keyed, _by_color, _maybe]

    def wrap(inner: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
        return st.one_of(
            st.builds(lambda make, one: make(one), st.sampled_from(makers), inner), st.tuples(inner, inner).map(_paired)
        )

    return st.recursive(leaves, wrap, max_leaves=3)


@st.composite
def models(draw: st.DrawFn, numbers: Iterator[int], *, depth: int = 1) -> Model:
    """A model of one to five fields, some of which are models.

    Args:
        draw: by hypothesis.
        numbers: for the name; msgspec tells classes apart by theirs.
        depth: how deep models may lie in models.
    """
    leaves: st.SearchStrategy[Shape] = st.sampled_from(SCALARS)
    if depth:
        leaves = st.one_of(leaves, models(numbers, depth=depth - 1).map(_nested))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    fields = [(name, draw(shapes(leaves)), draw(st.booleans())) for name in names]
    return _made(f"Made{next(numbers)}", fields)


def _of_msgspec(shape: Shape) -> Any:
    return msgspec.convert(shape.values[0], shape.struct)


def _of_pydantic(shape: Shape) -> Any:
    return pydantic.TypeAdapter(shape.model).validate_json(json.dumps(shape.values[0]))


def _default(make: Callable[[Shape], Any], shape: Shape) -> dict[str, Any]:
    value = make(shape)
    if isinstance(value, list | dict | tuple | msgspec.Struct | pydantic.BaseModel):
        return {"default_factory": partial(make, shape)}
    return {"default": value}


def _made(title: str, fields: list[tuple[str, Shape, bool]]) -> Model:
    python = {name: f"field_{at}" for at, (name, _shape, _optional) in enumerate(fields)}
    structs = [
        (python[name], shape.struct, msgspec.field(name=name, **(_default(_of_msgspec, shape) if optional else {})))
        for name, shape, optional in fields
    ]
    struct = msgspec.defstruct(title, structs, kw_only=True, forbid_unknown_fields=True, module=__name__)
    config = pydantic.ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
    described: Any = {
        python[name]: (shape.model, pydantic.Field(alias=name, **(_default(_of_pydantic, shape) if optional else {})))
        for name, shape, optional in fields
    }
    model = pydantic.create_model(f"{title}Model", __config__=config, __module__=__name__, **described)
    full = {name: shape.values[0] for name, shape, _optional in fields}
    least = {name: shape.values[-1] for name, shape, optional in fields if not optional}
    others = [{**full, name: value} for name, shape, _optional in fields for value in shape.values[1:]]
    faults = [{**full, name: bad} for name, shape, _optional in fields for bad in shape.wrong]
    missing = [{other: full[other] for other in full if other != name} for name, _shape, optional in fields if not optional]
    return Model(struct, model, (full, least, *others), (*missing, {**full, "further": 1}, *faults))


def made(count: int) -> list[Model]:
    """The same models in every run.

    Args:
        count: at most so many.
    """
    found: list[Model] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(models(itertools.count()))
    def collect(model: Model) -> None:
        found.append(model)

    collect()
    return found
