"""Connect the plugins of one start with each other: contracts, the authenticator, conflicts, rules and services.

Each step may fail plugins. The contributions are therefore read again before each step, without those that failed meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from hookspecs import Extension, Uses
from host.loading.load_order import LoadOrder
from host.registration.authentication import follow_authenticator, unauthenticated
from host.registration.conflicts import find_conflicts, foreign_rules
from host.registration.contracts.contracts import Contracts
from host.registration.contributions import Contributions
from host.registration.injection import missing_names

#: Returns what the plugins that have not failed registered, in load order.
Registered = Callable[[], Sequence[Contributions]]


class Wiring:
    """The connections between the plugins of one start: each scope is bound to the contracts and extensions that it uses.

    Args:
        registered: returns the contributions of the plugins that have not failed.
    """

    def __init__(self, registered: Registered) -> None:
        #: The contracts of the plugins that have not failed; empty before :meth:`connect`.
        self.contracts = Contracts({})
        self._registered = registered
        self._is_loose = False

    def connect(self, plan: LoadOrder) -> None:
        """Connect plugins whose ``register_*`` hooks were called, and fail those that do not fit.

        Args:
            plan: receives the dependencies between plugins, and their failures.
        """
        registered = self._registered
        _order_by_contracts(registered(), plan)
        _refuse_invalid_contracts(registered, plan)
        _refuse_conflicts(registered(), plan)
        _refuse_unmet_uses(registered(), plan)
        _require_authenticator(registered(), plan)
        plan.sort()
        _declare_services(registered, plan)
        self.contracts = _bind(registered())
        self._is_loose = _is_loosely_bound(registered())

    def withdraw_failed(self) -> None:
        """Take what a plugin that has failed provides away from the plugins that have not failed with it."""
        if self._is_loose:
            self.contracts = _bind(self._registered())


def not_failed(contributions: Iterable[Contributions], plan: LoadOrder) -> Iterator[Contributions]:
    """The contributions of the plugins that have not failed; those that fail during the iteration are skipped.

    Args:
        contributions: in load order.
        plan: the load order, which records the failures.
    """
    return (plugin for plugin in contributions if not plan.failed(plugin.key))


def _bind(contributions: Sequence[Contributions]) -> Contracts:
    """Give each scope the contracts it uses, and what was added to its extension points."""
    contracts = Contracts.of(contributions)
    for plugin in contributions:
        plugin.scope.bind(contracts.implementations(plugin.uses), contracts.extensions(plugin.points))
    return contracts


def _is_loosely_bound(contributions: Iterable[Contributions]) -> bool:
    """Whether the failure of a plugin takes something away from plugins that do not fail with it."""
    return any(plugin.points or any(uses.optional for uses in plugin.uses) for plugin in contributions)


def _order_by_contracts(contributions: Sequence[Contributions], plan: LoadOrder) -> None:
    """Put users of contracts after their providers; done before any plugin fails, so that users fail with their provider."""
    contracts = Contracts.of(contributions)
    for plugin in contributions:
        for first, key, needed, why in contracts.edges(plugin):
            plan.add(first, before=key, needed=needed, why=why)
    follow_authenticator(contributions, contracts, plan)


def _refuse_invalid_contracts(registered: Registered, plan: LoadOrder) -> None:
    contributions = registered()
    for plugin, error in list(Contracts.of(contributions).validation_errors(contributions)):
        plan.fail(plugin.key, error)


def _refuse_conflicts(contributions: Sequence[Contributions], plan: LoadOrder) -> None:
    for loser, error in [*foreign_rules(contributions), *find_conflicts(contributions)]:
        plan.fail(loser.key, error)


def _refuse_unmet_uses(contributions: Sequence[Contributions], plan: LoadOrder) -> None:
    contracts = Contracts.of(contributions)
    for plugin in not_failed(contributions, plan):
        values: tuple[Uses | Extension, ...] = (*plugin.uses, *plugin.extensions)
        for value in values:
            if problem := contracts.problem(plugin, value):
                plan.fail(plugin.key, problem)


def _require_authenticator(contributions: Sequence[Contributions], plan: LoadOrder) -> None:
    for plugin, error in list(unauthenticated(contributions, Contracts.of(contributions))):
        plan.fail(plugin.key, error)


def _declare_services(registered: Registered, plan: LoadOrder) -> None:
    """Let each scope know the names of all services, then fail plugins whose handlers ask for one that they cannot see."""
    contributions = registered()
    owners: dict[str, dict[str, str]] = {}
    for plugin in contributions:
        for name in plugin.services:
            owners.setdefault(name, {})[plugin.key] = plugin.home
    for plugin in contributions:
        plugin.scope.services.declare(plugin.services, lambda name: owners.get(name, {}))
    for plugin, error in list(missing_names(contributions, owners, Contracts.of(contributions).provided)):
        plan.fail(plugin.key, error)
