"""One atomic change of one document, and the validation of its values that precedes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import bson
from pydantic import TypeAdapter
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from host.common.compat.beanie import Encoder, parse_obj
from host.data.documents.fields import now
from host.data.documents.version_check import VERSION
from host.data.documents.writes import UPDATED_AT, duplicate_error, with_version_bump

if TYPE_CHECKING:
    from host.data.documents.reading import Findable

D = TypeVar("D", bound="Findable")

#: Fields that a change cannot write, by their names in Python: only the host does.
READ_ONLY_FIELDS: Final = frozenset({"id", "version", "created_at", "updated_at", "revision_id"})


async def change(
    model: type[D], query: Mapping[Any, Any] | bool, fields: Mapping[str, Any], *, deleted: bool | None
) -> tuple[D, D] | None:
    """Implement :meth:`host.data.documents.document.Document.change`."""
    timestamp = now()
    values = _encode(model, fields)
    collection = model.get_pymongo_collection()
    # Decoded again, so that the document after the change holds what a read would return, e.g. datetimes without microseconds.
    as_read = bson.decode(bson.encode(values), collection.codec_options)
    search = model.find_one(query, deleted=deleted).get_filter_query()
    update = with_version_bump({"$set": values} if values else {}, timestamp)
    try:
        before = await collection.find_one_and_update(search, update, return_document=ReturnDocument.BEFORE)
    except DuplicateKeyError as error:
        raise duplicate_error(model, error) from error
    if before is None:
        return None
    maintained = {VERSION: before.get(VERSION, 0) + 1, UPDATED_AT: max(before.get(UPDATED_AT, timestamp), timestamp)}
    return _parse(model, before), _parse(model, {**before, **as_read, **maintained})


def type_adapter(model: type[Findable], name: str) -> TypeAdapter[Any]:
    """Build what validates a value of one field by its annotation.

    Args:
        model: the document class.
        name: the field's name in Python.
    """
    return TypeAdapter(model.model_fields[name].rebuild_annotation())


def _encode(model: type[Findable], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Validate values, and return them encoded for MongoDB by the stored names of their fields."""
    encoder = Encoder(custom_encoders=model.get_settings().bson_encoders, to_db=True)
    valid = {name: _validate(model, name, value) for name, value in fields.items()}
    return {model.model_fields[name].alias or name: encoder.encode(value) for name, value in valid.items()}


def _validate(model: type[Findable], name: str, value: Any) -> Any:
    if name in READ_ONLY_FIELDS:
        raise ValueError(f"{model.__name__}.{name} cannot be changed: the host maintains it")
    if name not in model.model_fields:
        raise ValueError(f"{model.__name__} has no field {name}; use the names that fields have in Python")
    adapters = model.type_adapters
    if name not in adapters:
        adapters[name] = type_adapter(model, name)
    return adapters[name].validate_python(value)


def _parse(model: type[D], stored: dict[str, Any]) -> D:
    document = parse_obj(model, stored)
    # A collection may hold a family of classes, of which parse_obj picks by the stored class id.
    if not isinstance(document, model):
        raise TypeError(f"a {model.__name__} was stored as a {type(document).__name__}")
    return document
