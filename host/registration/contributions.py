"""What one plugin registers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from beanie import Document

from hookspecs import Channel, Contract, Extension, ExtensionPoint, Frontend, Layer, PayloadHandler, Rules, Static, Uses
from host.common.errors import PluginError
from host.frontend.calls.operations import NamedOperation
from host.loading.plugin import LoadedPlugin
from host.registration.scope import PluginScope


@dataclass(eq=False)
class Contributions:
    """Everything that one plugin registers.

    Args:
        plugin: the plugin.
        scope: its scope.
        parent: the contributions of the plugin that contains it.
    """

    plugin: LoadedPlugin
    scope: PluginScope
    parent: Contributions | None = None
    models: tuple[type[Document], ...] = ()
    services: Mapping[str, Any] = field(default_factory=dict)
    contracts: tuple[Contract, ...] = ()
    uses: tuple[Uses, ...] = ()
    points: tuple[ExtensionPoint, ...] = ()
    extensions: tuple[Extension, ...] = ()
    payloads: tuple[PayloadHandler, ...] = ()
    rules: tuple[Rules, ...] = ()
    channels: tuple[Channel, ...] = ()
    layer: Layer = field(default_factory=Layer)
    middleware: tuple[Any, ...] = ()
    handlers: tuple[Any, ...] = ()
    static: tuple[Static, ...] = ()
    frontend: Frontend = field(default_factory=Frontend)
    operations: tuple[NamedOperation, ...] = ()

    @property
    def key(self) -> str:
        """The plugin key."""
        return self.plugin.key

    @property
    def home(self) -> str:
        """The key of the plugin in whose scope its services, its middleware and its layer are: its own, or its parent's."""
        return self.parent.key if self.parent is not None and self.plugin.shared else self.key

    def make_error(self, kind: type[PluginError], message: str, **more: Any) -> PluginError:
        """Return an error that names the plugin."""
        return self.plugin.make_error(kind, message, **more)


def shared_children(contributions: Iterable[Contributions]) -> dict[str, list[Contributions]]:
    """Return the shared children by the key of the plugin in whose scope they register.

    Args:
        contributions: in load order.
    """
    sharing: dict[str, list[Contributions]] = {}
    for plugin in contributions:
        if plugin.home != plugin.key:
            sharing.setdefault(plugin.home, []).append(plugin)
    return sharing


def guards_around(plugin: Contributions, sharing: Mapping[str, Iterable[Contributions]]) -> list[Any]:
    """Return the guards of all layers around a plugin, its own included, the outermost first.

    Args:
        plugin: its contributions.
        sharing: see :func:`shared_children`.
    """
    outer = [] if plugin.parent is None else guards_around(plugin.parent, sharing)
    beside = [*([] if plugin.plugin.shared else [plugin]), *sharing.get(plugin.key, ())]
    return [*outer, *(guard for other in beside for guard in other.layer.guards)]
