"""The plugins of a host: ``host.plugins["acme__billing.invoice"]`` or ``host.plugins.acme__billing.invoice``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from host.common.errors import NoSuchPluginError
from host.common.naming import did_you_mean
from host.registration.contributions import Contributions
from host.registration.scope import PluginScope


class Plugin:
    """A plugin that has not failed. Its children are its attributes.

    Args:
        contributions: of the plugin.
        inside: all plugins, among them its children.
    """

    def __init__(self, contributions: Contributions, inside: Plugins) -> None:
        self._contributions = contributions
        self._inside = inside

    @property
    def key(self) -> str:
        """The plugin key."""
        return self._contributions.key

    @property
    def scope(self) -> PluginScope:
        """The scope of the plugin."""
        return self._contributions.scope

    @property
    def object(self) -> Any:
        """The module or object with the hooks."""
        return self._contributions.plugin.target

    @property
    def children(self) -> dict[str, Plugin]:
        """The child plugins by name, in load order."""
        start = f"{self.key}."
        return {
            key[len(start) :]: self._inside[key] for key in self._inside if key.startswith(start) and "." not in key[len(start) :]
        }

    def __getattr__(self, name: str) -> Plugin:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._inside[f"{self.key}.{name}"]
        except NoSuchPluginError as error:
            raise AttributeError(error.message) from None

    def __repr__(self) -> str:
        return f"<plugin {self.key}>"


class Plugins(Mapping[str, Plugin]):
    """The plugins that have not failed, in load order.

    Args:
        contributions: of the plugins.
        absent: key → why an installed plugin is not among them.
    """

    def __init__(self, contributions: list[Contributions], absent: Mapping[str, str]) -> None:
        self._plugins = {plugin.key: Plugin(plugin, self) for plugin in contributions}
        self._absent = absent

    def __getitem__(self, key: str) -> Plugin:
        try:
            return self._plugins[key]
        except KeyError:
            reason = self._absent.get(key)
            message = f"there is no plugin {key!r}" if reason is None else f"the plugin {key} is not available: {reason}"
            raise NoSuchPluginError(message, fix="" if reason else did_you_mean(key, self._plugins)) from None

    def __getattr__(self, name: str) -> Plugin:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except NoSuchPluginError as error:
            raise AttributeError(error.message) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._plugins)

    def __len__(self) -> int:
        return len(self._plugins)
