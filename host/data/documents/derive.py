"""The classes of request bodies that create and update a document, derived from the document's fields.

A field keeps its name on the wire, its constraints and its validators. ``create`` requires the fields without a default, ``update``
requires none in particular. Fields that the host maintains (``version``, ``owner``, timestamps, ``is_deleted``) are in neither.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final, Self, TypeAlias, TypeVar
from uuid import UUID

import msgspec
from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator, model_validator
from pydantic.fields import FieldInfo

from host.data.documents.datetimes import datetime_fields, reject_numeric_datetimes
from host.data.documents.document import Document
from host.data.documents.links import has_back_links, with_references

T = TypeVar("T")

#: A field that clients can read but not write, such as ``account: ReadOnly[str]``. The service fills it in.
ReadOnly = Annotated[T, Field(json_schema_extra={"readOnly": True})]

#: Settings in a document's ``model_config`` that concern output or storage, not validation.
_OUTPUT_SETTINGS: Final = frozenset(
    {
        "alias_generator",
        "extra",
        "frozen",
        "json_schema_extra",
        "populate_by_name",
        "title",
        "validate_assignment",
        "validate_by_alias",
        "validate_by_name",
        "validate_default",
    }
)
_VERSION: Final = "version"
#: pydantic's names for schemas that call a function before the field's own validation, and for the types that JSON has.
_FUNCTION_FIRST: Final = frozenset({"function-before", "function-wrap"})
_JSON_TYPES: Final = frozenset({"str", "int", "float", "bool"})


class Input(BaseModel):
    """Base class of request bodies. Only what matches the JSON schema is valid: no unknown fields, no strings as numbers.

    (If a validator runs before the field's own, pydantic no longer knows that the value was JSON, and accepts strings as numbers.)
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    __host_strict__: ClassVar[bool] = True
    __host_datetimes__: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def model_validate(cls, obj: Any, *, strict: bool | None = None, **options: Any) -> Self:
        """Validate a decoded JSON body by pydantic's rules for JSON, which do not convert ``"1"`` to a number or 5 to a datetime.

        Litestar decodes the body before it calls this. Encoding it again is the only way to apply pydantic's JSON rules.

        Args:
            obj: the decoded body, or an instance, which is returned as it is.
            strict: has no effect on a decoded body.
            options: pydantic's options.

        Raises:
            pydantic.ValidationError: the body is not valid.
        """
        if isinstance(obj, Mapping):
            reject_numeric_datetimes(cls.__name__, cls.__host_datetimes__, obj)
            return cls.model_validate_json(msgspec.json.encode(obj), strict=cls.__host_strict__, **options)
        return super().model_validate(obj, strict=strict, **options)


class Create(Input):
    """Base class of request bodies that create a document."""


class Update(Input):
    """Base class of request bodies that update a document; omitted fields keep their values."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set - {_VERSION}:
            names = [info.alias or name for name, info in type(self).model_fields.items() if name != _VERSION]
            raise ValueError(f"nothing to change: send at least one of {', '.join(names)}")
        return self


#: For classes with a property named ``type``, in whose body the builtin is shadowed.
CreateType: TypeAlias = type[Create]
UpdateType: TypeAlias = type[Update]


def fields_of(data: Input) -> dict[str, Any]:
    """Return the fields that the client sent, by their names in Python, without the version of an update.

    Args:
        data: the request body.
    """
    fields = {name: getattr(data, name) for name in data.model_fields_set if name != _VERSION}
    identifier = fields.pop("id", None)
    return fields if identifier is None else {**fields, "id": str(identifier)}


def version_of(data: Update) -> int | None:
    """Return the version that the client sent with an update, or ``None`` if it sent none."""
    version: int | None = getattr(data, _VERSION, None)
    return version


def create_type(model: type[Document]) -> type[Create]:
    """Return the class of request bodies that create a document: ``TaskCreate`` for ``Task``; always the same class.

    Args:
        model: the document class.
    """
    derived: type[Create] = _cached(model, "__host_create__", _build_create_type)
    return derived


def update_type(model: type[Document]) -> type[Update]:
    """Return the class of request bodies that update a document: ``TaskUpdate`` for ``Task``; always the same class.

    Args:
        model: the document class.
    """
    derived: type[Update] = _cached(model, "__host_update__", _build_update_type)
    return derived


def writable_fields(model: type[Document]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the fields that clients may write, with their names: the class's own and ``tags``, unless read-only or excluded."""
    if not model.__pydantic_complete__:
        model.model_rebuild()
    for name, info in model.model_fields.items():
        generated = name in Document.model_fields and name != "tags"
        if not (generated or info.exclude or _is_read_only(info) or has_back_links(info.annotation)):
            yield name, info


def has_model_validators(model: type[Document]) -> bool:
    """Return whether a class has model validators of its own, which check a document as a whole."""
    own, inherited = (set(cls.__pydantic_decorators__.model_validators) for cls in (model, Document))
    return own > inherited


def sent_name(name: str, info: FieldInfo) -> str:
    """Return the name of a field on the wire."""
    alias = info.serialization_alias or info.alias or name
    return "id" if alias == "_id" else alias


def _cached(model: type[Document], name: str, build: Callable[[type[Document]], Any]) -> Any:
    """Return what ``build`` makes for a class, stored on the class itself: in ``vars``, as a subclass must not inherit it."""
    if name not in vars(model):
        setattr(model, name, build(model))
    return vars(model)[name]


def _build_create_type(model: type[Document]) -> Any:
    fields = {name: _field(name, info, _create_default(info)) for name, info in writable_fields(model)}
    fields["id"] = (UUID | None, Field(default=None, description="Chosen by the client, which makes the request safe to repeat."))
    return _derive(model, "Create", Create, f"A new {model.__name__}.", fields)


def _build_update_type(model: type[Document]) -> Any:
    fields = {name: _field(name, info, {"default_factory": _omitted}) for name, info in writable_fields(model) if not info.frozen}
    description = "The version that the client has read; answered with 409 if another one is stored."
    fields[_VERSION] = (int, Field(default_factory=_omitted, ge=1, le=2**53, description=description))
    return _derive(model, "Update", Update, f"Changes to a {model.__name__}; omitted fields keep their values.", fields)


def _derive(model: type[Document], suffix: str, base: type[Any], doc: str, fields: Mapping[str, Any]) -> Any:
    settings = {name: value for name, value in model.model_config.items() if name not in _OUTPUT_SETTINGS}
    derived = create_model(
        model.__name__ + suffix,
        __base__=base,
        __module__=model.__module__,
        __doc__=doc,
        __validators__=_validators(model, fields),
        __cls_kwargs__=settings,
        **fields,
    )
    derived.__host_datetimes__ = datetime_fields(derived)
    # After a Python function, pydantic's JSON rules no longer apply: strict mode would refuse a string for an enum or a datetime.
    derived.__host_strict__ = not _converts(derived.__pydantic_core_schema__)
    return derived


def _converts(schema: Any) -> bool:
    """Return whether a Python function runs before the validation of a type that JSON does not have."""
    if isinstance(schema, list | tuple):
        return any(map(_converts, schema))
    if not isinstance(schema, Mapping):
        return False
    inner = schema.get("schema")
    json_type = isinstance(inner, Mapping) and _has_type(inner, _JSON_TYPES)
    return (_has_type(schema, _FUNCTION_FIRST) and not json_type) or any(map(_converts, schema.values()))


def _has_type(schema: Mapping[str, Any], types: Container[str]) -> bool:
    """Return whether a mapping is a schema of one of some types.

    It may also be the fields of a class, one of which may be named ``type``: then the value is not a string.
    """
    type_name = schema.get("type")
    return isinstance(type_name, str) and type_name in types


def _field(name: str, info: FieldInfo, default: Mapping[str, Any]) -> tuple[Any, Any]:
    plain = with_references(info.annotation)
    annotation = Annotated[plain, *info.metadata] if info.metadata else plain
    options = {key: getattr(info, key) for key in ("title", "description", "examples", "json_schema_extra", "discriminator")}
    return annotation, Field(alias=sent_name(name, info), **{key: value for key, value in options.items() if value}, **default)


def _create_default(info: FieldInfo) -> dict[str, Any]:
    """Return the default of a field in ``create``; it only documents the document's own default, which applies."""
    if info.is_required():
        return {}
    return {"default_factory": _omitted} if info.default_factory is not None else {"default": info.default}


def _omitted() -> Any:
    return None


def _is_read_only(info: FieldInfo) -> bool:
    extra = info.json_schema_extra
    return isinstance(extra, Mapping) and extra.get("readOnly") is True


def _validators(model: type[Document], fields: Iterable[str]) -> dict[str, Any]:
    """Return the field validators of a document class, for a derived class; they are called with the document class."""
    validators: dict[str, Any] = {}
    validate: Any = field_validator
    for name, decorator in model.__pydantic_decorators__.field_validators.items():
        validated = [field for field in decorator.info.fields if field == "*" or field in fields]
        if validated and name not in Document.__pydantic_decorators__.field_validators:
            function = staticmethod(getattr(model, decorator.cls_var_name))
            validators[name] = validate(*validated, mode=decorator.info.mode)(function)
    return validators
