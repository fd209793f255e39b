"""The handlers of :func:`host.data.crud`, made for one class: their arguments are typed by its fields (row E14)."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, ClassVar, Final, TypeAlias
from uuid import UUID

from litestar import Controller
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from hookspecs import Payload, RequestData, Scope
from hookspecs.values import RESERVED_NAMES
from host.data.documents.derive import create_type, update_type
from host.data.documents.document import Document
from host.data.endpoints.columns import columns_of, sort_type
from host.data.endpoints.listing import DEFAULT_LIMIT, DEFAULT_SORT, LONGEST_CURSOR, MOST, Listing
from host.data.endpoints.service import EntityService

Service: TypeAlias = Callable[[type[Any], Scope], EntityService[Any]]
Handler: TypeAlias = Callable[..., Any]

#: Operation → method of the service, where nothing is needed but the id.
_SINGLE: Final[Mapping[str, str]] = {"get": "read", "delete": "delete", "deleteHard": "hard_delete", "restore": "restore"}


class ListHandler(HTTPRouteHandler):
    """A handler whose function says in ``asked`` which arguments come from the query, also where a service has that name."""

    def resolve_dependencies(self) -> dict[str, Provide]:
        """What is injected."""
        return {name: given for name, given in super().resolve_dependencies().items() if name not in self._asked}

    @property
    def dependency_name_set(self) -> set[str]:
        """The names of what is injected."""
        return super().dependency_name_set - self._asked

    @property
    def _asked(self) -> frozenset[str]:
        found: frozenset[str] = getattr(self.fn, "asked", frozenset())
        return found


class CrudController(Controller):
    """Base of what :func:`host.data.crud` makes."""

    #: Whose routes they are.
    model: ClassVar[type[Document]]
    #: Makes the service.
    make_service: ClassVar[Service]

    _entities: EntityService[Any] | None = None

    def entities(self, plugin_scope: Scope) -> EntityService[Any]:
        """The service that the handlers call, made once.

        Args:
            plugin_scope: of the plugin.
        """
        if self._entities is None or self._entities.scope is not plugin_scope:
            self._entities = type(self).make_service(self.model, plugin_scope)
        return self._entities


def function_of(model: type[Document], name: str) -> Handler:
    """The function of an operation, with annotations for the class.

    Args:
        model: the document class.
        name: of the operation.
    """
    if name == "getAll":
        return _list_function(model)
    if name == "create":
        return _typed(_create_function(), model, data=_of(JSONBody, create_type(model)))
    if name == "update":
        return _typed(_update_function(), model, id=FromPath[UUID], data=_of(JSONBody, update_type(model)))
    return _typed(_single_function(_SINGLE[name]), model, id=FromPath[UUID])


def _single_function(method: str) -> Handler:
    async def act(self: CrudController, plugin_scope: Scope, request_data: RequestData, id: UUID) -> Any:  # noqa: A002 - on the wire
        return await getattr(self.entities(plugin_scope), method)(str(id), request_data)

    return act


def _create_function() -> Handler:
    async def create(self: CrudController, plugin_scope: Scope, request_data: RequestData, data: Any) -> Any:
        return await self.entities(plugin_scope).create(data, request_data)

    return create


def _update_function() -> Handler:
    async def update(
        self: CrudController,
        plugin_scope: Scope,
        request_data: RequestData,
        id: UUID,  # noqa: A002 - on the wire
        data: Any,
    ) -> Any:
        return await self.entities(plugin_scope).update(str(id), data, request_data)

    return update


def _list_function(model: type[Document]) -> Handler:
    filters = {_argument(column.name): column for column in columns_of(model) if column.narrows}

    async def get_all(self: CrudController, plugin_scope: Scope, request_data: RequestData, **given: Any) -> Any:
        listing = Listing(
            filters={column.name: given[name] for name, column in filters.items() if given[name] is not None},
            tags=tuple(given["tags"] or ()),
            deleted=given["deleted"],
            sort=given["sort"],
            limit=given["limit"],
            cursor=given["cursor"],
        )
        return await self.entities(plugin_scope).read_all(listing, request_data)

    asked = [_query(name, column.annotation | None, None, name=column.name) for name, column in filters.items()]
    asked += _paging(model)
    own = [one for one in signature(get_all).parameters.values() if one.kind is not Parameter.VAR_KEYWORD]
    get_all.__signature__ = Signature([*own, *asked])  # type: ignore[attr-defined]  # what Litestar reads
    get_all.asked = frozenset(one.name for one in asked)  # type: ignore[attr-defined]  # for ListHandler
    return _typed(get_all, model, **{one.name: one.annotation for one in asked})


def _argument(name: str) -> str:
    """The argument for a parameter of the query: called alike, unless that cannot be or means something else."""
    if not name.isidentifier():
        name = "".join(one if one.isidentifier() or one.isdigit() else "_" for one in name)
    return f"{name}_" if keyword.iskeyword(name) or name in RESERVED_NAMES or name == "self" else name


def _paging(model: type[Document]) -> list[Parameter]:
    sort, tags = sort_type(columns_of(model)), "Only those that have all of these tags."
    return [
        _query("tags", list[str] | None, None, description=tags),
        _query("deleted", bool, False, description="The bin instead of what lives."),
        _query("sort", sort, DEFAULT_SORT, description="The order, with - for downwards."),
        _query("limit", int, DEFAULT_LIMIT, ge=1, le=MOST, description="How many on a page."),
        _query("cursor", str | None, None, max_length=LONGEST_CURSOR, description="The `next` of the page before."),
    ]


def _query(argument: str, annotation: Any, default: Any, **further: Any) -> Parameter:
    """One parameter of the query."""
    marked = Annotated[annotation, QueryParameter(**further)]
    return Parameter(argument, Parameter.KEYWORD_ONLY, default=default, annotation=marked)


def _of(generic: Any, argument: Any) -> Any:
    """A generic type of a class that is made at run time."""
    return generic[argument]


def _typed(function: Handler, model: type[Document], /, **annotations: Any) -> Handler:
    """The function with annotations that are no text, because they were made here."""
    own = {"plugin_scope": Scope, "request_data": NamedDependency[RequestData]}
    function.__annotations__ = {**own, **annotations, "return": _of(Payload, model)}
    function.__module__ = model.__module__
    return function
