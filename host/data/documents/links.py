"""Links to other documents as clients send them: a reference to the document, never its contents.

Beanie accepts a whole document, or any id, as the value of a link. From a client, that would be a way to write fields of the linked
document that only the host may write, or to store a link that leads nowhere.
"""

from __future__ import annotations

from functools import partial, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from beanie import BackLink, Link
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from host.common.compat.beanie import linked_class
from host.data.documents.fields import as_identifier
from host.data.documents.reading import Findable


class LinkedDocument(BaseModel):
    """A reference to a linked document, in the form in which responses contain it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    collection: str | None = Field(default=None, description="Accepted because responses contain it; only the id counts.")


def has_back_links(annotation: Any) -> bool:
    """Return whether a field holds back links, which are computed on reading and never stored."""
    return get_origin(annotation) is BackLink or any(map(has_back_links, get_args(annotation)))


def with_references(annotation: Any) -> Any:
    """Return the annotation of a document's field with each link replaced by a reference, which validates to the id.

    Args:
        annotation: the annotation of a document's field.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Link:
        return Annotated[LinkedDocument, AfterValidator(partial(_identifier, arguments[0]))]
    if not any(map(_has_links, arguments)):
        return annotation
    if origin in (Union, UnionType):
        return reduce(or_, map(with_references, arguments))
    if origin is Annotated:
        return Annotated[with_references(arguments[0]), *arguments[1:]]
    return origin[tuple(map(with_references, arguments))]


def _has_links(annotation: Any) -> bool:
    return get_origin(annotation) is Link or any(map(_has_links, get_args(annotation)))


def _identifier(linked: Any, reference: LinkedDocument) -> Any:
    """Return the id of a reference, validated as an id of the linked class."""
    model: Any = linked_class(linked)
    if issubclass(model, Findable):
        return as_identifier(reference.id)
    id_type: Any = model.model_fields["id"].annotation
    return TypeAdapter(id_type).validate_python(reference.id)
