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
