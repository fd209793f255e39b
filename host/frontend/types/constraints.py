"""What a type cannot express and its comment does: descriptions, constraints and examples, of any library."""

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

#: The name of a length constraint in JSON Schema, by the kind of value.
_COUNTED: Final = {kind: {"minLength": f"min{kind}", "maxLength": f"max{kind}"} for kind in ("Items", "Properties")}


def docs_of_annotated(annotation: Any) -> tuple[list[str], list[str]]:
    """Return what an ``Annotated`` says besides the type: lines of description, and tags for constraints."""
    if is_union(annotation):
        members = [item for item in get_args(annotation) if item not in (type(None), msgspec.UnsetType)]
        return docs_of_annotated(members[0]) if len(members) == 1 else ([], [])
    if get_origin(annotation) is not Annotated:
        return [], []
    lines: list[str] = []
    constraints: dict[str, Any] = {}
    keywords: dict[str, Any] = {}
    for extra in annotation.__metadata__:
        for item in _unpacked(extra):
            constraints |= {keyword: value for name, keyword in _META.items() if (value := getattr(item, name, None)) is not None}
        if isinstance(extra, msgspec.Meta | KwargDefinition | FieldInfo):
            lines += (extra.description or "").splitlines()
            keywords |= {"deprecated": getattr(extra, "deprecated", None), "examples": getattr(extra, "examples", None)}
            schema = getattr(extra, "extra_json_schema", None) or getattr(extra, "json_schema_extra", None)
            keywords |= schema if isinstance(schema, dict) else {}
    counted = _COUNTED.get(_kind(annotation.__origin__), {})
    tags = constraint_tags((counted.get(keyword, keyword), value) for keyword, value in constraints.items())
    return lines, [*tags, *extra_tags(keywords)]


def _unpacked(extra: Any) -> list[Any]:
    """Return the constraints in a piece of metadata: ``Interval`` of annotated-types and ``Field`` of pydantic have several."""
    if isinstance(extra, FieldInfo):
        return extra.metadata
    if isinstance(extra, msgspec.Meta | KwargDefinition | annotated_types.BaseMetadata):
        return [extra]
    return list(extra) if isinstance(extra, annotated_types.GroupedMetadata) else []


def _kind(annotation: Any) -> str:
    """Return what a length counts: ``Items``, ``Properties``, "" for a string."""
    origin = get_origin(annotation) or annotation
    if origin is Annotated or not isinstance(origin, type) or issubclass(origin, str | bytes):
        return ""
    return "Properties" if issubclass(origin, Mapping) else "Items" if issubclass(origin, Collection) else ""


def extra_tags(schema: Mapping[str, Any]) -> list[str]:
    """Return comment tags for the keywords of JSON Schema other than constraints."""
    tags = [f"@format {schema['format']}"] if isinstance(schema.get("format"), str) else []
    if schema.get("deprecated"):
        tags.append("@deprecated")
    examples = schema.get("examples")
    tagged = [default_tag(example, "example") for example in examples] if isinstance(examples, list) else []
    return [*tags, *(tag for example in tagged for tag in example)]


def constraint_tags(constraints: Iterable[tuple[str, Any]]) -> list[str]:
    """Return comment tags for constraints: ``@minLength 1``."""
    return [f"@{keyword} {value}" for keyword, value in constraints if isinstance(value, str | int | float)]


def default_tag(value: Any, tag: str = "default") -> list[str]:
    """Return ``@default …``, or nothing if the value is not JSON."""
    try:
        return [f"@{tag} {literal(msgspec.to_builtins(value, str_keys=True, order='deterministic'))}"]
    except (TypeError, ValueError, msgspec.MsgspecError):
        return []


def lines_of_tags(tags: Iterable[str]) -> list[str]:
    """Return tags as lines: one for each tag that editors evaluate only at the start of a line, and one for the rest."""
    alone = [tag for tag in tags if tag.startswith(_ALONE)]
    together = " ".join(tag for tag in tags if not tag.startswith(_ALONE))
    return [together, *alone] if together else alone
