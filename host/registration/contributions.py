"""What one plugin registers: its hooks called in turn, each result checked and stamped with its owner (rows R4, R24)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from beanie import Document

from hookspecs import Channel, Contract, Extension, ExtensionPoint, Frontend, Layer, PayloadHandler, Rules, Static, Uses
from host.frontend.calls.operations import NamedOperation
from host.loading.plugin import LoadedPlugin
from host.registration.scope import PluginScope


@dataclass(eq=False)
class Contributions:
    """All that one plugin brings.

    Args:
        plugin: the plugin.
        scope: its scope.
        parent: what the plugin brings in which it lies.
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


def shared_children(contributions: Iterable[Contributions]) -> dict[str, list[Contributions]]:
    """The shared children by the key of the plugin in whose scope they put what they have.

    Args:
        contributions: in load order.
    """
    found: dict[str, list[Contributions]] = {}
    for one in contributions:
        if one.home != one.key:
            found.setdefault(one.home, []).append(one)
    return found


def guards_around(one: Contributions, sharing: Mapping[str, Iterable[Contributions]]) -> list[Any]:
    """The guards of all layers that a plugin lies in, its own among them; the outermost first.

    Args:
        one: what the plugin brings.
        sharing: see :func:`shared_children`.
    """
    outer = [] if one.parent is None else guards_around(one.parent, sharing)
    beside = [*([] if one.plugin.shared else [one]), *sharing.get(one.key, ())]
    return [*outer, *(guard for other in beside for guard in other.layer.guards)]
