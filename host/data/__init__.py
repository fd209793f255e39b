"""What plugin authors build on for their data: a document base and ready-made routes (rows R10, R11, E13, E14)."""

from __future__ import annotations

from host.data.controller import CrudController
from host.data.derive import Create, ReadOnly, Update, create_type, fields_of, update_type, version_of
from host.data.document import Document
from host.data.errors import Conflict, CursorMismatch, NotFound
from host.data.fields import Identifier, Moment
from host.data.handlers import CrudHandlers
from host.data.listing import Listing
from host.data.routes import crud
from host.data.service import EntityService

__all__ = (
    "Conflict",
    "Create",
    "CrudController",
    "CrudHandlers",
    "CursorMismatch",
    "Document",
    "EntityService",
    "Identifier",
    "Listing",
    "Moment",
    "NotFound",
    "ReadOnly",
    "Update",
    "create_type",
    "crud",
    "fields_of",
    "update_type",
    "version_of",
)
