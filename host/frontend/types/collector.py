"""The types of one plugin: all that its routes, channels and ``Frontend(types=…)`` refer to, directly or not."""

from __future__ import annotations

import enum
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar, get_args, get_origin

import msgspec

from host.frontend.names import pascal
from host.frontend.types.canonical_order import arguments, is_union, origin_of
from host.frontend.types.class_bodies import class_docs, enum_body, record_body
from host.frontend.types.expressions import ALIASES, BASES, alias_value, expression
from host.frontend.types.jsonschema import ORIGIN, body_expression, object_members
from host.frontend.types.pydantic_schemas import Schemas, document_schema
from host.frontend.types.wire import Body, Mode, TypeKey, is_document, reference, references

T = TypeVar("T")

_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")
_DEFINITIONS: Final = "#/$defs/"
#: pydantic appends the identity of the object to a name.
_IDENTITY: Final = re.compile(r":\d+")


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition of pydantic's without a class, e.g. of a recursive type alias.

    Args:
        ref: pydantic's own name for it.
    """

    ref: str

    @property
    def path(self) -> str:
        """The dotted name of its source."""
        return self.ref.removeprefix(_DEFINITIONS).partition(":")[0]

    @property
    def arguments(self) -> str:
        """The arguments of a generic alias, ``[int,str]``, as far as pydantic names them."""
        return _IDENTITY.sub("", self.ref.removeprefix(_DEFINITIONS).removeprefix(self.path))

    @property
    def source(self) -> Any:
        """The type alias or NamedTuple that it was created from; ``None`` if that cannot be determined."""
        module, _, name = self.path.rpartition(".")
        source = getattr(sys.modules.get(module), name, None)
        return source if self.ref.rpartition(":")[2] == str(id(source)) else None


class Collector:
    """Collects types while expressions are built, and builds their bodies afterwards.

    Args:
        plugin: The plugin key, for warnings.
    """

    def __init__(self, plugin: str) -> None:
        self.plugin = plugin
        self.keys: list[TypeKey] = []
        self.bodies: list[Body] = []
        self.warnings: dict[str, None] = {}
        self._numbers: dict[TypeKey, int] = {}
        self.roots: set[int] = set()
        self.assigned_names: dict[Any, str] = {}
        self._refs: dict[TypeKey, str] = {}
        self._origins: list[str] = []
        self._origin = ""
        self._place = ""
        self._schemas = Schemas(self.unknown)

    def type_of(self, annotation: Any, mode: Mode, place: str) -> str:
        """Return the type expression of an annotation and collect the types in it.

        Args:
            annotation: A resolved annotation.
            mode: The direction.
            place: Where it is used, for warnings: ``GET /acme__todo/task``.
        """
        return self.type_from_factory(lambda: annotation, mode, place, annotation)

    def type_from_factory(self, make: Callable[[], Any], mode: Mode, place: str, what: Any) -> str:
        """Do the same for an annotation that has to be computed first, by code that may fail.

        Args:
            make: Returns the annotation.
            mode: The direction.
            place: Where it is used.
            what: What a warning names.
        """
        self._origin = self._place = place
        type_expression = self.guarded(what, lambda: expression(make(), mode, self))
        self.roots.update(references(type_expression))
        return type_expression

    def assign_name(self, annotation: Any, name: str) -> None:
        """Name the classes that Litestar created in an annotation, nested ones after their field.

        Their own names are not stable: they depend on what else was created in this process.

        Args:
            annotation: What Litestar transfers.
            name: The name for the outermost class.
        """
        for argument in get_args(annotation):
            self.assign_name(argument, name)
        if _is_made_by_litestar(annotation) and annotation not in self.assigned_names:
            self.assigned_names[annotation] = name
            for field in msgspec.structs.fields(annotation):
                self.assign_name(field.type, name + pascal(field.name))

    def named(self, key: TypeKey) -> str:
        """Collect a type and return a reference to it."""
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.keys)
            self.keys.append(key)
            self._origins.append(self._origin)
        return reference(number)

    def defined(self, ref: str, mode: Mode) -> str:
        """Collect a definition of pydantic's by its ``$ref`` and return a reference to it."""
        definition = Definition(ref)
        key = TypeKey(definition.source or definition, "pydantic", mode)
        self._refs[key] = ref
        return self.named(key)

    def number(self, key: TypeKey) -> int | None:
        """Return the number of a collected type, ``None`` if it is not collected."""
        return self._numbers.get(key)

    def unknown(self, what: Any) -> str:
        """Return ``unknown``, and add a warning that names plugin, place and type."""
        self.warnings[f"{self.plugin}: {self._place}: {describe(what)} has no TypeScript type and becomes unknown"] = None
        return "unknown"

    def finish(self) -> None:
        """Build the bodies of all collected types, and of the types that these refer to."""
        while len(self.bodies) < len(self.keys):
            number = len(self.bodies)
            key = self.keys[number]
            self._origin = self._origins[number]
            self._place = f"{self._origin}, in {self.assigned_names.get(key.type) or describe(key.type)}"
            self.bodies.append(self._body(key))
        self._schemas.forget()

    def _body(self, key: TypeKey) -> Body:
        body = self.guarded(key.type, lambda: self._made_body(key))
        return body if isinstance(body, Body) else Body(alias=body)

    def _made_body(self, key: TypeKey) -> Body:
        if isinstance(key.type, type) and issubclass(key.type, enum.Enum):
            return enum_body(key.type, self)
        if key.family == "pydantic" or (isinstance(key.type, type) and is_document(key.type)):
            return self._pydantic_body(key)
        if not isinstance(key.type, ALIASES):
            return record_body(key.type, key.mode, self)
        value = alias_value(key.type)
        listed = get_args(value) if get_origin(value) is Literal else ()
        values = listed if all(type(value) in (str, int) for value in listed) else ()
        return Body(alias=expression(value, key.mode, self), values=values)

    def _pydantic_body(self, key: TypeKey) -> Body:
        types = _SchemaTypes(self, self._schemas, key.mode)
        schema: Mapping[str, Any]
        docs: tuple[str, ...] = ()
        ref = key.type.ref if isinstance(key.type, Definition) else self._refs.get(key)
        if ref is not None:
            schema = self._schemas.definition(ref, key.mode) or {}
        else:
            identifier = "_id" if key.family == "pydantic" else "id"
            schema = document_schema(key.type, self._schemas.of(key.type, key.mode), key.mode, identifier=identifier)
            docs = class_docs(key.type)
        members = object_members(schema, types)
        return Body(members=members, docs=docs) if members else Body(alias=body_expression(schema, types), docs=docs)

    def guarded(self, what: Any, make: Callable[[], T]) -> T | str:
        """Return what a function returns; if code of a plugin or a library fails in it, ``unknown`` with a warning."""
        try:
            return make()
        except Exception as error:  # noqa: BLE001  # code of plugins and of libraries runs in there: a custom schema, a metaclass
            return self.unknown(f"{describe(what)} ({type(error).__name__})")


class _SchemaTypes:
    """A collector as the schemas of one direction use it."""

    def __init__(self, collector: Collector, schemas: Schemas, mode: Mode) -> None:
        self._collector = collector
        self._schemas = schemas
        self._mode = mode

    @property
    def sent(self) -> bool:
        return self._mode == "out"

    def schema(self, ref: str) -> Mapping[str, Any] | None:
        return self._schemas.definition(ref, self._mode)

    def origin(self, cls: type[Any]) -> str:
        if cls in BASES:
            return self.unknown(cls)
        if issubclass(cls, enum.Enum):
            return self._collector.named(TypeKey(cls, "", "out"))
        return self._collector.named(TypeKey(cls, "pydantic", self._mode))

    def definition(self, ref: str) -> str:
        schema = self._schemas.definition(ref, self._mode)
        if schema is None:
            return self.unknown(f"the JSON Schema {ref!r}")
        if ORIGIN in schema:
            return self.origin(schema[ORIGIN].type)
        if schema.get("type") in ("object", "array") or "anyOf" in schema or "oneOf" in schema:
            return self._collector.defined(ref, self._mode)
        return body_expression(schema, self)

    def unknown(self, what: Any) -> str:
        return self._collector.unknown(what)


def _is_made_by_litestar(what: Any) -> bool:
    return isinstance(what, type) and issubclass(what, msgspec.Struct) and hasattr(what, "__schema_name__")


def describe(what: Any) -> str:
    """Return a description of a type for warnings that is the same in every process."""
    if isinstance(what, str):
        return what
    if isinstance(what, Definition):
        return what.path + what.arguments
    if isinstance(what, type) and not get_args(what):
        return what.__qualname__ if what.__module__ == "builtins" else f"{what.__module__}.{what.__qualname__}"
    return _ADDRESS.sub("", repr(what))


def module_of(what: Any) -> str:
    """Return the module that defines a type; for a generic alias, the module of the generic type."""
    if isinstance(what, Definition):
        return what.path.rpartition(".")[0]
    return str(getattr(get_origin(what) or what, "__module__", "") or "")


def name_of(what: Any, assigned: Mapping[Any, str]) -> str:
    """Return a type's own name followed by those of its arguments: ``PageTask``.

    Args:
        what: The type.
        assigned: Names that replace a type's own.
    """
    if what in assigned:
        return assigned[what]
    if isinstance(what, Definition):
        return what.path.rpartition(".")[2] + what.arguments
    origin = origin_of(what)
    if origin is None:
        return str(getattr(what, "__name__", None) or describe(what))
    head = "Union" if is_union(what) else name_of(origin, assigned)
    return head + "".join(pascal(name_of(argument, assigned)) for argument in arguments(what))
