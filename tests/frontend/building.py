"""Mount fixture plugins in a real Litestar application and build the input that the host passes to the generator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from litestar import Litestar, Router
from litestar.plugins.pydantic import PydanticPlugin
from litestar.routes import HTTPRoute, WebSocketRoute

from hookspecs import Frontend
from host.frontend.model import PluginInput, Route, UsedContract, contract_id

ALIASES = PydanticPlugin(prefer_alias=True)


def application(handlers: Mapping[str, Sequence[Any]], **options: Any) -> Litestar:
    """Return an application with several plugins, each under ``/<key>``."""
    routers = [Router(path=f"/{key}", route_handlers=list(those)) for key, those in handlers.items()]
    return Litestar(routers, plugins=[ALIASES], openapi_config=None, **options)


def routes(app: Litestar, key: str) -> tuple[Route, ...]:
    """Return the routes of one plugin in an application."""
    inside = [route for route in app.routes if route.path == f"/{key}" or route.path.startswith(f"/{key}/")]
    calls = tuple(
        Route(key, str(method), route.path, handler)
        for route in inside
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in sorted(handler.http_methods)
        if handler.http_methods != {"OPTIONS"}
    )
    sockets = (Route(key, "WEBSOCKET", route.path, route.route_handler) for route in inside if isinstance(route, WebSocketRoute))
    return (*calls, *sockets)


def plugin(key: str, *handlers: Any, package: str = "nowhere", version: str = "1.0.0", **rest: Any) -> PluginInput:
    """Return one plugin that is mounted in an application of its own."""
    author, _, name = key.partition("__")
    mounted = routes(application({key: handlers}), key) if handlers else ()
    return PluginInput(key, author, name, version, f"/{key}", package, mounted, **rest)


def fixture(key: str, module: ModuleType, version: str, uses: Sequence[PluginInput] = (), **rest: Any) -> PluginInput:
    """Return a plugin made from a fixture module."""
    used = tuple(
        UsedContract(contract_id(provider.key, contract.protocol, contract.version), provider.key, contract.protocol)
        for provider in uses
        for contract in provider.provides
    )
    return plugin(
        key,
        *module.HANDLERS,
        package=module.__name__,
        version=version,
        channels=getattr(module, "CHANNELS", ()),
        payloads=getattr(module, "PAYLOADS", ()),
        provides=getattr(module, "CONTRACTS", ()),
        uses=used,
        frontend=getattr(module, "FRONTEND", Frontend()),
        **rest,
    )
