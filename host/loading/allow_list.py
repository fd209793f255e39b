"""Restrict hooks to certain plugins: ``[hooks.register_middleware] allow = ["acme__security"]``."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from host.common.errors import HookNotAllowedError, SettingsError, UnknownPluginError
from host.common.naming import canonical, did_you_mean, root_key
from host.common.settings import Settings
from host.discovery.installed_plugin import InstalledPlugin


class AllowLists:
    """The allow lists of one host.

    Args:
        settings: contain the lists.
        installed: all plugins that a list may name. Of a dotted name only the installed plugin is checked, because its children
            are not known before it is loaded.
        hooks: the names of all hooks.

    Raises:
        SettingsError: a list is for a hook that does not exist.
        UnknownPluginError: a list names a plugin that is not installed.
    """

    def __init__(self, settings: Settings, installed: Iterable[InstalledPlugin], hooks: Collection[str]) -> None:
        self._settings = settings
        plugins = list(installed)
        for hook, rule in settings.hooks.items():
            if hook not in hooks:
                raise SettingsError(f"there is no hook {hook!r}", **settings.place("hooks", hook), fix=did_you_mean(hook, hooks))
            for name in rule.allow:
                if not any(plugin.named(name) or ("." in name and plugin.key == root_key(name)) for plugin in plugins):
                    self._refuse_name(hook, name, plugins)

    def _refuse_name(self, hook: str, name: str, plugins: list[InstalledPlugin]) -> None:
        names = {known for plugin in plugins for known in (plugin.key, plugin.distribution)}
        message = f"no installed plugin or distribution is called {name!r}"
        fix = f"{did_you_mean(name, names) or 'no plugin is installed;'} if the plugin was uninstalled, remove its name"
        raise UnknownPluginError(message, **self._settings.place("hooks", hook, "allow"), fix=fix)

    def check(self, hooks: Iterable[str], identity: dict[str, str]) -> None:
        """Check that a plugin may implement its hooks.

        Args:
            hooks: the hooks that it implements.
            identity: its key, distribution and version, as arguments of an error.

        Raises:
            HookNotAllowedError: the list of one of the hooks does not name the plugin.
        """
        for hook in sorted(self._settings.hooks.keys() & set(hooks)):
            allow = self._settings.hooks[hook].allow
            if any(_covers(name, identity["plugin"], identity["distribution"]) for name in allow):
                continue
            key = identity["plugin"]
            allowed = f"only {', '.join(allow)}" if allow else "no plugin"
            message = f"{allowed} may implement {hook}, but {key} implements it"
            fix = f"add {key} to allow, or disable the plugin: host plugins disable {root_key(key)}"
            raise HookNotAllowedError(message, **identity, hook=hook, **self._settings.place("hooks", hook, "allow"), fix=fix)


def _covers(name: str, key: str, distribution: str) -> bool:
    """Whether a name in an allow list means a plugin, its distribution, or a plugin that contains it."""
    return key == name or key.startswith(f"{name}.") or canonical(name) == canonical(distribution)
