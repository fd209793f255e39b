"""One router a plugin, one application of all (rule 2 of the design; rows R3, R8, K15c, K15d)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from beanie import Document
from litestar import Litestar, Request, Router
from litestar.handlers import asgi
from litestar.openapi import OpenAPIConfig
from litestar.plugins.pydantic import PydanticPlugin
from litestar.types import ASGIApp, Receive, Send
from litestar.types import Scope as Connection

from hookspecs import Service
from host import __version__
from host.assembly.application import Application, HostProvide, PluginRouter
from host.assembly.payloads import wire
from host.assembly.problems import EXCEPTION_HANDLERS, unavailable
from host.assembly.routing import OWNER
from host.contributions import Contributions

if TYPE_CHECKING:
    from host.contracts import Contracts

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def build_application(
    contributions: Sequence[Contributions],
    contracts: Contracts,
    *,
    failed: Iterable[tuple[str, str]] = (),
    is_failed: Callable[[str], bool] = lambda _key: False,
    isolating: Callable[[str], bool] = lambda _key: False,
    lifespan: Sequence[Lifespan] = (),
) -> Litestar:
    """Put the application together.

    Args:
        contributions: of the plugins, in load order.
        contracts: the provided ones.
        failed: key and prefix of the plugins that were isolated; their prefixes answer 503.
        is_failed: whether a plugin failed after the application was built.
        isolating: whether a plugin may fail at start while the others are served.
        lifespan: what runs around serving.
    """
    routers = [_router(one, contracts, is_failed if isolating(one.key) else None) for one in contributions if one.handlers]
    refusals = [_refusal(key, prefix) for key, prefix in failed]
    return Application(
        route_handlers=[*routers, *refusals],
        exception_handlers=dict(EXCEPTION_HANDLERS),
        plugins=[PydanticPlugin(prefer_alias=True)],
        type_encoders={Document: wire},
        lifespan=list(lifespan),
        logging_config=None,
        openapi_config=OpenAPIConfig(title="litestar-host", version=__version__),
    )


def _router(one: Contributions, contracts: Contracts, is_failed: Callable[[str], bool] | None) -> Router:
    gate = [] if is_failed is None else [_gate(one.key, is_failed)]
    return PluginRouter(
        path=one.scope.prefix,
        route_handlers=list(one.handlers),
        dependencies=_dependencies(one, contracts),
        middleware=[*gate, *one.middleware],
        opt={OWNER: one.key},
    )


def _dependencies(one: Contributions, contracts: Contracts) -> dict[str, HostProvide]:
    found = {"plugin_scope": _constant(one.scope)}
    for name, service in one.services.items():
        found[name] = _late(one.scope.services, name) if isinstance(service, Service) else _constant(service)
    implementations = contracts.implementations(one.uses)
    return found | {uses.name: _constant(implementations[uses.protocol]) for uses in one.uses}


def _constant(value: Any) -> HostProvide:
    def provide() -> Any:
        return value

    return HostProvide(provide, sync_to_thread=False)


def _late(services: Any, name: str) -> HostProvide:
    def provide() -> Any:
        return services[name]

    return HostProvide(provide, sync_to_thread=False)


def _gate(key: str, is_failed: Callable[[str], bool]) -> Callable[[ASGIApp], ASGIApp]:
    """Middleware that answers 503 when the plugin failed at start-up; only where ``isolate`` makes that possible."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def gated(scope: Connection, receive: Receive, send: Send) -> None:
            await (_refuse(key, scope, receive, send) if is_failed(key) else app(scope, receive, send))

        return gated

    return wrap


def _refusal(key: str, prefix: str) -> Any:
    @asgi(prefix, is_mount=True, opt={OWNER: key}, copy_scope=True)
    async def refuse(scope: Connection, receive: Receive, send: Send) -> None:
        await _refuse(key, scope, receive, send)

    return refuse


async def _refuse(key: str, scope: Connection, receive: Receive, send: Send) -> None:
    request: Request[Any, Any, Any] = Request(scope, receive, send)
    answer = unavailable(request, key).to_asgi_response(app=None, request=request)
    await answer(scope, receive, send)
