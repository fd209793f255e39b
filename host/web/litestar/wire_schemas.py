"""Schemas for the OpenAPI document that describe payloads and documents as they are sent, not as their classes are defined.

Litestar creates the schemas when the OpenAPI document is first requested, so nothing here takes time at the start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, Final, get_args

import msgspec
from beanie import Document
from litestar.openapi.spec import Reference, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from pydantic import BaseModel

from hookspecs import Page, Payload, PayloadBody, PayloadHandler, StoreAction
from host.common.class_lookup import lookup_by_mro
from host.common.compat.litestar import Components
from host.frontend.types.jsonschema import ORIGIN
from host.frontend.types.pydantic_schemas import Schemas, document_schema

#: Keyword of JSON Schema → attribute of Litestar's schema. A discriminator is left out: it would name components wrongly.
_NAMES: Final[Mapping[str, str]] = {
    (field.metadata.get("alias") or re.sub(r"_(\w)", lambda match: match[1].upper(), field.name)): field.name
    for field in fields(Schema)
    if field.name != "discriminator"
}
#: Keywords whose value is a schema, a list of schemas, and schemas by name.
_SINGLE: Final = frozenset({"items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"})
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_MAPPINGS: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


class WireSchemas(OpenAPISchemaPlugin):
    """Describes payloads and documents; there is one per application.

    Each class has a component of its own, named with its module, so that classes of two plugins with the same name are two.

    Args:
        handlers: the payload handlers of all plugins.
    """

    def __init__(self, handlers: Iterable[PayloadHandler] = ()) -> None:
        self._handlers = {handler.model: handler for handler in handlers}
        self._names: dict[str, Any] = {}
        #: Components that Litestar does not keep itself, by name.
        self.components: dict[str, Schema] = {}
        self._schemas = Schemas(lambda _what: None)

    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        """Return whether a field is a payload or a document."""
        kind = field_definition.origin or field_definition.annotation
        return isinstance(kind, type) and issubclass(kind, Payload | PayloadBody | Document)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Any:
        """Return a reference to the component of a payload or a document."""
        annotation = field_definition.annotation
        components = Components(schema_creator, self.components)
        return components.returned(self._described(annotation, field_definition.origin or annotation, components))

    def _described(self, annotation: Any, kind: type[Any], components: Components) -> Any:
        description = _Description(self, components)
        if issubclass(kind, Document):
            return description.model(annotation)
        (item,) = get_args(annotation) or (Any,)
        body = description.body(item)
        return body if issubclass(kind, PayloadBody) else description.payload(item, body)

    def name(self, cls: Any, suffix: str = "") -> str:
        """Return the name of the component of a class; if two classes have the same name, the second gets a number."""
        dotted = f"{cls.__module__}.{cls.__qualname__}".replace(".<locals>", "")
        wanted = _NOT_IN_A_NAME.sub("_", dotted) + suffix
        name, number = wanted, 2
        while self._names.setdefault(name, cls) is not cls:
            name, number = f"{wanted}{number}", number + 1
        return name

    def handler(self, model: type[Any]) -> PayloadHandler | None:
        """Return the payload handler that wraps documents of a class."""
        return lookup_by_mro(self._handlers, model)

    def json_schema(self, cls: type[Any]) -> Mapping[str, Any]:
        """Return the JSON Schema of a class as it is sent; other classes remain references."""
        return document_schema(cls, self._schemas.of(cls, "out"), "out")

    def origin(self, ref: str) -> tuple[type[Any] | None, Mapping[str, Any]]:
        """Return the class that a reference of a JSON Schema refers to, and its schema."""
        schema = self._schemas.definition(ref, "out") or {}
        origin = schema.get(ORIGIN)
        return (None if origin is None else origin.type), schema


class _Description:
    """Puts components into one OpenAPI document.

    Args:
        known: gives the names and the JSON Schemas.
        components: the components of the document.
    """

    def __init__(self, known: WireSchemas, components: Components) -> None:
        self._known = known
        self._components = components

    def payload(self, item: Any, body: Any) -> Any:
        """Return the envelope of rows of a type."""
        handler = self._known.handler(item) if isinstance(item, type) else None
        actions = [action.value for action in StoreAction]
        properties = {
            "type": Schema(type=OpenAPIType.STRING) if handler is None else Schema(type=OpenAPIType.STRING, const=handler.datatype),
            "action": Schema(type=OpenAPIType.STRING, enum=actions),
            "body": body,
        }
        made = Schema(type=OpenAPIType.OBJECT, properties=properties, required=list(properties))
        return self._component(item, ".Payload", made) if isinstance(item, type) else made

    def body(self, item: Any) -> Schema:
        """Return the body of an envelope: ``items`` always, the rest if it belongs to the action."""
        row = self._row(item)
        properties = {
            "items": Schema(type=OpenAPIType.ARRAY, items=row),
            "page": self._components.known(Page, self._page),
            "prevVersion": row,
            "deleted": Schema(type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.STRING)),
        }
        return Schema(type=OpenAPIType.OBJECT, properties=properties, required=["items"])

    def _page(self) -> Any:
        (schema,) = msgspec.json.schema_components([Page])[1].values()
        return self._component(Page, "", lambda: self._convert(schema))

    def _row(self, item: Any) -> Any:
        text = Schema(type=OpenAPIType.STRING)
        tags = Schema(type=OpenAPIType.ARRAY, items=text)
        added: dict[str, Schema | Reference] = {"_displayName": text, "_completion": text, "_tags": tags}
        own = Schema(type=OpenAPIType.OBJECT, properties=added, required=list(added))
        if not (isinstance(item, type) and issubclass(item, BaseModel)):
            return own
        return self._component(item, ".Row", Schema(all_of=[self.model(item), own]))

    def model(self, cls: type[Any]) -> Any:
        """Return a reference to the component of a class as it is sent."""
        return self._component(cls, "", lambda: self._convert(self._known.json_schema(cls)))

    def _component(self, cls: Any, suffix: str, made: Any) -> Any:
        """Return a reference to a component of a class, which is added if it is missing.

        Args:
            cls: the class.
            suffix: which of its components.
            made: the schema, or a function that returns it, called when the component can already be referred to.
        """

        def fill(schema: Schema, content: Schema) -> None:
            for attribute in fields(Schema):
                setattr(schema, attribute.name, getattr(content, attribute.name))

        return self._components.add(cls, self._known.name(cls, suffix), made if callable(made) else lambda: made, fill)

    def _convert(self, schema: Any) -> Any:
        """Return a JSON Schema as Litestar's. Keywords that Litestar lacks are omitted: a plugin may put any into a schema."""
        if not isinstance(schema, Mapping):
            return Schema(schema_not=Schema()) if schema is False else Schema()
        if isinstance(ref := schema.get("$ref"), str):
            return self._referred(ref)
        made = Schema()
        for name, value in schema.items():
            if name in _NAMES:
                setattr(made, _NAMES[name], self._value(name, value))
        return made

    def _value(self, name: str, value: Any) -> Any:
        if name in _SINGLE:
            return value if isinstance(value, bool) else self._convert(value)
        if name in _LISTS and isinstance(value, list):
            return [self._convert(item) for item in value]
        if name in _MAPPINGS and isinstance(value, Mapping):
            return {key: self._convert(_untitled(key, item)) for key, item in value.items()}
        return value

    def _referred(self, ref: str) -> Any:
        cls, schema = self._known.origin(ref)
        return self._convert(schema) if cls is None or issubclass(cls, Enum) else self.model(cls)


def _untitled(name: str, schema: Any) -> Any:
    """Return the schema of a property without the title that pydantic derives from its name."""
    if isinstance(schema, Mapping) and schema.get("title") == name.title().replace("_", " ").strip():
        return {key: value for key, value in schema.items() if key != "title"}
    return schema
