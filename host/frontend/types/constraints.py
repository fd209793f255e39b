"""What stands in comments because a type cannot say it: descriptions, constraints, examples, whichever library they came with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Any, Final, get_args, get_origin

import annotated_types
import msgspec
from litestar.params import KwargDefinition
from pydantic.fields import FieldInfo

from host.frontend.text import literal
from host.frontend.types.canonical_order import is_union

_META: Final = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
    "min_items": "minItems",
    "max_items": "maxItems",
}


_ALONE: Final = ("@deprecated", "@example")

#: What a length is called in JSON Schema, by what has it.
_COUNTED: Final = {kind: {"minLength": f"min{kind}", "maxLength": f"max{kind}"} for kind in ("Items", "Properties")}


def docs_of_annotated(annotation: Any) -> tuple[list[str], list[str]]:
    """What an ``Annotated`` says beside the type: lines of description, and tags for constraints."""
    if is_union(annotation):
        told = [one for one in get_args(annotation) if one not in (type(None), msgspec.UnsetType)]
        return docs_of_annotated(told[0]) if len(told) == 1 else ([], [])
    if get_origin(annotation) is not Annotated:
        return [], []
    lines: list[str] = []
    constraints: dict[str, Any] = {}
    more: dict[str, Any] = {}
    for extra in annotation.__metadata__:
        for one in _unpacked(extra):
            constraints |= {keyword: value for name, keyword in _META.items() if (value := getattr(one, name, None)) is not None}
        if isinstance(extra, msgspec.Meta | KwargDefinition | FieldInfo):
            lines += (extra.description or "").splitlines()
            more |= {"deprecated": getattr(extra, "deprecated", None), "examples": getattr(extra, "examples", None)}
            said = getattr(extra, "extra_json_schema", None) or getattr(extra, "json_schema_extra", None)
            more |= said if isinstance(said, dict) else {}
    counted = _COUNTED.get(_kind(annotation.__origin__), {})
    tags = constraint_tags((counted.get(keyword, keyword), value) for keyword, value in constraints.items())
    return lines, [*tags, *extra_tags(more)]


def _unpacked(extra: Any) -> list[Any]:
    """The metadata that an annotation holds: ``Interval`` of annotated-types and ``Field`` of pydantic hold several."""
    if isinstance(extra, FieldInfo):
        return extra.metadata
    if isinstance(extra, msgspec.Meta | KwargDefinition | annotated_types.BaseMetadata):
        return [extra]
    return list(extra) if isinstance(extra, annotated_types.GroupedMetadata) else []


def _kind(annotation: Any) -> str:
    """Of what a length is: ``Items``, ``Properties``, "" of a text."""
    origin = get_origin(annotation) or annotation
    if origin is Annotated or not isinstance(origin, type) or issubclass(origin, str | bytes):
        return ""
    return "Properties" if issubclass(origin, Mapping) else "Items" if issubclass(origin, Collection) else ""


def extra_tags(schema: Mapping[str, Any]) -> list[str]:
    """Tags of a comment for what is said beside constraints, by the keywords of JSON Schema."""
    tags = [f"@format {schema['format']}"] if isinstance(schema.get("format"), str) else []
    if schema.get("deprecated"):
        tags.append("@deprecated")
    examples = schema.get("examples")
    shown = [default_tag(one, "example") for one in examples] if isinstance(examples, list) else []
    return [*tags, *(tag for one in shown for tag in one)]


def constraint_tags(constraints: Iterable[tuple[str, Any]]) -> list[str]:
    """Tags of a comment for what a type cannot say: ``@minLength 1``."""
    return [f"@{keyword} {value}" for keyword, value in constraints if isinstance(value, str | int | float)]


def default_tag(value: Any, tag: str = "default") -> list[str]:
    """``@default …``, or nothing where the value is no JSON."""
    try:
        return [f"@{tag} {literal(msgspec.to_builtins(value, str_keys=True, order='deterministic'))}"]
    except (TypeError, ValueError, msgspec.MsgspecError):
        return []


def lines_of_tags(tags: Iterable[str]) -> list[str]:
    """Tags in lines: those that an editor acts upon, which it only does at the start of a line, and the rest in one."""
    alone = [tag for tag in tags if tag.startswith(_ALONE)]
    together = " ".join(tag for tag in tags if not tag.startswith(_ALONE))
    return [together, *alone] if together else alone
