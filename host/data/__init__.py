"""What plugin authors build on for their data: a document base and ready-made routes (rows R10, R11, E13, E14).

Where things are: a document and its reading and writing in ``document``, ``reading``, ``queries``, ``writes``, ``changes``; its
fields in ``fields``, ``links``, ``moments``. What ``crud`` makes in ``routes``, with what is preset in ``presets`` and the handlers
in ``controller``; what clients send in ``derive``; lists in ``listing`` and ``columns``; what happens on a call in ``service``,
within ``permissions``. What goes wrong in ``errors`` and ``unfit``; what tools for documents of any kind see in ``handlers``.
"""

from __future__ import annotations

from host.data.documents.derive import Create, ReadOnly, Update, create_type, fields_of, update_type, version_of
from host.data.documents.document import Document
from host.data.documents.errors import Conflict, CursorMismatch, NotFound
from host.data.documents.fields import Identifier, UtcDatetime
from host.data.endpoints.controller import CrudController
from host.data.endpoints.handlers import CrudHandlers
from host.data.endpoints.listing import Listing
from host.data.endpoints.routes import crud
from host.data.endpoints.service import EntityService

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
    "NotFound",
    "ReadOnly",
    "Update",
    "UtcDatetime",
    "create_type",
    "crud",
    "fields_of",
    "update_type",
    "version_of",
)
