"""The load order of one start: from metadata and the settings, then children, then contracts. Dependents fail together."""

from __future__ import annotations

from collections.abc import Mapping

from host.common.errors import DependencyCycleError, HostError
from host.common.naming import is_within, root_key
from host.common.settings import Settings
from host.discovery.discover import Discovery
from host.discovery.installed_plugin import InstalledPlugin
from host.loading.failures import Failures
from host.loading.plugin import identity
from host.loading.topological_sort import CycleError, Rules, parse_rules, sort, with_needed


class LoadOrder:
    """The order in which plugins are loaded and started, and the dependencies that it follows from.

    Args:
        discovery: the installed and enabled plugins.
        failures: receives the failures.
        settings: contain the rules of ``plugins.order``.
    """

    def __init__(self, discovery: Discovery, failures: Failures, settings: Settings) -> None:
        self.installed: dict[str, InstalledPlugin] = {plugin.key: plugin for plugin in discovery.enabled}
        #: The keys in load order, without those that had failed when it was last sorted.
        self.keys: list[str] = []
        #: The key of a child → the key of its parent.
        self.parents: dict[str, str] = {}
        self._discovery = discovery
        self._failures = failures
        self._settings = settings
        self._names: list[str] = list(self.installed)
        self._needs: dict[str, set[str]] = {}
        self._follows: dict[str, set[str]] = {}
        #: A plugin, another one that comes before it, whether the other one is needed → the reasons.
        self._why: dict[tuple[str, str, bool], list[str]] = {}
        #: Maps a parent to its shared children, whose failure it inherits.
        self._bound: dict[str, set[str]] = {}
        #: Maps a plugin to the plugins whose failure it inherits, whichever of them comes first.
        self._tied: dict[str, set[str]] = {}
        #: The place of a child among its siblings.
        self._places: dict[str, int] = {}
        self._rules = Rules({}, {})
        #: The keys that are ``first`` (-1) or ``last`` (1) in ``plugins.order``, with what a first one waits for.
        self._ranks: dict[str, int] = {}

    def start(self) -> None:
        """Order by ``Requires-Dist`` and by the settings. Plugins with errors of discovery, and those in a cycle, fail.

        Raises:
            SettingsError: a rule of ``plugins.order`` is malformed, or names an unknown plugin.
        """
        self._rules = parse_rules(self._settings, {plugin.key for plugin in self._discovery.installed})
        for key, others in self._rules.before.items():
            for other in others:
                self.add(other, before=key, needed=False, why="plugins.order")
        for plugin in self._discovery.enabled:
            for required in self._discovery.requires(plugin):
                self.add(required.key, before=plugin.key, needed=True, why="requirement")
        for error in self._discovery.errors:
            self.fail(error.plugin, error)
        self.sort()

    def add(self, first: str, *, before: str, needed: bool, why: str) -> None:
        """Put one plugin before another; :meth:`sort` computes the order.

        Args:
            first: the key of the first plugin.
            before: the key of the second plugin.
            needed: whether the second plugin fails if the first does.
            why: the reason in a few words, shown by ``host graph``.
        """
        reasons = self._why.setdefault((before, first, needed), [])
        if why not in reasons:
            reasons.append(why)
        (self._needs if needed else self._follows).setdefault(before, set()).add(first)

    def add_child(self, key: str, parent: str, *, shared: bool) -> None:
        """Put a child after its parent, with which it fails; a parent fails with its shared children too.

        Children come in the order in which they were added. Shared ones are added first, because the others see their services.
        """
        self._places[key] = len(self._names)
        self._names.append(key)
        self.parents[key] = parent
        self.add(parent, before=key, needed=True, why="child of")
        bound = self._bound.setdefault(parent, set())
        if shared:
            bound.add(key)
        else:
            for other in bound:
                self.add(other, before=key, needed=False, why="shared sibling")

    def tie(self, key: str, *, to: str) -> None:
        """Let a plugin fail if another one does, without putting it after that one.

        Args:
            key: of the plugin that fails as a dependent.
            to: the key of the plugin that it depends on.
        """
        self._tied.setdefault(key, set()).add(to)

    def before(self, key: str) -> set[str]:
        """Return the keys of all plugins that must come before a plugin, directly or not."""
        return _reached(key, self._needs, self._follows)

    def fails_with(self, key: str) -> set[str]:
        """Return the keys of all plugins whose failure a plugin inherits."""
        return _reached(key, self._needs, self._bound, self._tied)

    def may_be_isolated(self, key: str) -> bool:
        """Whether a plugin may fail while others are served, by itself or as a dependent of another."""
        if not self._failures.isolates:
            return False
        return any(self._failures.policy(other) == "isolate" for other in (key, *self.fails_with(key)))

    def needs(self, key: str) -> set[str]:
        """Return the keys of the plugins that a plugin cannot start without."""
        return self._needs.get(key, set())

    def is_shared(self, key: str) -> bool:
        """Whether a plugin is a shared child, with which its parent fails."""
        return key in self._bound.get(self.parents.get(key, ""), ())

    def follows(self, key: str) -> set[str]:
        """Return the keys that come before a plugin if they are enabled, by an optional contract or by ``plugins.order``."""
        return self._follows.get(key, set())

    def prerequisites(self) -> dict[str, set[str]]:
        """Return the keys of the plugins that must have started before a plugin does; the others may start together with it.

        A plugin waits for its parent, for the plugins that it needs or follows with all their children, and for those that the
        rules ``first`` and ``last`` put before it. It never waits for a plugin that comes later in the load order, so no cycle is
        possible.

        Returns:
            key → the keys that it waits for.
        """
        places = {key: place for place, key in enumerate(self.keys)}
        inside = self._inside()
        earlier: dict[str, set[str]] = {}
        for key in self.keys:
            awaited = {other for other in self.needs(key) | self.follows(key) if other in places}
            around = {other for other in awaited if is_within(key, other)}
            subtrees = [*(awaited - around), *self._ranked_before(key, places)]
            earlier[key] = around | {other for root in subtrees for other in (root, *inside[root]) if places[other] < places[key]}
        for key in reversed(self.keys):  # from the inside out, so that what a shared grandchild waits for gets there too
            if self.is_shared(key):
                # Its services are created together with its parent's, so the parent waits for what they need.
                parent = self.parents[key]
                earlier[parent] |= {other for other in earlier[key] if places[other] < places[parent]}
        return earlier

    def _inside(self) -> dict[str, list[str]]:
        """Return the keys of the children of each plugin, at any depth."""
        inside: dict[str, list[str]] = {key: [] for key in self.keys}
        for key in self.keys:
            around = self.parents.get(key)
            while around is not None:
                inside[around].append(key)
                around = self.parents.get(around)
        return inside

    def _ranked_before(self, key: str, places: Mapping[str, int]) -> list[str]:
        """Return the installed plugins that come before another because one of them is ``first`` or ``last``."""
        if key in self.parents:
            return []
        rank = self._ranks.get(key, 0)
        ranked = (root for root in self.installed if root in places) if rank > 0 else self._ranks
        return [root for root in ranked if root in places and self._ranks.get(root, 0) < rank and root not in self.parents]

    def why(self, key: str, other: str, *, needed: bool) -> list[str]:
        """Return the reasons for which a plugin comes after another.

        Args:
            key: of the plugin.
            other: the key of the plugin before it.
            needed: whether to return the reasons for needing the other one, or those for only following it.
        """
        return list(self._why.get((key, other, needed), ()))

    def sort(self) -> None:
        """Compute the order again, without the plugins that failed; plugins that depend on each other in a cycle fail."""
        while True:
            names = [key for key in self._names if key not in self._failures]
            waiting = {key: self.needs(key) | self.follows(key) for key in names}
            try:
                self._ranks = with_needed(self._rules.ranks, waiting)
                self.keys = sort(names, waiting, parents=self.parents, ranks=self._ranks | self._places)
            except CycleError as cycle:
                self._refuse_cycle(cycle.ring)
            else:
                return

    def failed(self, key: str) -> bool:
        """Whether a plugin has failed."""
        return key in self._failures

    def identity(self, key: str) -> dict[str, str]:
        """Return the arguments by which an error names a plugin."""
        return identity(key, self.installed.get(key) or self.installed[root_key(key)])

    def fail(self, key: str, error: HostError) -> None:
        """Record a failure, and propagate it to the dependents of the plugin."""
        self._failures.add(key, error)
        dependents: dict[str, set[str]] = {}
        for needs in (self._needs, self._bound, self._tied):
            for name, others in needs.items():
                for other in others:
                    dependents.setdefault(other, set()).add(name)
        self._failures.fail_dependents(dependents, self.identity)

    def _refuse_cycle(self, ring: tuple[str, ...]) -> None:
        error = DependencyCycleError(
            f"plugins depend on each other in a cycle: {' -> '.join(ring)}",
            **self.identity(ring[0]),
            fix="break the cycle: remove one requirement, contract or rule of plugins.order, or disable one of them",
        )
        for key in dict.fromkeys(ring[1:-1]):
            self._failures.add(key, error)
        self.fail(ring[0], error)


def _reached(key: str, *edges: Mapping[str, set[str]]) -> set[str]:
    """Return the keys that can be reached from a key in any number of steps."""
    found: set[str] = set()
    ahead = [key]
    while ahead:
        name = ahead.pop()
        new = set().union(*(kind.get(name, ()) for kind in edges)) - found
        found |= new
        ahead += new
    return found
