"""Specifications of the hooks about starting and stopping. All may be async, each under ``plugins.timeout`` seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookspecs.markers import hookspec

if TYPE_CHECKING:
    from hookspecs.scope import Scope


@hookspec
async def on_startup(scope: Scope) -> None:
    """The database is open and the plugin's services are made; dependencies have started before (rows K15b, F24)."""


@hookspec
async def on_ready(scope: Scope) -> None:
    """Every plugin has started; requests come next (row F24)."""


@hookspec
async def on_shutdown(scope: Scope) -> None:
    """The server has stopped taking requests; the database is still open. Dependants have stopped before (rows F25, K15i)."""


@hookspec
async def check_health(scope: Scope) -> str | None:
    """How the plugin is: ``None``, or in a text for everybody what is wrong. Called for all plugins at once by ``/health/ready``.

    Raising, or taking longer than ``plugins.timeout``, is a problem too. One of a plugin with ``on_failure = "abort"`` makes the
    host unhealthy (503), one of a plugin with ``isolate`` degraded (200).
    """
