"""The functions behind the handlers of :func:`host.data.crud`, created per document class: its fields type their arguments."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, Final, Protocol, TypeAlias
from uuid import UUID

from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from hookspecs import Payload, RequestData, Scope
from hookspecs.values import RESERVED_NAMES
from host.data.documents.derive import create_type, update_type
from host.data.documents.document import Document
from host.data.endpoints.cursor import MAX_CURSOR_LENGTH
from host.data.endpoints.list_fields import list_fields, sort_type
from host.data.endpoints.listing import DEFAULT_LIMIT, DEFAULT_SORT, MAX_LIMIT, Listing
from host.data.endpoints.service import EntityService

Handler: TypeAlias = Callable[..., Any]

#: The service methods of the operations that need nothing but an id.
_METHODS_BY_ID: Final[Mapping[str, str]] = {"get": "read", "delete": "delete", "deleteHard": "hard_delete", "restore": "restore"}


class _HasService(Protocol):
    """The controller, as the functions use it."""

    def entities(self, plugin_scope: Scope) -> EntityService[Any]:
        """Return the service."""


class ListHandler(HTTPRouteHandler):
    """A handler whose query parameters are never taken for dependencies.

    A filter is named as a field of the document. Litestar would inject a service of that name instead of reading the query. So the
    function lists its query parameters in an attribute ``query_parameters``.
    """

    def resolve_dependencies(self) -> dict[str, Provide]:
        """Return the dependencies to inject."""
        return {name: provide for name, provide in super().resolve_dependencies().items() if name not in self._query_parameters}

    @property
    def dependency_name_set(self) -> set[str]:
        """The names of the dependencies to inject."""
        return super().dependency_name_set - self._query_parameters

    @property
    def _query_parameters(self) -> frozenset[str]:
        parameters: frozenset[str] = getattr(self.fn, "query_parameters", frozenset())
        return parameters


def handler_function(model: type[Document], name: str) -> Handler:
    """Create the function of an operation, annotated for a document class.

    Args:
        model: the document class.
        name: the name of the operation.
    """
    if name == "getAll":
        return _list_function(model)
    if name == "create":
        return _annotate(_create_function(), model, data=_parametrize(JSONBody, create_type(model)))
    if name == "update":
        return _annotate(_update_function(), model, id=FromPath[UUID], data=_parametrize(JSONBody, update_type(model)))
    return _annotate(_function_by_id(_METHODS_BY_ID[name]), model, id=FromPath[UUID])


def _function_by_id(method: str) -> Handler:
    async def call(self: _HasService, plugin_scope: Scope, request_data: RequestData, id: UUID) -> Any:  # noqa: A002 - on the wire
        return await getattr(self.entities(plugin_scope), method)(str(id), request_data)

    return call


def _create_function() -> Handler:
    async def create(self: _HasService, plugin_scope: Scope, request_data: RequestData, data: Any) -> Any:
        return await self.entities(plugin_scope).create(data, request_data)

    return create


def _update_function() -> Handler:
    async def update(
        self: _HasService,
        plugin_scope: Scope,
        request_data: RequestData,
        id: UUID,  # noqa: A002 - on the wire
        data: Any,
    ) -> Any:
        return await self.entities(plugin_scope).update(str(id), data, request_data)

    return update


def _list_function(model: type[Document]) -> Handler:
    filters = {_argument_name(field.name): field for field in list_fields(model) if field.filterable}

    async def get_all(self: _HasService, plugin_scope: Scope, request_data: RequestData, **query: Any) -> Any:
        listing = Listing(
            filters={field.name: query[argument] for argument, field in filters.items() if query[argument] is not None},
            tags=tuple(query["tags"] or ()),
            deleted=query["deleted"],
            sort=query["sort"],
            limit=query["limit"],
            cursor=query["cursor"],
        )
        return await self.entities(plugin_scope).read_all(listing, request_data)

    parameters = [_query_parameter(name, field.annotation | None, None, name=field.name) for name, field in filters.items()]
    parameters += _paging_parameters(model)
    fixed = [parameter for parameter in signature(get_all).parameters.values() if parameter.kind is not Parameter.VAR_KEYWORD]
    # Litestar reads a function's signature and annotations, and the fields of the class are known only now.
    get_all.__signature__ = Signature([*fixed, *parameters])  # type: ignore[attr-defined]  # functions accept any attribute
    get_all.query_parameters = frozenset(parameter.name for parameter in parameters)  # type: ignore[attr-defined]  # idem
    return _annotate(get_all, model, **{parameter.name: parameter.annotation for parameter in parameters})


def _argument_name(field: str) -> str:
    """Return the name of the function's argument for a field: the field's own, unless Python or the host reserve it."""
    if not field.isidentifier():
        field = "".join(character if character.isidentifier() or character.isdigit() else "_" for character in field)
    return f"{field}_" if keyword.iskeyword(field) or field in RESERVED_NAMES or field == "self" else field


def _paging_parameters(model: type[Document]) -> list[Parameter]:
    sort, tags = sort_type(list_fields(model)), "Only documents that have all of these tags."
    return [
        _query_parameter("tags", list[str] | None, None, description=tags),
        _query_parameter("deleted", bool, False, description="List the soft-deleted documents instead of the others."),
        _query_parameter("sort", sort, DEFAULT_SORT, description="The field to sort by; - in front means descending."),
        _query_parameter(
            "limit", int, DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="The maximum number of documents on the page."
        ),
        _query_parameter("cursor", str | None, None, max_length=MAX_CURSOR_LENGTH, description="The `next` of the previous page."),
    ]


def _query_parameter(argument: str, annotation: Any, default: Any, **options: Any) -> Parameter:
    annotated = Annotated[annotation, QueryParameter(**options)]
    return Parameter(argument, Parameter.KEYWORD_ONLY, default=default, annotation=annotated)


def _parametrize(generic: Any, argument: Any) -> Any:
    """Parametrize a generic type with a class that exists only at run time, which a type checker would refuse."""
    return generic[argument]


def _annotate(function: Handler, model: type[Document], /, **annotations: Any) -> Handler:
    """Give a function annotations that are types, not strings: they could not be resolved by name."""
    fixed = {"plugin_scope": Scope, "request_data": NamedDependency[RequestData]}
    function.__annotations__ = {**fixed, **annotations, "return": _parametrize(Payload, model)}
    function.__module__ = model.__module__
    return function
