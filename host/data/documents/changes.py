"""One atomic change of one document, and the checks of its values that come before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import bson
from beanie.odm.utils.encoder import Encoder
from beanie.odm.utils.parsing import parse_obj
from pydantic import TypeAdapter
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from host.data.documents.fields import now
from host.data.documents.writes import UPDATED, VERSION, duplicate_error, with_version_bump

if TYPE_CHECKING:
    from host.data.documents.reading import Findable

D = TypeVar("D", bound="Findable")

#: Fields that only the host writes.
_KEPT: Final = frozenset({"id", "version", "created_at", "updated_at", "revision_id"})


async def change(
    model: type[D], query: Mapping[Any, Any] | bool, fields: Mapping[str, Any], *, deleted: bool | None
) -> tuple[D, D] | None:
    """What :meth:`host.data.documents.document.Document.change` does."""
    moment = now()
    values = _encoded(model, fields)
    collection = model.get_pymongo_collection()
    as_read = bson.decode(bson.encode(values), collection.codec_options)
    search = model.find_one(query, deleted=deleted).get_filter_query()
    update = with_version_bump({"$set": values} if values else {}, moment)
    try:
        found = await collection.find_one_and_update(search, update, return_document=ReturnDocument.BEFORE)
    except DuplicateKeyError as error:
        raise duplicate_error(model, error) from error
    if found is None:
        return None
    written = {VERSION: found.get(VERSION, 0) + 1, UPDATED: max(found.get(UPDATED, moment), moment)}
    return _parsed(model, found), _parsed(model, {**found, **as_read, **written})


def check_of(model: type[Findable], name: str) -> TypeAdapter[Any]:
    """What checks a value of a field by its annotation.

    Args:
        model: the document class.
        name: of the field, in Python.
    """
    return TypeAdapter(model.model_fields[name].rebuild_annotation())


def _encoded(model: type[Findable], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the names that the fields have in the database."""
    encoder = Encoder(custom_encoders=model.get_settings().bson_encoders, to_db=True)
    checked = {name: _checked(model, name, value) for name, value in fields.items()}
    return {model.model_fields[name].alias or name: encoder.encode(value) for name, value in checked.items()}


def _checked(model: type[Findable], name: str, value: Any) -> Any:
    if name in _KEPT:
        raise ValueError(f"{model.__name__}.{name} cannot be changed: the host keeps it")
    if name not in model.model_fields:
        raise ValueError(f"{model.__name__} has no field {name}; fields are given by their names in Python")
    checks = model.checks
    if name not in checks:
        checks[name] = check_of(model, name)
    return checks[name].validate_python(value)


def _parsed(model: type[D], stored: dict[str, Any]) -> D:
    document = parse_obj(model, stored)
    if not isinstance(document, model):
        raise TypeError(f"a {model.__name__} was stored as a {type(document).__name__}")
    return document
