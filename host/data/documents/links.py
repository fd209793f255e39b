"""Links to other documents as clients send them: which document is meant, and nothing of what stands in it.

Beanie itself takes a whole document in the place of a link, and whatever id. From a client that would be a way to write, in the
name of a linked document, what only the host writes, or to hold a link to nothing.
"""

from __future__ import annotations

from functools import partial, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from beanie import BackLink, Link
from beanie.odm.registry import DocsRegistry
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from host.data.documents.fields import as_identifier
from host.data.documents.reading import Findable


class LinkedDocument(BaseModel):
    """Which document is meant, as a link is sent to clients too."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    collection: str | None = Field(default=None, description="As it was read; only the id counts.")


def has_back_links(annotation: Any) -> bool:
    """Whether a field holds what links to the document, which is written nowhere."""
    return get_origin(annotation) is BackLink or any(map(has_back_links, get_args(annotation)))


def as_sent(annotation: Any) -> Any:
    """The annotation of a field with references in the place of links; a reference becomes the id.

    Args:
        annotation: of a document's field.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Link:
        return Annotated[LinkedDocument, AfterValidator(partial(_identifier, arguments[0]))]
    if not any(map(_has_links, arguments)):
        return annotation
    if origin in (Union, UnionType):
        return reduce(or_, map(as_sent, arguments))
    if origin is Annotated:
        return Annotated[as_sent(arguments[0]), *arguments[1:]]
    return origin[tuple(map(as_sent, arguments))]


def _has_links(annotation: Any) -> bool:
    return get_origin(annotation) is Link or any(map(_has_links, get_args(annotation)))


def _identifier(linked: Any, reference: LinkedDocument) -> Any:
    """The id in the reference, checked as one of the class that is linked to."""
    model: Any = DocsRegistry.evaluate_fr(linked)
    if issubclass(model, Findable):
        return as_identifier(reference.id)
    kind: Any = model.model_fields["id"].annotation
    return TypeAdapter(kind).validate_python(reference.id)
