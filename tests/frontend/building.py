"""Puts fixture plugins into a real Litestar application and makes of it what the host would hand to the frontend room."""

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
    """One application of several plugins, each under ``/<key>``."""
    routers = [Router(path=f"/{key}", route_handlers=list(those)) for key, those in handlers.items()]
    return Litestar(routers, plugins=[ALIASES], openapi_config=None, **options)


def routes(app: Litestar, key: str) -> tuple[Route, ...]:
    """The routes of one plugin in an application."""
    inside = [one for one in app.routes if one.path == f"/{key}" or one.path.startswith(f"/{key}/")]
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
    """One plugin in an application of its own."""
    author, _, name = key.partition("__")
    found = routes(application({key: handlers}), key) if handlers else ()
    return PluginInput(key, author, name, version, f"/{key}", package, found, **rest)


def fixture(key: str, module: ModuleType, version: str, uses: Sequence[PluginInput] = (), **rest: Any) -> PluginInput:
    """A plugin out of a module of the fixtures."""
    used = tuple(
        UsedContract(contract_id(one.key, contract.protocol, contract.version), one.key, contract.protocol)
        for one in uses
        for contract in one.provides
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
