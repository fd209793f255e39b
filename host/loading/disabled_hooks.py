"""Single hooks that one host does not call: a test takes away what it cannot have (row E4)."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from typing import TypeVar

from host.common.errors import ConfigurationError, NoSuchPluginError
from host.common.naming import did_you_mean, root_key

T = TypeVar("T")


class DisabledHooks:
    """The hooks that are left out, by plugin."""

    def __init__(self) -> None:
        self._hooks: dict[str, set[str]] = {}

    def add(self, key: str, hook: str) -> None:
        """Leave one out.

        Args:
            key: of the plugin.
            hook: its name.
        """
        self._hooks.setdefault(key, set()).add(hook)

    def without(self, key: str, hooks: Mapping[str, T]) -> Mapping[str, T]:
        """The hooks of a plugin that are not left out.

        Args:
            key: of the plugin.
            hooks: what it implements, by name.

        Raises:
            ConfigurationError: it does not implement one that should be left out.
        """
        disabled_hooks = self._hooks.get(key, set())
        for hook in sorted(disabled_hooks - hooks.keys()):
            message = f"the hook {hook!r} of {key} cannot be disabled, {key} does not implement it"
            raise ConfigurationError(message, fix=did_you_mean(hook, hooks))
        return {name: found for name, found in hooks.items() if name not in disabled_hooks}

    def check(self, known: Collection[str], failed: Container[str]) -> None:
        """Refuse plugins that are not there.

        Args:
            known: the keys of all plugins that are to be started.
            failed: the keys of those that failed, whose children nobody knows.

        Raises:
            NoSuchPluginError: there is no plugin of one of the keys.
        """
        for key in self._hooks:
            if key not in known and root_key(key) not in failed:
                message = f"a hook of {key!r} cannot be disabled, there is no such plugin"
                raise NoSuchPluginError(message, fix=did_you_mean(key, known))
