"""Ready-made routes of a document class: the function :func:`host.data.crud`, and the controller class that it creates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import new_class
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, get_args, get_origin

from litestar import Controller
from litestar.handlers import HTTPRouteHandler

from hookspecs import Scope
from host.common.naming import join_paths
from host.data.documents.document import Document
from host.data.endpoints.build_handlers import EMPTY, CrudOptions, Guards, Options, Replacements, build_handlers
from host.data.endpoints.operations import OPERATIONS
from host.data.endpoints.service import EntityService, entity_of

D = TypeVar("D", bound=Document)
Service: TypeAlias = Callable[[type[Any], Scope], EntityService[Any]]


class CrudController(Controller, Generic[D]):
    """A Litestar controller with the routes of a document class, as a base class: ``class Tasks(CrudController[Task])``.

    Class keywords are the options of :func:`host.data.crud`: ``class Tasks(CrudController[Task], only=["getAll", "get"])``. A
    handler or a function that the class body defines as ``get_all``, ``get``, ``create``, ``update``, ``delete``, ``delete_hard``
    or ``restore`` replaces that operation, as with the option ``replace``.
    """

    #: The document class.
    model: ClassVar[type[Document]]
    #: Creates the service.
    make_service: ClassVar[Service]

    _entities: EntityService[D] | None = None

    def __init_subclass__(
        cls,
        *,
        path: str | None = None,
        only: Sequence[str] = (),
        exclude: Sequence[str] = (),
        service: Service | None = None,
        guards: Guards = (),
        options: Options = EMPTY,
        replace: Replacements = EMPTY,
    ) -> None:
        """Add the handlers if the class is based on ``CrudController[Task]``; other subclasses inherit those of their base.

        Raises:
            TypeError: the argument is not a :class:`host.data.Document`, or options are given without one.
            ValueError: an option names an operation that does not exist or is excluded.
        """
        super().__init_subclass__()
        model = _model_argument(cls)
        if model is None:
            if path or only or exclude or service or guards or options or replace:
                raise TypeError(f"{cls.__name__} takes options only directly below CrudController[<a document class>]")
            return
        own = {name: vars(cls)[operation.attribute] for name, operation in OPERATIONS.items() if operation.attribute in vars(cls)}
        crud_options = CrudOptions(only=only, exclude=exclude, guards=guards, options=options, replace={**own, **replace})
        cls.path = join_paths(path or vars(cls).get("path") or entity_of(model))
        cls.model = model
        # staticmethod: a function in a class attribute would become a method.
        cls.make_service = staticmethod(service or EntityService)
        for attribute, handler in build_handlers(model, cls.path, crud_options).items():
            setattr(cls, attribute, handler)

    def entities(self, plugin_scope: Scope) -> EntityService[D]:
        """Return the service that the handlers call; it is created once per scope.

        Args:
            plugin_scope: the scope of the plugin.
        """
        if self._entities is None or self._entities.scope is not plugin_scope:
            self._entities = type(self).make_service(self.model, plugin_scope)
        return self._entities


def crud(
    model: type[D],
    *,
    path: str | None = None,
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    service: Service = EntityService,
    guards: Guards = (),
    options: Options = EMPTY,
    replace: Mapping[str, Callable[..., Any] | HTTPRouteHandler] = EMPTY,
) -> type[CrudController[D]]:
    """Return a Litestar controller with the routes of a document class, for ``register_routes``.

    The operations are ``getAll``, ``get``, ``create``, ``update``, ``delete``, ``deleteHard`` and ``restore``. They call the
    service. To override handlers in a class of your own, use :class:`CrudController` as its base class.

    Args:
        model: the document class.
        path: the path; ``/task`` for ``Task`` by default. What follows its first segment is added to the names of the operations:
            with ``/admin/task`` they are ``admin.getAllTask`` and so on. A :class:`litestar.Router` around it adds nothing.
        only: the operations to include; all by default.
        exclude: the operations to leave out.
        service: creates the service from the document class and the scope: a subclass of :class:`EntityService`, or a function.
        guards: Litestar guards, for all operations or by operation. The guards of the operations that read also protect the
            channels; if none reads, the guards of all operations do.
        options: further arguments for Litestar's decorators by operation, e.g. ``{"getAll": {"cache": 10}}``. Guards, errors in
            ``raises`` and keys of ``opt`` are added to the defaults; all others replace them.
        replace: replacements by operation. A function, written as a method of the controller, keeps the path, the method and all
            other defaults; a Litestar handler brings its own, and guards and options are not allowed for it.

    Raises:
        TypeError: the class is not a :class:`host.data.Document`.
        ValueError: an option names an operation that does not exist or is excluded.
    """
    if not _is_document(model):
        raise TypeError(f"crud takes a subclass of host.data.Document, not {model!r}")
    keywords = {
        "path": path,
        "only": only,
        "exclude": exclude,
        "service": service,
        "guards": guards,
        "options": options,
        "replace": replace,
    }
    body = {"__module__": model.__module__, "__doc__": f"The routes of {model.__name__}."}
    base: Any = CrudController
    return new_class(f"{model.__name__}Controller", (base[model],), keywords, lambda namespace: namespace.update(body))


def _model_argument(cls: type[CrudController[Any]]) -> type[Document] | None:
    """Return the document class with which a base of a class is parametrized, or ``None``."""
    for base in vars(cls).get("__orig_bases__", ()):
        origin, arguments = get_origin(base), get_args(base)
        if isinstance(origin, type) and issubclass(origin, CrudController) and not isinstance(arguments[0], TypeVar):
            if not _is_document(arguments[0]):
                raise TypeError(f"CrudController takes a subclass of host.data.Document, not {arguments[0]!r}")
            model: type[Document] = arguments[0]
            return model
    return None


def _is_document(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Document)
