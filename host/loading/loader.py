"""Load plugins one by one; what is wrong with one is said of that one (probes P1, P4, P5)."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from importlib_metadata import EntryPoint

from hookspecs import Child
from host.common.describe import describe_value
from host.common.errors import HookResultError, HookSignatureError, OptionsError, PluginImportError
from host.common.naming import is_prefix, join_paths
from host.common.settings import PluginSettings, Settings
from host.common.timeline import Timeline
from host.discovery.discover import GROUP
from host.discovery.installed_plugin import InstalledPlugin
from host.discovery.local_plugins import import_local
from host.loading.allow_list import AllowLists
from host.loading.disabled_hooks import DisabledHooks
from host.loading.hooks import HookManager, HookMismatchError, Implementation
from host.loading.options import from_parent, from_settings, model_of, option_names
from host.loading.plugin import LoadedPlugin, identity


class Loader:
    """Makes loaded plugins of installed ones, and of the children that they name.

    Args:
        settings: the settings.
        timeline: notes how long it takes.
        installed: all plugins, also those that are not loaded; rules of the settings may name them.
        disabled: hooks that are not called.
        manager: gets the plugins.

    Raises:
        SettingsError: a rule for a hook names something that does not exist.
    """

    def __init__(
        self,
        settings: Settings,
        timeline: Timeline,
        installed: Iterable[InstalledPlugin],
        disabled: DisabledHooks,
        manager: HookManager,
    ) -> None:
        self._settings = settings
        self._timeline = timeline
        self._disabled_hooks = disabled
        self._manager = manager
        self._allowed = AllowLists(settings, installed, self._manager.specified)
        #: Of installed plugins, with the objects themselves, so that no other one can get an id.
        self._targets: dict[int, tuple[str, Any]] = {}

    def load(self, installed: InstalledPlugin, table: PluginSettings) -> LoadedPlugin:
        """Import an installed plugin, check its hooks, validate its options.

        Args:
            installed: the plugin.
            table: its table in the settings.

        Raises:
            PluginImportError: its module cannot be imported, or has no such object.
            HookSignatureError: a hook that is not specified, or not so.
            HookNotAllowedError: a hook that the settings allow only to others.
            OptionsError: the options do not validate.
        """
        who = identity(installed.key, installed)
        target = self._import(installed)
        if (other := self._targets.get(id(target))) is not None:
            fix = "give each entry point a module or an object of its own"
            raise PluginImportError(f"{installed.target} is already the plugin {other[0]}", **who, fix=fix)
        prefix = table.prefix or join_paths(installed.key)
        plugin = LoadedPlugin(installed.key, installed, target, self._hooks(target, who), prefix, self._timeline)
        plugin = replace(plugin, options=from_settings(plugin, table.options, self._settings))
        self._targets[id(target)] = installed.key, target
        return plugin

    def load_child(self, parent: LoadedPlugin, child: Child, scope: Any) -> LoadedPlugin:
        """Load a plugin inside another one.

        Args:
            parent: the plugin that it lies in.
            child: what that one said of it.
            scope: of the parent; a function that gives the options takes it.

        Raises:
            HookSignatureError: a hook that is not specified, or not so.
            HookNotAllowedError: a hook that the settings allow only to others.
            HookResultError: it lies in itself, or what gives its options is no plain function of the scope.
            OptionsError: the options do not validate.
        """
        key = f"{parent.key}.{child.name}"
        who = identity(key, parent.installed)
        target = _made(child, who)
        _check_nesting(child.plugin, target, parent, who)
        plugin = LoadedPlugin(
            key, parent.installed, target, self._hooks(target, who), "", self._timeline, parent=parent, shared=child.shared
        )
        options = _given(plugin, child, scope)
        model = model_of(plugin)
        prefix = _prefix(plugin, child, options)
        if model is None or "prefix" not in option_names(model):
            options.pop("prefix", None)
        return replace(plugin, prefix=prefix, options=from_parent(plugin, model, options))

    def _hooks(self, target: Any, who: dict[str, str]) -> Mapping[str, Implementation]:
        try:
            found: Mapping[str, Implementation] = self._manager.implementations(target, who["plugin"])
        except HookMismatchError as problem:
            raise HookSignatureError(str(problem), **who, hook=problem.hook, fix=problem.fix) from None
        found = self._disabled_hooks.without(who["plugin"], found)
        self._allowed.check(found, who)
        self._manager.add(who["plugin"], target, found)
        return found

    def _import(self, plugin: InstalledPlugin) -> Any:
        with self._timeline.span("import", plugin.key):
            try:
                if plugin.file is not None:
                    return import_local(plugin.key, plugin.file)
                target = EntryPoint(plugin.key, plugin.target, GROUP).load()
                return target() if inspect.isclass(target) else target
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # sys.exit and a panic of an extension module are no Exception
                message = f"{plugin.target} cannot be imported"
                fix = f"mend the plugin, or leave it out: host plugins disable {plugin.key}"
                raise PluginImportError(message, **identity(plugin.key, plugin), fix=fix) from error


def _made(child: Child, who: dict[str, str]) -> Any:
    """The object with the hooks; a class is called."""
    if not inspect.isclass(child.plugin):
        return child.plugin
    try:
        return child.plugin()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # sys.exit and a panic of an extension module are no Exception
        message = f"{child.plugin.__qualname__} cannot be made"
        fix = "see the cause; a class must take no arguments, else pass an instance"
        raise PluginImportError(message, **who, fix=fix) from error


def _check_nesting(made_of: Any, target: Any, parent: LoadedPlugin, who: dict[str, str]) -> None:
    around: LoadedPlugin | None = parent
    while around is not None:
        if around.target is target or (inspect.isclass(made_of) and type(around.target) is made_of):
            message, fix = f"{who['plugin']} is the plugin {around.key}, in which it lies", "pass another plugin to Child"
            raise HookResultError(message, **who, hook="register_plugins", fix=fix)
        around = around.parent


def _given(plugin: LoadedPlugin, child: Child, scope: Any) -> dict[str, Any]:
    """What the parent gives as options, now that its earlier children are loaded (row F6)."""
    if isinstance(child.options, Mapping):
        return dict(child.options)
    what = f"the function that gives the options of {plugin.key}"
    with plugin.error_context("register_plugins", what):
        found = child.options(scope)
    if isinstance(found, Mapping):
        return dict(found)
    if inspect.iscoroutine(found):
        found.close()
        fix = "make it a plain function; what needs I/O goes into configure"
        raise plugin.make_error(HookResultError, f"{what} is async", hook="register_plugins", fix=fix)
    message = f"{what} returned {describe_value(found)}; it must return a mapping"
    raise plugin.make_error(HookResultError, message, hook="register_plugins", fix="return a dict")


def _prefix(plugin: LoadedPlugin, child: Child, options: Mapping[str, Any]) -> str:
    """The child's own part of the path, "" for none; the late one counts (row F7)."""
    given = options.get("prefix", child.prefix)
    if not isinstance(given, str) or (given.strip("/") and not is_prefix(join_paths(given))):
        message = f"the prefix {given!r} of {plugin.key} is not a path"
        raise plugin.make_error(OptionsError, message, fix="write a path such as '/invoices', or '' for the parent's")
    if given.strip("/") and child.shared:
        message = f"{plugin.key} is shared, so it has no scope of its own for the prefix {given!r}"
        raise plugin.make_error(OptionsError, message, fix="take shared=True or the prefix away")
    return join_paths(given) if given.strip("/") else ""
