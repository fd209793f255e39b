"""What the host uses of Litestar beyond its reference: registration in linear time, arguments without validation, and the like.

Documented and therefore used elsewhere: plugins, handlers with their ``parsed_…`` and ``resolve_…``, ``FieldDefinition``, the
specification classes of OpenAPI, and ``route_handler_method_map``, which Litestar 3 moves from routers to the application.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from litestar import Litestar, Router
from litestar.handlers import WebsocketListenerRouteHandler
from litestar.openapi.spec import Reference, Schema
from litestar.params import ParameterKwarg
from litestar.routes import HTTPRoute, WebSocketRoute
from litestar.typing import FieldDefinition

from host.common.compat.probe import load, probe
from host.common.errors import StateError

if TYPE_CHECKING:
    from litestar.di import Provide
    from litestar.handlers import BaseRouteHandler
    from litestar.routes import BaseRoute
    from litestar.types import ControllerRouterHandler

_LIBRARY: Final = "litestar"
_KWARGS: Final = "litestar._kwargs.kwargs_model:KwargsModel"
_HANDLER_MAP: Final = "litestar.routes:HTTPRoute.route_handler_map"

LAYERS: Final = probe(
    _LIBRARY,
    "the layers of a handler are found by its owners",
    "litestar.handlers:BaseRouteHandler.ownership_layers",
)
REGISTRATION: Final = probe(
    _LIBRARY,
    "Litestar registers the routes itself, which takes longer the more there are",
    "litestar:Router.routes",
    "litestar:Litestar.asgi_router",
    "litestar._asgi.asgi_router:ASGIRouter.construct_routing_trie",
    "litestar.handlers:BaseRouteHandler.on_registration",
    "litestar.handlers:BaseRouteHandler.create_kwargs_model",
    "litestar.routes:HTTPRoute.create_handler_map",
    "litestar.routes:WebSocketRoute.path_parameters",
    "litestar.routes:WebSocketRoute.handler_parameter_model",
)
INJECTION: Final = probe(
    _LIBRARY,
    "services and contracts are injected by Litestar's graph of dependencies, which costs each request a little",
    _HANDLER_MAP,
    "litestar.routes:WebSocketRoute.handler_parameter_model",
    f"{_KWARGS}.dependency_batches",
    f"{_KWARGS}.extractors",
    "litestar._kwargs.dependencies:DependencyContainer.key",
    "litestar._kwargs.dependencies:DependencyContainer.provide",
)
FORMS: Final = probe(
    _LIBRARY,
    "a list of one value in a URL-encoded form is refused with 400, as Litestar does by itself",
    _HANDLER_MAP,
    f"{_KWARGS}.extractors",
    f"{_KWARGS}.expected_form_data",
    f"{_KWARGS}.expected_data_dto",
)
SIGNATURES: Final = probe(
    _LIBRARY,
    "functions of dependencies that take a service are copied to change their annotations",
    "litestar.di:Provide.parsed_fn_signature",
    "litestar.utils.signature:ParsedSignature.from_fn",
)
SOCKET_MODES: Final = probe(
    _LIBRARY,
    "messages of websocket_listener and websocket_stream are of the type unknown in the TypeScript",
    "litestar.handlers:WebsocketListenerRouteHandler._receive_mode",
    "litestar.handlers:WebsocketListenerRouteHandler._send_mode",
    "litestar.handlers.websocket_handlers.stream:WebSocketStreamHandler._ws_stream_options",
)
LISTENERS: Final = probe(
    _LIBRARY,
    "WebSocket listeners have no comment in the TypeScript",
    "litestar.handlers.websocket_handlers._utils:ListenerHandler._fn",
)
SCHEMAS: Final = probe(
    _LIBRARY,
    "OpenAPI components of payloads and documents are collected by the host itself",
    "litestar._openapi.schema_generation.schema:SchemaCreator.schema_registry",
    "litestar._openapi.datastructures:SchemaRegistry.get_schema_for_field_definition",
    "litestar._openapi.datastructures:SchemaRegistry.get_reference_for_field_definition",
)
DESCRIPTIONS: Final = probe(
    _LIBRARY,
    "the component Page of the OpenAPI document is called hookspecs.payload.Page",
    "litestar._openapi.schema_generation.schema:SchemaCreator.for_field_definition",
)
FEATURES: Final = (
    LAYERS,
    REGISTRATION,
    INJECTION,
    FORMS,
    SIGNATURES,
    SOCKET_MODES,
    LISTENERS,
    SCHEMAS,
    DESCRIPTIONS,
)


def layers_of(handler: BaseRouteHandler) -> list[Any]:
    """Return what a registered handler is nested in, the application first, and the handler itself last.

    Raises:
        StateError: the installed Litestar offers no way to find out.
    """
    if LAYERS.works:
        return list(handler.ownership_layers)
    layers: list[Any] = []
    layer: Any = handler
    while layer is not None:
        if not hasattr(layer, "owner"):
            raise StateError("this Litestar does not say what a handler is nested in", fix="pip install 'litestar<3'")
        layers.append(layer)
        layer = layer.owner
    return layers[::-1]


def handlers_of(route: BaseRoute) -> list[Any]:
    """Return the handlers of a route of any kind."""
    handlers: list[Any] = getattr(route, "route_handlers", None) or [route.route_handler]  # type: ignore[attr-defined]
    return handlers


def handlers_by_path(router: Router) -> Iterator[tuple[str, Any]]:
    """Return each path of a router or an application with each handler that it has there, once."""
    for path, methods in router.route_handler_method_map.items():
        for handler in {id(handler): handler for handler in methods.values()}.values():
            yield path, handler


class _Routes(list[Any]):
    """Routes, with the map of paths and methods to handlers that Litestar asks for at each registration."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        super().__init__()
        self.by_path: dict[str, dict[str, Any]] = defaultdict(dict)
        for route in routes:
            self.append(route)

    def append(self, route: BaseRoute) -> None:
        super().append(route)
        self._index(route)

    def __setitem__(self, index: Any, route: Any) -> None:
        super().__setitem__(index, route)
        self._index(route)

    def _index(self, route: BaseRoute) -> None:
        methods = self.by_path[route.path]
        for handler in handlers_of(route):
            if isinstance(route, HTTPRoute):
                methods.update(dict.fromkeys(handler.http_methods, handler))
            else:
                methods["websocket" if isinstance(route, WebSocketRoute) else "asgi"] = handler


class _Indexed(Router):
    """A router that keeps its map up to date, which Litestar makes again at each registration: quadratic in the routes."""

    _indexed: _Routes

    @property
    def routes(self) -> Any:
        """All routes, in the order of their registration."""
        return self._indexed

    @routes.setter
    def routes(self, routes: Iterable[BaseRoute]) -> None:
        self._indexed = _Routes(routes)

    @property
    def route_handler_method_map(self) -> dict[str, Any]:
        """Path → method → handler."""
        return self._indexed.by_path


class _Fast(_Indexed, Litestar):
    """Litestar, which makes its routing trie once instead of after each registration."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.asgi_router.construct_routing_trie()

    def prepare(self, handler: BaseRouteHandler) -> None:
        """Change a handler after its layers are resolved and before Litestar looks at them."""

    def register(self, value: ControllerRouterHandler) -> None:  # type: ignore[override]  # as Litestar itself does
        """Register a handler, controller or router."""
        for route in Router.register(self, value):
            for handler in handlers_of(route):
                self.prepare(handler)
                handler.on_registration(self)
            if isinstance(route, HTTPRoute):
                route.create_handler_map()
            elif isinstance(route, WebSocketRoute):
                route.handler_parameter_model = route.route_handler.create_kwargs_model(path_parameters=route.path_parameters)
            for plugin in self.plugins.receive_route:
                plugin.receive_route(route)


class _Preparing(Router):
    """Stands between Litestar and its base, whose ``register`` Litestar calls before it looks at the handlers."""

    def prepare(self, handler: BaseRouteHandler) -> None: ...

    def register(self, value: ControllerRouterHandler) -> list[BaseRoute]:
        routes = super().register(value)
        for route in routes:
            for handler in handlers_of(route):
                self.prepare(handler)
        return routes


class _Plain(Litestar, _Preparing):  # type: ignore[misc]  # Litestar's register returns nothing, its base's the routes
    """Litestar, with nothing but documented methods overridden."""


if TYPE_CHECKING:
    _RouterBase = Router
else:
    _RouterBase = _Indexed if REGISTRATION.works else Router

#: The base of the host's application, with a method ``prepare(handler)``.
ApplicationBase: Any = _Fast if REGISTRATION.works else _Plain


class PluginRouter(_RouterBase):
    """The router of one plugin, made by the host for one application, so Litestar need not copy it to register it."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> PluginRouter:
        return self


def models_of(route: BaseRoute) -> list[Any]:
    """Return that by which Litestar finds the arguments of the handlers of a route; empty if it does not show it."""
    if isinstance(route, HTTPRoute):
        return [model for _, model in route.route_handler_map.values()]
    return [route.handler_parameter_model] if isinstance(route, WebSocketRoute) else []


def provided_in(model: Any) -> dict[str, Provide]:
    """Return what is injected, by the names of the arguments."""
    return {container.key: container.provide for batch in model.dependency_batches for container in batch}


def inject_first(model: Any, names: Iterable[str], inject: Callable[[dict[str, Any], Any], Any]) -> None:
    """Have a function give the arguments of these names, outside of Litestar's graph of dependencies.

    Args:
        model: one of :func:`models_of`.
        names: of arguments whose providers depend on nothing.
        inject: puts them into the dictionary that it gets with the connection.
    """
    names = frozenset(names)
    model.extractors.append(inject)
    rest = ({container for container in batch if container.key not in names} for batch in model.dependency_batches)
    model.dependency_batches = [batch for batch in rest if batch]


def form_of(model: Any) -> FieldDefinition | None:
    """Return the field ``data`` of a handler that reads a form, ``None`` if it does not, or a DTO reads it."""
    if model.expected_form_data is None or model.expected_data_dto is not None:
        return None
    field: FieldDefinition = model.expected_form_data[1]
    return field


def extract_also(model: Any, extract: Callable[[dict[str, Any], Any], Any]) -> None:
    """Have a function change the arguments of a handler after Litestar has extracted them.

    Args:
        model: one of :func:`models_of`.
        extract: gets the arguments and the connection.
    """
    model.extractors.append(extract)


def parse_signature(provider: Provide, namespace: dict[str, Any]) -> dict[str, FieldDefinition] | None:
    """Have a provider parse the signature of its function now, and return its parameters, which may be changed.

    Returns:
        ``None`` if it has parsed it before.
    """
    if getattr(provider, "parsed_fn_signature", None):
        return None
    provider.parsed_fn_signature = load("litestar.utils.signature:ParsedSignature").from_fn(provider.dependency, namespace)
    return provider.parsed_fn_signature.parameters


def provider_parameters(provider: Provide, namespace: dict[str, Any]) -> dict[str, FieldDefinition]:
    """Return the parameters of a provider that belongs to a registered handler.

    Args:
        provider: the provider.
        namespace: names that its annotations may use.
    """
    if SIGNATURES.works:
        parsed: dict[str, FieldDefinition] = provider.parsed_fn_signature.parameters
        return parsed
    hints = get_type_hints(inspect.unwrap(provider.dependency), localns=namespace, include_extras=True)
    parameters = inspect.signature(provider.dependency).parameters.values()
    return {parameter.name: FieldDefinition.from_parameter(parameter, hints) for parameter in parameters}


def receive_mode(handler: WebsocketListenerRouteHandler) -> str | None:
    """Return the mode in which a listener reads frames, ``None`` if Litestar does not show it."""
    return handler._receive_mode if SOCKET_MODES.works else None  # noqa: SLF001


def send_mode(handler: BaseRouteHandler) -> str | None:
    """Return the mode in which a listener or a stream sends frames, ``None`` for other handlers, or if it does not show."""
    if not SOCKET_MODES.works:
        return None
    if is_stream(handler):
        mode: str = handler._ws_stream_options.send_mode  # type: ignore[attr-defined]  # noqa: SLF001
        return mode
    return handler._send_mode if isinstance(handler, WebsocketListenerRouteHandler) else None  # noqa: SLF001


def is_stream(handler: BaseRouteHandler) -> bool:
    """Return whether a handler was made by ``websocket_stream``; ``False`` if Litestar does not show it."""
    return SOCKET_MODES.works and isinstance(handler, load("litestar.handlers.websocket_handlers.stream:WebSocketStreamHandler"))


def function_of(handler: BaseRouteHandler) -> Any:
    """Return the function of a handler, also that of a WebSocket listener, which Litestar wraps in an object."""
    return getattr(handler.fn, "_fn", handler.fn)


class Components:
    """The components of one OpenAPI document.

    Args:
        creator: Litestar's, which holds them.
        own: gets those that the host must keep itself.
    """

    def __init__(self, creator: Any, own: dict[str, Schema]) -> None:
        self._creator = creator
        self._own = own

    def add(self, cls: Any, name: str, describe: Callable[[], Schema], fill: Callable[[Schema, Schema], None]) -> Any:
        """Return a reference to a component, which is described if it is not there yet.

        Args:
            cls: the class whose it is.
            name: of the component.
            describe: returns its schema; called when the component can already be referred to.
            fill: copies a schema into the one that was registered.
        """
        if not SCHEMAS.works:
            if name not in self._own:
                self._own[name] = Schema()
                fill(self._own[name], describe())
            return Reference(f"#/components/schemas/{name}")
        registry = self._creator.schema_registry
        field = FieldDefinition.from_annotation(cls, kwarg_definition=ParameterKwarg(schema_component_key=name))
        if (reference := registry.get_reference_for_field_definition(field)) is not None:
            return reference
        fill(registry.get_schema_for_field_definition(field), describe())
        return registry.get_reference_for_field_definition(field)

    def known(self, cls: type[Any], describe: Callable[[], Any]) -> Any:
        """Return how Litestar itself describes a class; ``describe`` does it instead if it cannot be asked."""
        return self._creator.for_field_definition(FieldDefinition.from_annotation(cls)) if DESCRIPTIONS.works else describe()

    @staticmethod
    def returned(schema: Any) -> Any:
        """Return a schema as a plugin may: Litestar looks up each reference that it gets, and knows its own alone."""
        return schema if SCHEMAS.works or not isinstance(schema, Reference) else Schema(all_of=[schema])


def unwrapped(document: Any, own: Mapping[str, Schema]) -> Any:
    """Return an OpenAPI document without the ``allOf`` of :meth:`Components.returned`.

    Args:
        document: the document, or a part of it.
        own: the components that the host keeps itself.
    """
    if isinstance(document, Mapping):
        match document:
            case {"allOf": [{"$ref": str(reference)}]} if len(document) == 1 and reference.rpartition("/")[2] in own:
                return {"$ref": reference}
        return {key: unwrapped(value, own) for key, value in document.items()}
    return [unwrapped(value, own) for value in document] if isinstance(document, list) else document
