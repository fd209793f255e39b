"""What clients send to create and to change a document: classes made from the document's own fields (rows R12, E14).

A field keeps its name on the wire, its constraints and its validators. ``create`` asks for what has no default, ``update`` for
nothing in particular. What the host writes itself (``version``, ``owner``, the moments, the bin) is in neither.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final, Self, TypeAlias, TypeVar
from uuid import UUID

import msgspec
from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator, model_validator
from pydantic.fields import FieldInfo

from host.data.documents.datetimes import moments_of, refuse_numbers
from host.data.documents.document import Document
from host.data.documents.links import as_sent, has_back_links

T = TypeVar("T")

#: A field that clients see and cannot write: ``account: ReadOnly[str]``. The service fills it in.
ReadOnly = Annotated[T, Field(json_schema_extra={"readOnly": True})]

#: Settings of a document's class that say how it is shown or stored, not what is valid.
_NOT_ABOUT_INPUT: Final = frozenset(
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
#: pydantic's names for schemas with a function in front of a field's own validation, and for types that JSON has.
_BETWEEN: Final = frozenset({"function-before", "function-wrap"})
_OF_JSON: Final = frozenset({"str", "int", "float", "bool"})


class Input(BaseModel):
    """Base of what clients send. What fits its JSON schema is taken, nothing else: no unknown fields, no texts for numbers.

    (Where validators come before the field's own, pydantic no longer knows that a value was JSON, and takes texts for numbers.)
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    __host_strict__: ClassVar[bool] = True
    __host_moments__: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def model_validate(cls, obj: Any, *, strict: bool | None = None, **options: Any) -> Self:
        """Validate what was JSON as JSON: as pydantic reads Python objects, ``"1"`` would be a number and 5 a moment.

        Args:
            obj: the decoded body; an instance is taken as it is.
            strict: of no effect on what was JSON.
            options: of pydantic.

        Raises:
            pydantic.ValidationError: it does not fit.
        """
        if isinstance(obj, Mapping):
            refuse_numbers(cls.__name__, cls.__host_moments__, obj)
            return cls.model_validate_json(msgspec.json.encode(obj), strict=cls.__host_strict__, **options)
        return super().model_validate(obj, strict=strict, **options)


class Create(Input):
    """Base of what creates documents."""


class Update(Input):
    """Base of what changes documents; what is left out stays as it is."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set - {_VERSION}:
            names = [info.alias or name for name, info in type(self).model_fields.items() if name != _VERSION]
            raise ValueError(f"nothing to change: give {', '.join(names)}")
        return self


#: Names for who has a property ``type``.
CreateType: TypeAlias = type[Create]
UpdateType: TypeAlias = type[Update]


def fields_of(data: Input) -> dict[str, Any]:
    """The given fields by their names in Python, without the version of an update.

    Args:
        data: what a client sent.
    """
    given = {name: getattr(data, name) for name in data.model_fields_set if name != _VERSION}
    identifier = given.pop("id", None)
    return given if identifier is None else {**given, "id": str(identifier)}


def version_of(data: Update) -> int | None:
    """The version that the client saw, ``None`` where it does not say."""
    found: int | None = getattr(data, _VERSION, None)
    return found


def create_type(model: type[Document]) -> type[Create]:
    """What creates a document: ``TaskCreate`` of ``Task``; always the same class.

    Args:
        model: the document class.
    """
    found: type[Create] = _kept(model, "__host_create__", _made_create)
    return found


def update_type(model: type[Document]) -> type[Update]:
    """What changes a document: ``TaskUpdate`` of ``Task``; always the same class.

    Args:
        model: the document class.
    """
    found: type[Update] = _kept(model, "__host_update__", _made_update)
    return found


def writable(model: type[Document]) -> Iterator[tuple[str, FieldInfo]]:
    """The fields that clients may write, by name: a document's own and its tags, unless they are read-only or never sent."""
    if not model.__pydantic_complete__:
        model.model_rebuild()
    for name, info in model.model_fields.items():
        generated = name in Document.model_fields and name != "tags"
        if not (generated or info.exclude or _is_read_only(info) or has_back_links(info.annotation)):
            yield name, info


def has_model_validators(model: type[Document]) -> bool:
    """Whether a document is also checked as a whole."""
    own, inherited = (set(one.__pydantic_decorators__.model_validators) for one in (model, Document))
    return own > inherited


def sent_name(name: str, info: FieldInfo) -> str:
    """The name of a field as it travels."""
    alias = info.serialization_alias or info.alias or name
    return "id" if alias == "_id" else alias


def _kept(model: type[Document], name: str, make: Callable[[type[Document]], Any]) -> Any:
    """What was made for a class, kept in the class."""
    if name not in vars(model):
        setattr(model, name, make(model))
    return vars(model)[name]


def _made_create(model: type[Document]) -> Any:
    fields = {name: _field(name, info, _created(info)) for name, info in writable(model)}
    fields["id"] = (UUID | None, Field(default=None, description="Chosen by the client, so that it can send the request again."))
    return _made(model, "Create", Create, f"A new {model.__name__}.", fields)


def _made_update(model: type[Document]) -> Any:
    fields = {name: _field(name, info, {"default_factory": _left_out}) for name, info in writable(model) if not info.frozen}
    said = "The version that the client saw; refused where it is another by now."
    fields[_VERSION] = (int, Field(default_factory=_left_out, ge=1, le=2**53, description=said))
    return _made(model, "Update", Update, f"Changes to a {model.__name__}; what is left out stays as it is.", fields)


def _made(model: type[Document], suffix: str, base: type[Any], doc: str, fields: Mapping[str, Any]) -> Any:
    settings = {name: value for name, value in model.model_config.items() if name not in _NOT_ABOUT_INPUT}
    made = create_model(
        model.__name__ + suffix,
        __base__=base,
        __module__=model.__module__,
        __doc__=doc,
        __validators__=_validators(model, fields),
        __cls_kwargs__=settings,
        **fields,
    )
    made.__host_moments__ = moments_of(made)
    made.__host_strict__ = not _converts(made.__pydantic_core_schema__)
    return made


def _converts(schema: Any) -> bool:
    """Whether a function of Python stands between JSON and a type that JSON does not have."""
    if isinstance(schema, list | tuple):
        return any(_converts(one) for one in schema)
    if not isinstance(schema, Mapping):
        return False
    inner = schema.get("schema")
    plain = isinstance(inner, Mapping) and _is(inner, _OF_JSON)
    return (_is(schema, _BETWEEN) and not plain) or any(_converts(one) for one in schema.values())


def _is(schema: Mapping[str, Any], kinds: Container[str]) -> bool:
    """Whether it is a schema of some kinds. It may be none, but the fields of a class, one of which is called ``type``."""
    kind = schema.get("type")
    return isinstance(kind, str) and kind in kinds


def _field(name: str, info: FieldInfo, default: Mapping[str, Any]) -> tuple[Any, Any]:
    plain = as_sent(info.annotation)
    annotation = Annotated[plain, *info.metadata] if info.metadata else plain
    kept = {key: getattr(info, key) for key in ("title", "description", "examples", "json_schema_extra", "discriminator")}
    return annotation, Field(alias=sent_name(name, info), **{key: value for key, value in kept.items() if value}, **default)


def _created(info: FieldInfo) -> dict[str, Any]:
    """The default of a field in ``create``; that of the document counts, this one tells the client of it."""
    if info.is_required():
        return {}
    return {"default_factory": _left_out} if info.default_factory is not None else {"default": info.default}


def _left_out() -> Any:
    return None


def _is_read_only(info: FieldInfo) -> bool:
    extra = info.json_schema_extra
    return isinstance(extra, Mapping) and extra.get("readOnly") is True


def _validators(model: type[Document], fields: Iterable[str]) -> dict[str, Any]:
    """The field validators of a document, called as its own."""
    found: dict[str, Any] = {}
    validate: Any = field_validator
    for name, decorator in model.__pydantic_decorators__.field_validators.items():
        about = [field for field in decorator.info.fields if field == "*" or field in fields]
        if about and name not in Document.__pydantic_decorators__.field_validators:
            function = staticmethod(getattr(model, decorator.cls_var_name))
            found[name] = validate(*about, mode=decorator.info.mode)(function)
    return found
