"""The load order of one start: by metadata first, by contracts too once they are known; who fails takes dependants along."""

from __future__ import annotations

from host.discovery import Discovery, InstalledPlugin
from host.errors import DependencyCycleError, HostError
from host.failures import Failures
from host.loading import identity
from host.order import CycleError, parse_rules, sort
from host.settings import Settings


class LoadOrder:
    """Who comes before whom.

    Args:
        discovery: what was found.
        failures: gets the failures.
        settings: hold the rules of ``plugins.order``.
    """

    def __init__(self, discovery: Discovery, failures: Failures, settings: Settings) -> None:
        self.installed: dict[str, InstalledPlugin] = {plugin.key: plugin for plugin in discovery.enabled}
        #: The keys in load order, of those that had not failed when it was made.
        self.keys: list[str] = []
        self._discovery = discovery
        self._failures = failures
        self._settings = settings
        self._before: dict[str, set[str]] = {}
        self._rules: dict[str, set[str]] = {}

    def start(self) -> None:
        """Order by ``Requires-Dist`` and by the settings; what discovery found wrong, and who waits in a ring, fails.

        Raises:
            SettingsError: a rule of ``plugins.order`` is malformed or names no plugin.
        """
        self._rules = parse_rules(self._settings, {plugin.key for plugin in self._discovery.installed})
        for plugin in self._discovery.enabled:
            self._before[plugin.key] = {other.key for other in self._discovery.requires(plugin)}
        for error in self._discovery.errors:
            self.fail(error.plugin, error)
        self.sort()

    def add(self, first: str, *, before: str, needed: bool) -> None:
        """One plugin comes before another; :meth:`sort` then makes the order.

        Args:
            first: the key of the one.
            before: the key of the other.
            needed: whether the other fails when the one does.
        """
        (self._before if needed else self._rules).setdefault(before, set()).add(first)

    def sort(self) -> None:
        """Make the order anew, without those that failed; who waits in a ring fails."""
        while True:
            names = [key for key in self.installed if key not in self._failures]
            waiting = {key: self._before.get(key, set()) | self._rules.get(key, set()) for key in names}
            try:
                self.keys = sort(waiting, waiting)
            except CycleError as cycle:
                self._refuse_ring(cycle.ring)
            else:
                return

    def fail(self, key: str, error: HostError) -> None:
        """Record a failure; whoever depends on the plugin fails with it."""
        self._failures.add(key, error)
        dependants: dict[str, set[str]] = {}
        for name, others in self._before.items():
            for other in others:
                dependants.setdefault(other, set()).add(name)
        self._failures.take_along(dependants, {name: identity(plugin) for name, plugin in self.installed.items()})

    def _refuse_ring(self, ring: tuple[str, ...]) -> None:
        error = DependencyCycleError(
            f"plugins wait for each other: {' -> '.join(ring)}",
            **identity(self.installed[ring[0]]),
            fix="break the ring: drop one requirement, contract or rule of plugins.order, or disable one of them",
        )
        for key in dict.fromkeys(ring[1:]):
            self._failures.add(key, error)
        self.fail(ring[0], error)
