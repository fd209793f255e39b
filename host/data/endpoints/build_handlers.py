"""Builds the handlers of a :class:`~host.data.CrudController` from its options."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED

from host.common.naming import did_you_mean
from host.data.documents.document import Document
from host.data.endpoints.handler_functions import Handler, handler_function
from host.data.endpoints.operations import AUTHENTICATION_ERRORS, OPERATIONS, channels_of, name_suffix
from host.data.endpoints.service import entity_of

Guard: TypeAlias = Callable[..., Any]
Guards: TypeAlias = Sequence[Guard] | Mapping[str, Sequence[Guard]]
Options: TypeAlias = Mapping[str, Mapping[str, Any]]
Replacements: TypeAlias = Mapping[str, Callable[..., Any] | HTTPRouteHandler]

EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class CrudOptions:
    """The options of :func:`host.data.crud` that concern single operations; they are described there.

    Raises:
        TypeError: ``only`` or ``exclude`` is a string instead of a list.
        ValueError: an option names an unknown or excluded operation, or no operation is left.
    """

    only: Sequence[str]
    exclude: Sequence[str]
    guards: Guards
    options: Options
    replace: Replacements

    def __post_init__(self) -> None:
        for what, selected in (("only", self.only), ("exclude", self.exclude)):
            if isinstance(selected, str):
                raise TypeError(f"{what} takes a list of operations: [{selected!r}]")
            _check_names(what, selected, OPERATIONS)
        operations = self.operations
        if not operations:
            raise ValueError("no operation is left")
        guards: Iterable[str] = self.guards if isinstance(self.guards, Mapping) else ()
        by_operation: list[tuple[str, Iterable[str]]] = [("guards", guards), ("options", self.options), ("replace", self.replace)]
        for what, names in by_operation:
            _check_names(what, names, operations)

    @property
    def operations(self) -> list[str]:
        """The names of the operations to build."""
        return [name for name in OPERATIONS if (not self.only or name in self.only) and name not in self.exclude]

    def guards_of(self, name: str) -> list[Guard]:
        """Return the guards of an operation."""
        replacement = self.replace.get(name)
        if isinstance(replacement, HTTPRouteHandler):
            return list(replacement.guards or ())
        guards = self.guards.get(name, ()) if isinstance(self.guards, Mapping) else self.guards
        return [*guards, *(self.options.get(name, EMPTY).get("guards") or ())]

    def channel_guards(self) -> list[Guard]:
        """Return the guards of the channels: those of the operations that read, since messages contain what those return."""
        operations = self.operations
        reading = [name for name in operations if name in ("getAll", "get")]
        return list(dict.fromkeys(guard for name in reading or operations for guard in self.guards_of(name)))

    def check_replacement(self, name: str) -> None:
        """Check that no guards or options are set for an operation that a handler replaces: it would ignore them."""
        if (self.guards and not isinstance(self.guards, Mapping)) or name in self.guards or name in self.options:
            raise ValueError(f"{name} is replaced by a handler, which brings its own guards and options; write them there")


def build_handlers(model: type[Document], path: str, crud_options: CrudOptions) -> dict[str, HTTPRouteHandler]:
    """Return the handlers of a controller, by their attributes.

    Args:
        model: the document class.
        path: the path of the controller.
        crud_options: the options.

    Raises:
        ValueError: guards or options are set for an operation that a handler replaces.
    """
    suffix = name_suffix(path)
    channel_guards = crud_options.channel_guards()
    handlers: dict[str, HTTPRouteHandler] = {}
    for name in crud_options.operations:
        operation, replacement = OPERATIONS[name], crud_options.replace.get(name)
        if isinstance(replacement, HTTPRouteHandler):
            crud_options.check_replacement(name)
            handlers[operation.attribute] = replacement
        else:
            arguments = _decorator_arguments(model, name, suffix, crud_options, channel_guards)
            decorate = operation.decorator(operation.path, **arguments)
            handlers[operation.attribute] = decorate(replacement or _ready_made_function(model, name))
    return handlers


def _ready_made_function(model: type[Document], name: str) -> Handler:
    function, operation = handler_function(model, name), OPERATIONS[name]
    function.__name__, function.__doc__ = operation.attribute, operation.summary.format(entity_of(model))
    function.__qualname__ = f"{model.__name__}Controller.{operation.attribute}"
    return function


def _decorator_arguments(
    model: type[Document], name: str, suffix: str, crud_options: CrudOptions, channel_guards: Sequence[Guard]
) -> dict[str, Any]:
    """Return the arguments of Litestar's decorator for one operation."""
    operation, entity, options = OPERATIONS[name], entity_of(model), crud_options.options.get(name, EMPTY)
    channels = channels_of(entity, model, channel_guards)
    return {
        "status_code": HTTP_201_CREATED if name == "create" else HTTP_200_OK,
        **options,
        "guards": crud_options.guards_of(name),
        "raises": [*operation.raises, *AUTHENTICATION_ERRORS, *(options.get("raises") or ())],
        "opt": {**operation.opt(name + suffix, entity, channels), **(options.get("opt") or {})},
    }


def _check_names(what: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(
                f"{what} names the operation {name!r}, which does not exist or is excluded; {did_you_mean(name, known)}"
            )
