"""pydantic models and Beanie documents: their JSON Schema, by pydantic itself.

``models_json_schema`` spends more than half of its time on short names for definitions, and the names change when another
model joins. So the generator beneath it is asked model by model, and each schema says from which class it comes.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final

import pydantic_core
from pydantic import BaseModel
from pydantic.json_schema import DefsRef, GenerateJsonSchema, JsonRef

from host.frontend.text import literal
from host.frontend.types.jsonschema import ORIGIN, Origin
from host.frontend.types.wire import Mode, is_document

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaMode, JsonSchemaValue

#: Who has serializers that do not say what they return, and describes them otherwise.
_TRUSTED: Final = ("pydantic", "beanie")

#: Beanie's own field of a document; the host does not send it.
_REVISION = "revision_id"


class _Generator(GenerateJsonSchema):
    """Schemas of one direction, with the class behind each.

    Args:
        way: the direction.
        invalid: takes what pydantic cannot describe.
    """

    def __init__(self, way: JsonSchemaMode, invalid: Callable[[str], object]) -> None:
        super().__init__(by_alias=True)
        self._way: JsonSchemaMode = way
        self._invalid = invalid
        self.met: dict[type[Any], tuple[str | None, JsonSchemaValue]] = {}

    @property
    def mode(self) -> JsonSchemaMode:
        return self._way

    def get_defs_ref(self, core_mode_ref: tuple[Any, JsonSchemaMode]) -> DefsRef:
        return DefsRef(core_mode_ref[0])

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:  # noqa: ARG002  # as in the base
        return value

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        return self._marked(schema, self._taken_names(schema["cls"], super().model_schema(schema)))

    def dataclass_schema(self, schema: Any) -> JsonSchemaValue:
        return self._marked(schema, super().dataclass_schema(schema))

    def typed_dict_schema(self, schema: Any) -> JsonSchemaValue:
        return self._marked(schema, super().typed_dict_schema(schema))

    def enum_schema(self, schema: Any) -> JsonSchemaValue:
        return self._marked(schema, super().enum_schema(schema))

    def _taken_names(self, cls: type[BaseModel], schema: JsonSchemaValue) -> JsonSchemaValue:
        """The schema with the names under which fields are taken, where the model does not take them by alias."""
        properties = schema.get("properties")
        if self._way == "serialization" or cls.model_config.get("validate_by_alias", True) or not isinstance(properties, dict):
            return schema
        names = {info.validation_alias: name for name, info in cls.model_fields.items() if isinstance(info.validation_alias, str)}
        required = [names.get(one, one) for one in schema.get("required", ())]
        return {**schema, "properties": {names.get(name, name): one for name, one in properties.items()}, "required": required}

    def _marked(self, core: Any, schema: JsonSchemaValue) -> JsonSchemaValue:
        cls = core.get("cls")
        if cls is None:
            return schema
        marked = {**schema, ORIGIN: Origin(cls)}
        self.met[cls] = (core.get("ref"), marked)
        return marked

    def decimal_schema(self, schema: Any) -> JsonSchemaValue:  # noqa: ARG002  # as in the base
        decimal = {"type": "string", "format": "decimal"}
        return decimal if self._way == "serialization" else {"anyOf": [{"type": "number"}, decimal]}

    def ser_schema(self, schema: Any) -> JsonSchemaValue | None:
        """What a serializer gives; where it does not say, nobody knows what travels, and pydantic would say what went into it."""
        silent = schema["type"] in ("function-plain", "function-wrap") and schema.get("return_schema") is None
        if not silent or str(getattr(schema["function"], "__module__", "")).startswith(_TRUSTED):
            return super().ser_schema(schema)
        name = getattr(schema["function"], "__qualname__", "").rpartition("<locals>.")[2]
        self._invalid(f"a serializer without the type that it returns ({name})")
        return {}

    def field_is_required(self, field: Any, total: bool) -> bool:
        """What the server sends has all fields, also those with a default; Litestar does not leave them out."""
        if self._way == "validation" or field["type"] == "typed-dict-field":
            return super().field_is_required(field, total)
        return field.get("serialization_exclude_if") is None

    def encode_default(self, dft: Any) -> Any:
        """The default as JSON; the base makes a ``TypeAdapter`` for each, which is most of the time that it takes."""
        return pydantic_core.to_jsonable_python(_ordered(dft), by_alias=True)

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonSchemaValue:  # noqa: ARG002  # as in the base
        cls = schema.get("cls")
        self._invalid(f"{cls.__module__}.{cls.__qualname__}" if isinstance(cls, type) else f"a {schema['type']}")
        return {}

    def emit_warning(self, kind: str, detail: str) -> None:
        """A default that is no JSON is left out, and nobody misses it."""


def _ordered(value: Any) -> Any:
    """The value with its sets in one order, whatever the hash seed."""
    if isinstance(value, str | int | float | enum.Enum | None):
        return value  # not asked about abstract classes, which remember for each class that was asked about
    if isinstance(value, AbstractSet):
        plain = [pydantic_core.to_jsonable_python(_ordered(one)) for one in value]
        return sorted(plain, key=literal)
    if isinstance(value, BaseModel):
        return _ordered(value.model_dump(by_alias=True))
    if isinstance(value, Mapping):
        return {name: _ordered(one) for name, one in value.items()}
    return [_ordered(one) for one in value] if isinstance(value, list | tuple) else value


class Schemas:
    """The schemas of one plugin's pydantic models.

    Args:
        invalid: takes what pydantic cannot describe, as text.
    """

    def __init__(self, invalid: Callable[[str], object]) -> None:
        self._generators = {
            "in": _Generator("validation", invalid),
            "out": _Generator("serialization", invalid),
        }

    def of(self, cls: type[Any], mode: Mode) -> Mapping[str, Any]:
        """The schema of a model, or of another class that was met within one.

        Raises:
            pydantic.errors.PydanticUserError: the model is not complete, e.g. a name in an annotation is not defined.
        """
        generator = self._generators[mode]
        if cls not in generator.met:
            made = generator.generate_inner(_core_schema(cls))
            return self.definition(made.get("$ref", ""), mode) or made
        ref, schema = generator.met[cls]
        return schema if ref is None else generator.definitions.get(generator.get_defs_ref((ref, generator.mode)), schema)

    def definition(self, ref: str, mode: Mode) -> Mapping[str, Any] | None:
        """What a ``$ref`` refers to, ``None`` where there is no such thing."""
        generator = self._generators[mode]
        name = generator.json_to_defs_refs.get(JsonRef(ref))
        return None if name is None else generator.definitions.get(name)

    def forget(self) -> None:
        """Give up all schemas, when the bodies are made from them: they take more memory than everything else together."""
        for generator in self._generators.values():
            generator.met.clear()
            generator.definitions.clear()


def _core_schema(cls: type[Any]) -> Any:
    if issubclass(cls, BaseModel) and not cls.__pydantic_complete__:
        cls.model_rebuild()
    return cls.__pydantic_core_schema__


def document_schema(cls: type[Any], schema: Mapping[str, Any], mode: Mode, *, identifier: str = "id") -> Mapping[str, Any]:
    """The schema of a model as it travels: a Beanie document without its revision, and what is sent is stored, so it has an id.

    Args:
        cls: the class of the model.
        schema: by pydantic.
        mode: which way it travels.
        identifier: as what ``_id`` travels: the host sends ``id``; within a model, where pydantic sends it, it stays.
    """
    properties = schema.get("properties")
    if not is_document(cls) or not isinstance(properties, Mapping):
        return schema
    fields = {(identifier if name == "_id" else name): one for name, one in properties.items() if name != _REVISION}
    required = [(identifier if name == "_id" else name) for name in schema.get("required", ())]
    if mode == "out" and isinstance(shown := fields.get(identifier), Mapping):
        choices = [one for one in shown.get("anyOf", ()) if one != {"type": "null"}]
        fields[identifier] = {**shown, "anyOf": choices, "readOnly": True} if choices else {**shown, "readOnly": True}
    return {**schema, "properties": fields, "required": required}
