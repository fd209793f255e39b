"""Who may implement a hook: ``[hooks.register_middleware] allow = ["acme__security"]`` (row K11)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from host.common.errors import HookNotAllowedError, SettingsError, UnknownPluginError
from host.common.naming import canonical, did_you_mean, root_key
from host.common.settings import Settings
from host.discovery.installed_plugin import InstalledPlugin


class AllowLists:
    """The rules of one host.

    Args:
        settings: hold them.
        installed: all plugins; a rule names no other. A dotted name is known by the plugin in which that child would lie: which
            children there are is known only when it is loaded.
        hooks: the names of all hooks.

    Raises:
        SettingsError: a rule for a hook that does not exist.
        UnknownPluginError: a rule names a plugin that is not installed.
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
        known = {known for plugin in plugins for known in (plugin.key, plugin.distribution)}
        message = f"no installed plugin or distribution is called {name!r}"
        fix = f"{did_you_mean(name, known) or 'no plugin is installed;'} where the plugin was uninstalled, take its name out"
        raise UnknownPluginError(message, **self._settings.place("hooks", hook, "allow"), fix=fix)

    def check(self, hooks: Iterable[str], who: dict[str, str]) -> None:
        """Refuse a plugin that implements what it may not.

        Args:
            hooks: that it implements.
            who: its key, distribution and version, as an error takes them.

        Raises:
            HookNotAllowedError: a rule for one of the hooks does not name it.
        """
        for hook in sorted(self._settings.hooks.keys() & set(hooks)):
            allow = self._settings.hooks[hook].allow
            if any(_covers(name, who["plugin"], who["distribution"]) for name in allow):
                continue
            message = f"{hook} is allowed to {', '.join(allow) or 'no plugin'}, and {who['plugin']} implements it"
            fix = f"add {who['plugin']} to allow, or leave the plugin out: host plugins disable {root_key(who['plugin'])}"
            raise HookNotAllowedError(message, **who, hook=hook, **self._settings.place("hooks", hook, "allow"), fix=fix)


def _covers(name: str, key: str, distribution: str) -> bool:
    """Whether a name in a rule means a plugin, or one in which it lies."""
    return key == name or key.startswith(f"{name}.") or canonical(name) == canonical(distribution)
