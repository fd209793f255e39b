"""Where 503 can be mounted for plugins that failed, without hiding a route of one that lives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from host.common.naming import join_paths
from host.registration.contributions import Contributions
from host.registration.routes import flatten
from host.web.isolation import refusal


def refusals(failed: Iterable[tuple[str, str]], contributions: Iterable[Contributions]) -> list[Any]:
    """The handlers of prefixes under which nobody else has a route; elsewhere paths without a route are answered one by one.

    Args:
        failed: key and prefix of the plugins that failed.
        contributions: of the plugins that live.
    """
    at: dict[str, list[str]] = {}
    for key, prefix in failed:
        at.setdefault(prefix, []).append(key)
    living = [path.split("/")[1:] for path in _paths(contributions)] if at else []
    free = [prefix for prefix in at if not any(_meet(prefix.split("/")[1:], path) for path in living)]
    outermost = [prefix for prefix in free if not any(prefix.startswith(f"{other}/") for other in free)]
    return [refusal(prefix, at[prefix]) for prefix in outermost]


def _paths(contributions: Iterable[Contributions]) -> Iterable[str]:
    for one in contributions:
        yield from (join_paths(one.scope.prefix, route.path) for route in flatten(one.handlers))
        yield from (join_paths(one.scope.prefix, static.path, "{file:path}") for static in one.static)


def _meet(prefix: Sequence[str], path: Sequence[str]) -> bool:
    """Whether requests of a route may lie under a prefix, or the prefix under what a route takes whole."""
    for wanted, found in zip(prefix, path, strict=False):
        if found.startswith("{"):
            if found.endswith(":path}"):
                return True
        elif wanted != found:
            return False
    return len(path) >= len(prefix)
