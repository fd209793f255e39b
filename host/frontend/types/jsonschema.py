"""From JSON Schema, as pydantic generates it, to type expressions.

A schema may contain anything that a plugin added with ``json_schema_extra``, so nothing is assumed: what is not understood becomes
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

#: The keyword under which the generator stores the class of a schema; see :class:`Origin`.
ORIGIN: Final = "x-host-origin"

_CONSTRAINTS: Final = (
    *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "minProperties", "maxProperties"),
)
_FURTHER: Final = frozenset({"deprecated", "examples", "format"})
#: Formats that add nothing to the type.
_REDUNDANT_FORMATS: Final = frozenset({"binary", "base64url"})
_CONSTRAINED: Final = frozenset(_CONSTRAINTS)
_PLAIN: Final = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


@dataclass(frozen=True, slots=True)
class Origin:
    """The class behind a schema. It is an object, so no JSON of a plugin can be mistaken for it."""

    type: type[Any]


class SchemaTypes(Protocol):
    """What reading a schema needs of a collector."""

    @property
    def sent(self) -> bool:
        """Whether the schema describes what the server sends."""

    def origin(self, cls: type[Any]) -> str:
        """Return a reference to a class that pydantic serializes."""

    def definition(self, ref: str) -> str:
        """Return the type expression of a ``$ref``."""

    def schema(self, ref: str) -> Mapping[str, Any] | None:
        """Return the schema of a ``$ref``, ``None`` if there is none."""

    def unknown(self, what: Any) -> str:
        """Return ``unknown`` and add a warning."""


def schema_expression(schema: Any, types: SchemaTypes) -> str:
    """Return the type expression of a schema.

    Args:
        schema: The schema.
        types: Collects the named types in it.
    """
    if not isinstance(schema, dict):
        return "unknown" if schema is True else "never" if schema is False else types.unknown(schema)
    if isinstance(origin := schema.get(ORIGIN), Origin):
        return types.origin(origin.type)
    return body_expression(schema, types)


def body_expression(schema: Mapping[str, Any], types: SchemaTypes) -> str:  # noqa: PLR0911  # one a keyword
    """Return the type expression of a schema, regardless of the class behind it."""
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
        return _union([{**schema, "type": name} for name in kind], types)
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
    # pydantic describes `Any` by a schema without a type.
    return "unknown" if kind is None else types.unknown(f"JSON Schema of type {kind!r}")


def _values(values: list[Any], types: SchemaTypes) -> str:
    try:
        return union(
            [literal(value) if not isinstance(value, list | dict) else types.unknown(value) for value in ordered_values(values)]
        )
    except (TypeError, ValueError):
        return types.unknown(values)


def _union(choices: list[Any], types: SchemaTypes) -> str:
    return union([schema_expression(choice, types) for choice in ordered_schemas(choices)])


def _tagged(schema: Mapping[str, Any], types: SchemaTypes) -> str:
    """Return a discriminated union, "" if the schema is not one.

    In input each case needs its tag, even if the tag has a default and may be omitted elsewhere.
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
    # Elements of a NamedTuple with a default may be missing in input; what the server sends is complete.
    fewest = len(prefix) if types.sent else schema.get("minItems", 0)
    fixed = [schema_expression(element, types) for element in prefix]
    elements = [element if at < fewest else optional_item(element) for at, element in enumerate(fixed)]
    closed = items is False or schema.get("maxItems") == len(prefix)
    if not closed:
        elements.append(f"...{array(schema_expression(items, types))}")
    return "[" + ", ".join(elements) + "]"


def _object(schema: Mapping[str, Any], types: SchemaTypes) -> str:
    members = object_members(schema, types)
    if members:
        return "{ " + "; ".join(member.declaration for member in members) + " }"
    additional = schema.get("additionalProperties", schema.get("properties") != {})
    patterns = schema.get("patternProperties")
    if additional is False or (isinstance(patterns, dict) and "additionalProperties" not in schema):
        return record(
            union([schema_expression(pattern, types) for pattern in patterns.values()]) if isinstance(patterns, dict) else "never"
        )
    keys = schema.get("propertyNames")
    listed = isinstance(keys, dict) and _is_listed(keys, types)
    return record(schema_expression(additional, types), schema_expression(keys, types) if listed else None)


def _is_listed(keys: Mapping[str, Any], types: SchemaTypes) -> bool:
    """Return whether the keys of a map are enumerable, and each can be a property name."""
    if isinstance(ref := keys.get("$ref"), str):
        keys = types.schema(ref) or {}
    values = [keys["const"]] if "const" in keys else keys.get("enum")
    return isinstance(values, list) and are_names(values)


def object_members(schema: Mapping[str, Any], types: SchemaTypes) -> tuple[Member, ...]:
    """Return the properties of a schema, with an index signature if it allows additional ones."""
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        return ()
    required = schema.get("required")
    must = frozenset(name for name in required if isinstance(name, str)) if isinstance(required, list) else frozenset()
    return tuple(_members(properties, must, schema.get("additionalProperties"), types))


def _members(properties: Mapping[str, Any], required: frozenset[str], additional: Any, types: SchemaTypes) -> Iterator[Member]:
    expressions: dict[str, None] = {}
    for name, property_schema in properties.items():
        read_only = "readonly " if isinstance(property_schema, dict) and property_schema.get("readOnly") is True else ""
        mark = "" if name in required else "?"
        docs = schema_docs(property_schema, optional=bool(mark)) if isinstance(property_schema, dict) else ()
        expression = schema_expression(property_schema, types)
        expressions |= {expression: None, **({"undefined": None} if mark else {})}
        yield Member(f"{read_only}{type_key(name)}{mark}: {expression}", docs)
    if additional is True or isinstance(additional, dict):
        # TypeScript requires that the index signature includes the types of the properties.
        yield Member(f"[key: string]: {union([schema_expression(additional, types), *expressions])}")


def schema_docs(schema: Mapping[str, Any], *, optional: bool) -> tuple[str, ...]:
    """Return the lines of a schema's description and tags for its constraints."""
    schema = _with_only_choice(schema)
    description = schema.get("description")
    lines = description.splitlines() if isinstance(description, str) else []
    constrained = "prefixItems" not in schema and not _CONSTRAINED.isdisjoint(schema)
    tags = constraint_tags((keyword, schema.get(keyword)) for keyword in _CONSTRAINTS) if constrained else []
    if not _FURTHER.isdisjoint(schema):
        expressed = schema.get("format") in FORMATS or schema.get("format") in _REDUNDANT_FORMATS
        tags += extra_tags({key: value for key, value in schema.items() if key != "format" or not expressed})
    if optional and "default" in schema:
        with suppress(TypeError, ValueError):  # a default that is not JSON is omitted
            tags.append(f"@default {literal(schema['default'])}")
    return (*lines, *lines_of_tags(tags))


def _with_only_choice(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Merge a schema with its only choice other than ``null``, whose description and constraints apply to the property."""
    choices = schema.get("anyOf")
    if not isinstance(choices, list):
        return schema
    others = [choice for choice in choices if isinstance(choice, dict) and choice.get("type") != "null"]
    return {**others[0], **schema} if len(others) == 1 and "$ref" not in others[0] else schema
