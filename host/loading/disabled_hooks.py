"""Hooks that one host does not call: a test disables those that it cannot run."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from typing import TypeVar

from host.common.errors import ConfigurationError, NoSuchPluginError
from host.common.naming import did_you_mean, root_key

T = TypeVar("T")


class DisabledHooks:
    """The disabled hooks by plugin."""

    def __init__(self) -> None:
        self._hooks: dict[str, set[str]] = {}

    def add(self, key: str, hook: str) -> None:
        """Disable a hook.

        Args:
            key: of the plugin.
            hook: the name of the hook.
        """
        self._hooks.setdefault(key, set()).add(hook)

    def without(self, key: str, hooks: Mapping[str, T]) -> Mapping[str, T]:
        """Return the hooks of a plugin that are not disabled.

        Args:
            key: of the plugin.
            hooks: what it implements, by name.

        Raises:
            ConfigurationError: it does not implement a hook that is disabled.
        """
        disabled_hooks = self._hooks.get(key, set())
        for hook in sorted(disabled_hooks - hooks.keys()):
            message = f"the hook {hook!r} of {key} cannot be disabled, {key} does not implement it"
            raise ConfigurationError(message, fix=did_you_mean(hook, hooks))
        return {name: implementation for name, implementation in hooks.items() if name not in disabled_hooks}

    def check(self, keys: Collection[str], failed: Container[str]) -> None:
        """Check that the plugins of the disabled hooks exist.

        Args:
            keys: of all enabled plugins.
            failed: the keys of the plugins that failed, whose children are unknown.

        Raises:
            NoSuchPluginError: a plugin does not exist.
        """
        for key in self._hooks:
            if key not in keys and root_key(key) not in failed:
                message = f"a hook of {key!r} cannot be disabled, there is no such plugin"
                raise NoSuchPluginError(message, fix=did_you_mean(key, keys))
