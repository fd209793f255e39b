"""Find the plugin because of which Litestar does not build the application, by building smaller ones.

Litestar's errors do not name the handler or layer that caused them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from litestar import get
from litestar.handlers import HTTPRouteHandler

from host.common.errors import HookResultError, PluginError
from host.common.naming import root_key
from host.registration.contracts.contracts import Contracts
from host.registration.contributions import Contributions
from host.web.assemble import build_application
from host.web.isolation import Isolation


def find_rejected(contributions: Sequence[Contributions], contracts: Contracts) -> list[tuple[Contributions, PluginError]]:
    """Return the plugins that Litestar rejects, each with the reason.

    Args:
        contributions: of all plugins, in load order.
        contracts: the provided contracts.
    """

    def reason(some: Sequence[Contributions]) -> Exception | None:
        try:
            build_application(some, contracts, Isolation())
        except Exception as error:  # noqa: BLE001 - a handler or middleware may raise anything
            return error
        return None

    families: dict[str, list[Contributions]] = {}
    for contribution in contributions:
        families.setdefault(root_key(contribution.key), []).append(contribution)
    rejected = [pair for family in families.values() for pair in _in_family(family, reason)]
    return rejected or _together(contributions, reason)


def _in_family(
    family: Sequence[Contributions], reason: Callable[[Sequence[Contributions]], Exception | None]
) -> list[tuple[Contributions, PluginError]]:
    """Return the rejected plugins among an installed plugin and those nested in it, without the children of rejected ones."""
    rejected = []
    accepted: list[Contributions] = []
    for contribution in family:
        if contribution.parent is not None and all(contribution.parent.key != parent.key for parent in accepted):
            continue
        probed = contribution if contribution.handlers else replace(contribution, handlers=(_probe(contribution),))
        error = reason([*accepted, probed])
        if error is None:
            accepted.append(probed)
        else:
            rejected.append((contribution, _rejection(contribution, error)))
    return rejected


def _probe(contribution: Contributions) -> HTTPRouteHandler:
    """Return a route for a plugin without routes: Litestar checks a layer only if a route is below it."""

    @get(f"/host-probe/{contribution.key}", sync_to_thread=False)
    def probe() -> None: ...

    return probe


def _together(
    contributions: Sequence[Contributions], reason: Callable[[Sequence[Contributions]], Exception | None]
) -> list[tuple[Contributions, PluginError]]:
    """Return the first plugin that is rejected together with those before it, by bisection: building an application is slow."""
    accepted, rejected = 0, len(contributions)
    error: Exception | None = None
    while rejected - accepted > 1:
        middle = (accepted + rejected) // 2
        problem = reason(contributions[:middle])
        accepted, rejected, error = (middle, rejected, error) if problem is None else (accepted, middle, problem)
    error = error or reason(contributions)
    return [] if error is None else [(contributions[rejected - 1], _rejection(contributions[rejected - 1], error))]


def _rejection(contribution: Contributions, error: Exception) -> PluginError:
    hooks = "register_routes, register_layer, register_services and register_middleware"
    message = f"Litestar does not accept what {hooks} returned"
    fix = "see the cause, and fix the handler or the layer that it inherits"
    rejection = contribution.plugin.make_error(HookResultError, message, hook="register_routes", fix=fix)
    rejection.__cause__ = error
    return rejection
