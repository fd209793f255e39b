"""One application of all plugins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from beanie import Document
from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.plugins.pydantic import PydanticPlugin

from hookspecs.auth import AUTHENTICATOR
from host.registration.authentication import authenticator_of
from host.registration.contributions import Contributions
from host.web.bodies import HostRequest
from host.web.channels.endpoints import channel_handlers
from host.web.exception_handlers import EXCEPTION_HANDLERS, log_websocket_error
from host.web.guarded_handlers import GuardedHandlers
from host.web.health import Health, health_handlers
from host.web.isolation import Isolation
from host.web.litestar.application import Application
from host.web.litestar.dependencies import FromRequest
from host.web.litestar.wire_schemas import WireSchemas
from host.web.openapi import RouteRecorder, openapi_config
from host.web.payloads import wire
from host.web.requests import request_data
from host.web.routers import plugin_routers
from host.web.scope_layers import scope_layers
from host.web.unserved import UnservedPaths

if TYPE_CHECKING:
    from host.registration.contracts.contracts import Contracts
    from host.web.channels.broker import ChannelBroker

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def build_application(
    contributions: Sequence[Contributions],
    contracts: Contracts,
    isolation: Isolation,
    *,
    lifespan: Sequence[Lifespan] = (),
    health: Health | None = None,
    channels: ChannelBroker | None = None,
) -> Litestar:
    """Build the application: layers → routers → answers for what is not served → application.

    Args:
        contributions: of the plugins, in load order.
        contracts: the provided contracts.
        isolation: the plugins that failed or may fail while others are served.
        lifespan: context managers around serving.
        health: answers the host's ``/health`` routes; without it there are none.
        channels: delivers messages to browsers; without it, or if no plugin declares a channel, there are no channel routes.
    """
    layers = scope_layers(contributions, contracts, isolation)
    routers = plugin_routers(layers)
    unserved = UnservedPaths(layers, isolation)
    exception_handlers = {**EXCEPTION_HANDLERS, HTTPException: unserved.handle}
    recorder = RouteRecorder()
    schemas = WireSchemas(handler for contribution in contributions for handler in contribution.payloads)
    return Application(
        route_handlers=[*routers, *unserved.websockets, *_host_handlers(contributions, health, channels)],
        exception_handlers=exception_handlers,
        after_exception=[log_websocket_error],
        dependencies={"request_data": FromRequest(request_data)},
        state=State({AUTHENTICATOR: authenticator_of(contracts, isolation.is_failed)}),
        plugins=[
            schemas,
            recorder,
            GuardedHandlers(exception_handlers.values()),
            PydanticPlugin(prefer_alias=True),
        ],
        request_class=HostRequest,
        type_encoders={Document: wire},
        lifespan=list(lifespan),
        logging_config=None,
        openapi_config=openapi_config(recorder, schemas.components),
    )


def _host_handlers(contributions: Sequence[Contributions], health: Health | None, channels: ChannelBroker | None) -> list[Any]:
    """Return the route handlers of the host itself."""
    declared = any(contribution.channels for contribution in contributions)
    return [
        *(health_handlers(health) if health is not None else ()),
        *(channel_handlers(channels) if channels is not None and declared else ()),
    ]
