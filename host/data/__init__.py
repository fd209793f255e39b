"""What plugin authors import for their data: the document base class, and ready-made routes.

The package has two rooms:

* :mod:`host.data.documents`: the base class. ``document``, ``reading``, ``queries``, ``writes`` and ``changes`` read and write;
  ``fields``, ``links``, ``datetimes`` and ``metaclass`` concern its fields; ``derive`` builds the classes of request bodies.
* :mod:`host.data.endpoints`: the routes. ``controller`` has :func:`crud`, ``operations`` the table of its operations,
  ``build_handlers`` and ``handler_functions`` build its handlers. ``service`` has the operations behind them, ``access`` and
  ``permissions`` apply the rules, ``listing``, ``list_fields`` and ``cursor`` read lists, ``validation`` translates errors,
  and ``handlers`` is the protocol for generic tools.
"""

from __future__ import annotations

from host.data.documents.derive import Create, ReadOnly, Update, create_type, fields_of, update_type, version_of
from host.data.documents.document import Document
from host.data.documents.errors import Conflict, CursorMismatch, NotFound
from host.data.documents.fields import Identifier, UtcDatetime
from host.data.endpoints.controller import CrudController, crud
from host.data.endpoints.handlers import CrudHandlers
from host.data.endpoints.listing import Listing
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
