"""One application of all plugins (rule 2 of the design; rows R3, R8, K15c, K15d)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

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
from host.web.health import Health, health_handlers
from host.web.isolation import unrouted
from host.web.litestar.application import Application, FromRequest
from host.web.litestar.guards import AwaitedGuards
from host.web.litestar.wire_schemas import WireSchemas
from host.web.mounts import refusals
from host.web.openapi import Routes, openapi_config
from host.web.payloads import wire
from host.web.problems import EXCEPTION_HANDLERS, http_or_unrouted, not_found, socket_failed
from host.web.requests import request_data
from host.web.routers import layers_at, outermost_routers

if TYPE_CHECKING:
    from host.registration.contracts.contracts import Contracts
    from host.web.channels.broker import ChannelBroker

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def build_application(
    contributions: Sequence[Contributions],
    contracts: Contracts,
    *,
    failed: Iterable[tuple[str, str]] = (),
    is_failed: Callable[[str], bool] = lambda _key: False,
    isolating: Callable[[str], bool] = lambda _key: False,
    lifespan: Sequence[Lifespan] = (),
    health: Health | None = None,
    channels: ChannelBroker | None = None,
) -> Litestar:
    """Put the application together.

    Args:
        contributions: of the plugins, in load order.
        contracts: the provided ones.
        failed: key and prefix of the plugins that were isolated; their prefixes answer 503.
        is_failed: whether a plugin failed after the application was built.
        isolating: whether a plugin may fail at start while the others are served.
        lifespan: what runs around serving.
        health: answers the host's own ``/health`` routes; without it there are none.
        channels: gives browsers what plugins broadcast, where one declares a channel; without it there are no such routes.
    """
    routers = outermost_routers(contributions, contracts, is_failed=is_failed, isolating=isolating)
    failed = list(failed)
    routes = Routes()
    schemas = WireSchemas(handler for one in contributions for handler in one.payloads)
    own = [(one.scope.prefix, one.key) for one in contributions if one.plugin.prefix]
    owners = sorted([*own, *((prefix, key) for key, prefix in failed)], key=lambda pair: (-len(pair[0]), pair))
    return Application(
        route_handlers=[
            *routers,
            *refusals(failed, contributions),
            *(health_handlers(health) if health is not None else ()),
            *(channel_handlers(channels) if channels is not None and any(one.channels for one in contributions) else ()),
        ],
        exception_handlers={
            **EXCEPTION_HANDLERS,
            HTTPException: http_or_unrouted(unrouted(owners, is_failed, not_found(layers_at(contributions)))),
        },
        after_exception=[socket_failed],
        dependencies={"request_data": FromRequest(request_data)},
        state=State({AUTHENTICATOR: authenticator_of(contracts, is_failed)}),
        plugins=[schemas, routes, AwaitedGuards(), PydanticPlugin(prefer_alias=True)],
        request_class=HostRequest,
        type_encoders={Document: wire},
        lifespan=list(lifespan),
        logging_config=None,
        openapi_config=openapi_config(routes),
    )
