"""One application of all plugins (rule 2 of the design; rows R3, R8, K15c, K15d)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from beanie import Document
from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.plugins.pydantic import PydanticPlugin

from host import __version__
from host.assembly.application import Application
from host.assembly.gate import unrouted
from host.assembly.health import Health, health_handlers
from host.assembly.mounts import refusals
from host.assembly.payloads import wire
from host.assembly.problems import EXCEPTION_HANDLERS, http_or_unrouted, not_found
from host.assembly.routers import layers_at, outermost_routers
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
    health: Health | None = None,
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
    """
    routers = outermost_routers(contributions, contracts, is_failed=is_failed, isolating=isolating)
    failed = list(failed)
    own = [(one.scope.prefix, one.key) for one in contributions if one.plugin.prefix]
    owners = sorted([*own, *((prefix, key) for key, prefix in failed)], key=lambda pair: (-len(pair[0]), pair))
    return Application(
        route_handlers=[*routers, *refusals(failed, contributions), *(health_handlers(health) if health is not None else ())],
        exception_handlers={
            **EXCEPTION_HANDLERS,
            HTTPException: http_or_unrouted(unrouted(owners, is_failed, not_found(layers_at(contributions)))),
        },
        plugins=[PydanticPlugin(prefer_alias=True)],
        type_encoders={Document: wire},
        lifespan=list(lifespan),
        logging_config=None,
        openapi_config=OpenAPIConfig(title="litestar-host", version=__version__),
    )
