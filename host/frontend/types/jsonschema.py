"""JSON Schema, as pydantic writes it, to type expressions.

Schemas can hold what a plugin put there with ``json_schema_extra``, so nothing is taken for granted: what is not understood is
``unknown``, with a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from host.frontend.text import are_names, array, intersection, literal, optional_item, record, type_key, union
from host.frontend.types.canonical_order import ordered_schemas, ordered_values
from host.frontend.types.constraints import constraint_tags, extra_tags, lines_of_tags
from host.frontend.types.wire import FORMATS, Member, shared

#: Where the generator leaves the class from which a schema was made; see :class:`Origin`.
ORIGIN: Final = "x-host-origin"

_CONSTRAINTS: Final = (
    *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "minProperties", "maxProperties"),
)
_FURTHER: Final = frozenset({"deprecated", "examples", "format"})
#: Formats that say nothing that the type, or pydantic's own way to write it, does not say.
_UNTOLD: Final = frozenset({"binary", "base64url"})
_CONSTRAINED: Final = frozenset(_CONSTRAINTS)
_PLAIN: Final = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


@dataclass(frozen=True, slots=True)
class Origin:
    """The class behind a schema. Being an object of this class, no JSON of a plugin can pass for it."""

    type: type[Any]


class SchemaTypes(Protocol):
    """What a schema needs of the collection that it is read for."""

    @property
    def sent(self) -> bool:
        """Whether it is read for what the server sends."""

    def origin(self, cls: type[Any]) -> str:
        """A reference to a class which pydantic serialises."""

    def definition(self, ref: str) -> str:
        """What a ``$ref`` refers to."""

    def schema(self, ref: str) -> Mapping[str, Any] | None:
        """The schema itself to which a ``$ref`` refers, ``None`` where there is none."""

    def unknown(self, what: Any) -> str:
        """``unknown``, with a warning."""


def schema_expression(schema: Any, types: SchemaTypes) -> str:
    """The type that a schema describes.

    Args:
        schema: the schema.
        types: takes the named types on the way.
    """
    if not isinstance(schema, dict):
        return "unknown" if schema is True else "never" if schema is False else types.unknown(schema)
    if isinstance(origin := schema.get(ORIGIN), Origin):
        return types.origin(origin.type)
    return body_expression(schema, types)


def body_expression(schema: Mapping[str, Any], types: SchemaTypes) -> str:  # noqa: PLR0911  # one a keyword
    """The type that a schema describes, without a look at the class behind it."""
    if isinstance(ref := schema.get("$ref"), str):
        return types.definition(ref)
    if "const" in schema:
        return _values([schema["const"]], types)
    if isinstance(values := schema.get("enum"), list):
        return _values(values, types)
    for keyword in ("anyOf", "oneOf"):
        if isinstance(choices := schema.get(keyword), list):
            return _tagged(schema, types) or _union(choices, types)
    if isinstance(parts := schema.get("allOf"), list):
        return intersection([schema_expression(part, types) for part in parts])
    kind = schema.get("type")
    if isinstance(kind, list):
        return _union([{**schema, "type": one} for one in kind], types)
    return _of_type(kind, schema, types)


def _of_type(kind: Any, schema: Mapping[str, Any], types: SchemaTypes) -> str:
    if kind == "object" or (kind is None and "properties" in schema):
        return _object(schema, types)
    if kind == "array":
        return _array(schema, types)
    if kind == "string":
        encoded = schema.get("contentEncoding") == "base64"
        return shared("Base64") if encoded else FORMATS.get(str(schema.get("format")), "string")
    if isinstance(kind, str) and kind in _PLAIN:
        return _PLAIN[kind]
    # pydantic describes what may be anything by no keyword that says a type.
    return "unknown" if kind is None else types.unknown(f"JSON Schema of type {kind!r}")


def _values(values: list[Any], types: SchemaTypes) -> str:
    try:
        return union(
            [literal(value) if not isinstance(value, list | dict) else types.unknown(value) for value in ordered_values(values)]
        )
    except (TypeError, ValueError):
        return types.unknown(values)


def _union(choices: list[Any], types: SchemaTypes) -> str:
    return union([schema_expression(one, types) for one in ordered_schemas(choices)])


def _tagged(schema: Mapping[str, Any], types: SchemaTypes) -> str:
    """A union that is told apart by a tag, "" where it is none.

    Going in, each case needs its tag, also where the tag has a default and so may be left out elsewhere.
    """
    discriminator = schema.get("discriminator")
    if not isinstance(discriminator, dict):
        return ""
    mapping = discriminator.get("mapping")
    if types.sent or not isinstance(mapping, dict) or not all(isinstance(ref, str) for ref in mapping.values()):
        return ""
    tags: dict[str, list[str]] = {}
    for tag, ref in sorted(mapping.items(), key=str):
        tags.setdefault(ref, []).append(literal(tag))
    name = type_key(str(discriminator.get("propertyName")))
    return union([intersection([types.definition(ref), f"{{ {name}: {union(values)} }}"]) for ref, values in tags.items()])


def _array(schema: Mapping[str, Any], types: SchemaTypes) -> str:
    items = schema.get("items", True)
    if not isinstance(prefix := schema.get("prefixItems"), list):
        return "[]" if schema.get("maxItems") == 0 else array(schema_expression(items, types))
    # Of a NamedTuple what has a default may be missing, but not in what is sent.
    fewest = len(prefix) if types.sent else schema.get("minItems", 0)
    fixed = [schema_expression(one, types) for one in prefix]
    shown = [one if at < fewest else optional_item(one) for at, one in enumerate(fixed)]
    closed = items is False or schema.get("maxItems") == len(prefix)
    if not closed:
        shown.append(f"...{array(schema_expression(items, types))}")
    return "[" + ", ".join(shown) + "]"


def _object(schema: Mapping[str, Any], types: SchemaTypes) -> str:
    members = object_members(schema, types)
    if members:
        return "{ " + "; ".join(member.declaration for member in members) + " }"
    more = schema.get("additionalProperties", schema.get("properties") != {})
    patterns = schema.get("patternProperties")
    if more is False or (isinstance(patterns, dict) and "additionalProperties" not in schema):
        return record(
            union([schema_expression(one, types) for one in patterns.values()]) if isinstance(patterns, dict) else "never"
        )
    keys = schema.get("propertyNames")
    known = isinstance(keys, dict) and _is_listed(keys, types)
    return record(schema_expression(more, types), schema_expression(keys, types) if known else None)


def _is_listed(keys: Mapping[str, Any], types: SchemaTypes) -> bool:
    """Whether the keys of a map are known one by one, and each can be a name."""
    if isinstance(ref := keys.get("$ref"), str):
        keys = types.schema(ref) or {}
    values = [keys["const"]] if "const" in keys else keys.get("enum")
    return isinstance(values, list) and are_names(values)


def object_members(schema: Mapping[str, Any], types: SchemaTypes) -> tuple[Member, ...]:
    """The properties of a schema, with an index signature where it takes further ones."""
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        return ()
    required = schema.get("required")
    must = frozenset(one for one in required if isinstance(one, str)) if isinstance(required, list) else frozenset()
    return tuple(_members(properties, must, schema.get("additionalProperties"), types))


def _members(properties: Mapping[str, Any], required: frozenset[str], more: Any, types: SchemaTypes) -> Iterator[Member]:
    shown: dict[str, None] = {}
    for name, one in properties.items():
        read_only = "readonly " if isinstance(one, dict) and one.get("readOnly") is True else ""
        mark = "" if name in required else "?"
        docs = schema_docs(one, optional=bool(mark)) if isinstance(one, dict) else ()
        expression = schema_expression(one, types)
        shown |= {expression: None, **({"undefined": None} if mark else {})}
        yield Member(f"{read_only}{type_key(name)}{mark}: {expression}", docs)
    if more is True or isinstance(more, dict):
        # An index signature must fit the properties too.
        yield Member(f"[key: string]: {union([schema_expression(more, types), *shown])}")


def schema_docs(schema: Mapping[str, Any], *, optional: bool) -> tuple[str, ...]:
    """The description of a schema, and tags for its constraints."""
    schema = _with_only_choice(schema)
    description = schema.get("description")
    lines = description.splitlines() if isinstance(description, str) else []
    constrained = "prefixItems" not in schema and not _CONSTRAINED.isdisjoint(schema)
    tags = constraint_tags((keyword, schema.get(keyword)) for keyword in _CONSTRAINTS) if constrained else []
    if not _FURTHER.isdisjoint(schema):
        known = schema.get("format") in FORMATS or schema.get("format") in _UNTOLD
        tags += extra_tags({key: one for key, one in schema.items() if key != "format" or not known})
    if optional and "default" in schema:
        with suppress(TypeError, ValueError):  # a default that is no JSON cannot be shown
            tags.append(f"@default {literal(schema['default'])}")
    return (*lines, *lines_of_tags(tags))


def _with_only_choice(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with what is said of the one thing that it may be beside ``null``."""
    choices = schema.get("anyOf")
    if not isinstance(choices, list):
        return schema
    told = [one for one in choices if isinstance(one, dict) and one.get("type") != "null"]
    return {**told[0], **schema} if len(told) == 1 and "$ref" not in told[0] else schema
