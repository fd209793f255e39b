"""What Litestar refuses is one plugin's fault: whose, is found by building each one's application alone (trap P13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from host.assembly.web import build_application
from host.contracts import Contracts
from host.contributions import Contributions
from host.errors import HookResultError, PluginError


def find_refused(contributions: Iterable[Contributions], contracts: Contracts) -> list[tuple[Contributions, PluginError]]:
    """The plugins of which Litestar makes no application, each with the reason.

    Args:
        contributions: of all plugins.
        contracts: the provided ones.
    """
    found: list[tuple[Contributions, PluginError]] = []
    for one in contributions:
        try:
            build_application([*_around(one), one], contracts)
        except Exception as error:  # noqa: BLE001 - whatever a handler or a middleware of a plugin raises is that plugin's
            message = "Litestar refuses what register_routes and register_middleware returned"
            refusal = one.plugin.blame(HookResultError, message, hook="register_routes", fix="see the cause, and mend the handler")
            refusal.__cause__ = error
            found.append((one, refusal))
    return found


def _around(one: Contributions) -> list[Contributions]:
    """The plugins that it lies in, outermost first, with what its routes inherit and no routes of their own."""
    found: list[Contributions] = []
    parent = one.parent
    while parent is not None:
        found.insert(0, replace(parent, handlers=(), static=()))
        parent = parent.parent
    return found
