"""The application of all plugins, and how it gives handlers what the host provides."""

from __future__ import annotations

import inspect
from copy import copy
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final

from litestar import Litestar
from litestar.di import NamedDependency, Provide
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import HTTPRoute
from litestar.typing import FieldDefinition

from host.common.compat.litestar import (
    FORMS,
    INJECTION,
    SIGNATURES,
    ApplicationBase,
    inject_first,
    layers_of,
    models_of,
    parse_signature,
    provided_in,
)
from host.common.errors import FrozenError
from host.web.litestar.dependencies import Constant, FromRequest, HostProvide
from host.web.litestar.events import join_events
from host.web.litestar.forms import read_lists
from host.web.litestar.guards import await_guards

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.handlers import BaseRouteHandler
    from litestar.routes import BaseRoute
    from litestar.types import ControllerRouterHandler, Receive, Send
    from litestar.types import Scope as Connection


#: Marks an argument as a dependency, and keeps it from being validated.
_ANY: Final[Any] = NamedDependency[Any]  # type: ignore[misc]  # an alias of Annotated, which mypy does not take for a generic
#: Compared with each request's type: a plain string, which is quicker than Litestar's enumeration.
_HTTP: Final[Any] = "http"


class Application(ApplicationBase):  # type: ignore[misc]  # chosen at run time
    """Litestar, assembled once."""

    _complete = False
    #: Wraps the ``send`` of a request, once answers get something more.
    wrap_send: Callable[[Connection, Send], Any] | None = None

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "plugins": [_Refined(), *options.get("plugins", ())]})
        self._complete = True

    def __call__(self, scope: Connection, receive: Receive, send: Send) -> Any:
        """Answer a request; the one coroutine is Litestar's."""
        if self.wrap_send is not None and scope["type"] == _HTTP:
            send = self.wrap_send(scope, send)
        return Litestar.__call__(self, scope, receive, send)

    def register(self, value: ControllerRouterHandler) -> None:
        """Register handlers while the application is being built.

        Args:
            value: a handler, controller or router.

        Raises:
            FrozenError: the application is complete; Litestar itself would take more.
        """
        if self._complete:
            fix = "return it from register_routes, which runs before the application is assembled"
            raise FrozenError("nothing can be registered any more, the application is assembled", fix=fix)
        super().register(value)

    def prepare(self, handler: BaseRouteHandler) -> None:
        """Change a handler after its layers are resolved and before Litestar looks at them."""
        _trust_host(handler)
        join_events(handler)
        await_guards(handler)


class _Refined(ReceiveRoutePlugin):
    """Changes how the arguments of handlers are found, which Litestar has settled when it shows a route to plugins."""

    def receive_route(self, route: BaseRoute) -> None:
        """Refine a route when it is registered."""
        early: tuple[type[HostProvide], ...] = (Constant, FromRequest) if isinstance(route, HTTPRoute) else (Constant,)
        if INJECTION.works:
            for model in models_of(route):
                _inject_early(model, early)
        if FORMS.works and isinstance(route, HTTPRoute):
            for model in models_of(route):
                read_lists(model)


def _trust_host(handler: BaseRouteHandler) -> None:
    """Exempt the host's own values from validation, in the handler and in the dependencies of its layers."""
    layers = layers_of(handler)
    provided: dict[str, Provide] = {}
    for layer in layers:
        provided |= {name: value for name, value in (layer.dependencies or {}).items() if isinstance(value, Provide)}
    trusted = {name for name, value in provided.items() if isinstance(value, HostProvide)}
    if not trusted:
        return
    if SIGNATURES.works:
        namespace: dict[str, Any] | None = None
        for provider in provided.values():
            if _takes(provider, trusted):
                namespace = handler.resolve_signature_namespace() if namespace is None else namespace
                _untype(parse_signature(provider, namespace) or {}, trusted)
    else:
        for layer in layers:
            _untype_functions(layer, trusted)
    if taken := _names(handler.fn) & trusted:
        _untype(handler.parsed_fn_signature.parameters, taken)


def _inject_early(model: Any, kinds: tuple[type[HostProvide], ...]) -> None:
    """Inject what depends on nothing without Litestar's graph of dependencies, which takes longer than most handlers.

    Args:
        model: by which Litestar finds the arguments of a handler.
        kinds: what is injected so.
    """
    early = {name: provider for name, provider in provided_in(model).items() if isinstance(provider, kinds)}
    constants = {name: provider.dependency() for name, provider in early.items() if isinstance(provider, Constant)}
    asked = [(name, provider.dependency) for name, provider in early.items() if isinstance(provider, FromRequest)]

    async def inject(values: dict[str, Any], connection: Any) -> None:
        values.update(constants)
        for name, ask in asked:
            values[name] = await ask(connection)

    if early:
        inject_first(model, early, inject)


def _takes(provider: Provide, names: set[str]) -> bool:
    return inspect.isroutine(provider.dependency) and bool(_names(provider.dependency) & names)


def _names(function: Any) -> set[str]:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return set() if code is None else set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def _untype(parameters: dict[str, FieldDefinition], names: set[str]) -> None:
    for name in names & parameters.keys():
        old = parameters[name]
        parameters[name] = FieldDefinition.from_annotation(_ANY, name=name, default=old.default)


def _untype_functions(layer: Any, names: set[str]) -> None:
    """Exchange the functions of a layer's providers that take values of the host for copies that do not validate them.

    The plugin's own functions and providers stay as they are: another host in this process may use them too.
    """
    replaced: dict[str, Provide] = {}
    for name, provider in (layer.dependencies or {}).items():
        if not isinstance(provider, Provide) or not _takes(provider, names):
            continue
        function = _with_annotations(provider.dependency, dict.fromkeys(names, _ANY))
        if inspect.unwrap(function).__annotations__ != inspect.unwrap(provider.dependency).__annotations__:
            replaced[name] = copy(provider)
            replaced[name].dependency = function
    if replaced:
        layer.dependencies = {**layer.dependencies, **replaced}


def _with_annotations(function: Any, annotations: dict[str, Any]) -> Any:
    """Return a copy of a function, or of a bound method, with other annotations."""
    if isinstance(function, MethodType):
        return MethodType(_with_annotations(function.__func__, annotations), function.__self__)
    if not isinstance(function, FunctionType):
        return function
    copied = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    copied.__kwdefaults__, copied.__qualname__, copied.__module__ = (
        function.__kwdefaults__,
        function.__qualname__,
        function.__module__,
    )
    copied.__dict__.update(function.__dict__)
    chosen = {name: annotations[name] for name in annotations.keys() & _names(function)}
    copied.__annotations__ = {**function.__annotations__, **chosen}
    if hasattr(function, "__wrapped__"):
        copied.__dict__["__wrapped__"] = _with_annotations(function.__wrapped__, annotations)
    return copied
