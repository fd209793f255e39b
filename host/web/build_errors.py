"""What Litestar refuses is one plugin's fault: whose, is found by building smaller applications (trap P13)."""

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


def find_refused(contributions: Sequence[Contributions], contracts: Contracts) -> list[tuple[Contributions, PluginError]]:
    """The plugins of which Litestar makes no application, each with the reason.

    Args:
        contributions: of all plugins, in load order.
        contracts: the provided ones.
    """

    def reason(some: Sequence[Contributions]) -> Exception | None:
        try:
            build_application(some, contracts, Isolation())
        except Exception as error:  # noqa: BLE001 - whatever a handler or a middleware of a plugin raises is that plugin's
            return error
        return None

    families: dict[str, list[Contributions]] = {}
    for one in contributions:
        families.setdefault(root_key(one.key), []).append(one)
    found = [refused for family in families.values() for refused in _in_family(family, reason)]
    return found or _together(contributions, reason)


def _in_family(
    family: Sequence[Contributions], reason: Callable[[Sequence[Contributions]], Exception | None]
) -> list[tuple[Contributions, PluginError]]:
    """An installed plugin and what lies in it, one after the other; who is refused is left out, with what lies in it."""
    found = []
    accepted: list[Contributions] = []
    for one in family:
        if one.parent is not None and all(one.parent.key != other.key for other in accepted):
            continue
        probed = one if one.handlers else replace(one, handlers=(_probe(one),))
        error = reason([*accepted, probed])
        if error is None:
            accepted.append(probed)
        else:
            found.append((one, _refusal(one, error)))
    return found


def _probe(one: Contributions) -> HTTPRouteHandler:
    """Stands in for the routes of a plugin that has none, so that its layer is looked at all the same."""

    @get(f"/host-probe/{one.key}", sync_to_thread=False)
    def probe() -> None: ...

    return probe


def _together(
    contributions: Sequence[Contributions], reason: Callable[[Sequence[Contributions]], Exception | None]
) -> list[tuple[Contributions, PluginError]]:
    """The first plugin that does not go together with those before it; found by halves, as each try takes long."""
    fine, refused = 0, len(contributions)
    error: Exception | None = None
    while refused - fine > 1:
        middle = (fine + refused) // 2
        problem = reason(contributions[:middle])
        fine, refused, error = (middle, refused, error) if problem is None else (fine, middle, problem)
    error = error or reason(contributions)
    return [] if error is None else [(contributions[refused - 1], _refusal(contributions[refused - 1], error))]


def _refusal(one: Contributions, error: Exception) -> PluginError:
    hooks = "register_routes, register_layer, register_services and register_middleware"
    fix = "see the cause, and mend the handler or what it inherits"
    refusal = one.plugin.make_error(HookResultError, f"Litestar refuses what {hooks} returned", hook="register_routes", fix=fix)
    refusal.__cause__ = error
    return refusal
