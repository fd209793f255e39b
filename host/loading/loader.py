"""Load plugins one by one, so that an error names the plugin at fault."""

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
    """Loads installed plugins, and the children that they declare.

    Args:
        settings: the settings.
        timeline: records how long it takes.
        installed: all plugins, also those that are not enabled; allow lists may name them.
        disabled: hooks that are not called.
        manager: gets the plugins.

    Raises:
        SettingsError: an allow list names something that does not exist.
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
        #: The objects of installed plugins by ``id``. They are kept, because the ``id`` of a freed object is given to another one.
        self._targets: dict[int, tuple[str, Any]] = {}

    def load(self, installed: InstalledPlugin, table: PluginSettings) -> LoadedPlugin:
        """Import an installed plugin, check its hooks, validate its options.

        Args:
            installed: the plugin.
            table: its table in the settings.

        Raises:
            PluginImportError: its module cannot be imported, or lacks the object.
            HookSignatureError: a hook is not specified, or differs from its specification.
            HookNotAllowedError: the settings allow a hook to other plugins only.
            OptionsError: the options are not valid.
        """
        owner = identity(installed.key, installed)
        target = self._import(installed)
        if (other := self._targets.get(id(target))) is not None:
            fix = "give each entry point a module or an object of its own"
            raise PluginImportError(f"{installed.target} is already the plugin {other[0]}", **owner, fix=fix)
        prefix = table.prefix or join_paths(installed.key)
        plugin = LoadedPlugin(installed.key, installed, target, self._hooks(target, owner), prefix, self._timeline)
        plugin = replace(plugin, options=from_settings(plugin, table.options, self._settings))
        self._targets[id(target)] = installed.key, target
        return plugin

    def load_child(self, parent: LoadedPlugin, child: Child, scope: Any) -> LoadedPlugin:
        """Load a child plugin.

        Args:
            parent: the plugin that contains it.
            child: the parent's declaration of it.
            scope: of the parent; passed to the function that returns the options.

        Raises:
            HookSignatureError: a hook is not specified, or differs from its specification.
            HookNotAllowedError: the settings allow a hook to other plugins only.
            HookResultError: the plugin contains itself, or the function that returns its options is not a plain function.
            OptionsError: the options are not valid.
        """
        key = f"{parent.key}.{child.name}"
        owner = identity(key, parent.installed)
        target = _instantiated(child, owner)
        _check_nesting(child.plugin, target, parent, owner)
        plugin = LoadedPlugin(
            key, parent.installed, target, self._hooks(target, owner), "", self._timeline, parent=parent, shared=child.shared
        )
        options = _options_from_parent(plugin, child, scope)
        model = model_of(plugin)
        prefix = _prefix(plugin, child, options)
        if model is None or "prefix" not in option_names(model):
            options.pop("prefix", None)
        return replace(plugin, prefix=prefix, options=from_parent(plugin, model, options))

    def _hooks(self, target: Any, owner: dict[str, str]) -> Mapping[str, Implementation]:
        try:
            hooks: Mapping[str, Implementation] = self._manager.implementations(target, owner["plugin"])
        except HookMismatchError as problem:
            raise HookSignatureError(str(problem), **owner, hook=problem.hook, fix=problem.fix) from None
        hooks = self._disabled_hooks.without(owner["plugin"], hooks)
        self._allowed.check(hooks, owner)
        self._manager.add(owner["plugin"], target, hooks)
        return hooks

    def _import(self, plugin: InstalledPlugin) -> Any:
        with self._timeline.span("import", plugin.key):
            try:
                if plugin.file is not None:
                    return import_local(plugin.key, plugin.file)
                target = EntryPoint(plugin.key, plugin.target, GROUP).load()
                return target() if inspect.isclass(target) else target
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # sys.exit and a panic of an extension module are not an Exception
                message = f"{plugin.target} cannot be imported"
                fix = f"fix the plugin, or disable it: host plugins disable {plugin.key}"
                raise PluginImportError(message, **identity(plugin.key, plugin), fix=fix) from error


def _instantiated(child: Child, owner: dict[str, str]) -> Any:
    """Return the object with the hooks; a class is instantiated."""
    if not inspect.isclass(child.plugin):
        return child.plugin
    try:
        return child.plugin()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # sys.exit and a panic of an extension module are not an Exception
        message = f"{child.plugin.__qualname__} cannot be instantiated"
        fix = "see the cause; if the class takes arguments, pass an instance to Child"
        raise PluginImportError(message, **owner, fix=fix) from error


def _check_nesting(declared: Any, target: Any, parent: LoadedPlugin, owner: dict[str, str]) -> None:
    """Refuse a plugin inside itself; of a class, another instance counts as the same plugin."""
    around: LoadedPlugin | None = parent
    while around is not None:
        if around.target is target or (inspect.isclass(declared) and type(around.target) is declared):
            message, fix = (
                f"{owner['plugin']} is the same plugin as {around.key}, which contains it",
                "pass another plugin to Child",
            )
            raise HookResultError(message, **owner, hook="register_plugins", fix=fix)
        around = around.parent


def _options_from_parent(plugin: LoadedPlugin, child: Child, scope: Any) -> dict[str, Any]:
    """Return the options that the parent passes; a function is called only now, when the earlier children are loaded."""
    if isinstance(child.options, Mapping):
        return dict(child.options)
    what = f"the function that returns the options of {plugin.key}"
    with plugin.error_context("register_plugins", what):
        options = child.options(scope)
    if isinstance(options, Mapping):
        return dict(options)
    if inspect.iscoroutine(options):
        options.close()
        fix = "make it a plain function; what needs I/O goes into configure"
        raise plugin.make_error(HookResultError, f"{what} is async", hook="register_plugins", fix=fix)
    message = f"{what} returned {describe_value(options)}; it must return a mapping"
    raise plugin.make_error(HookResultError, message, hook="register_plugins", fix="return a dict")


def _prefix(plugin: LoadedPlugin, child: Child, options: Mapping[str, Any]) -> str:
    """Return the child's own part of the path, "" for none. A prefix among its options overrides that of ``Child``."""
    prefix = options.get("prefix", child.prefix)
    if not isinstance(prefix, str) or (prefix.strip("/") and not is_prefix(join_paths(prefix))):
        message = f"the prefix {prefix!r} of {plugin.key} is not a path"
        raise plugin.make_error(OptionsError, message, fix="write a path such as '/invoices', or '' for the parent's")
    if prefix.strip("/") and child.shared:
        message = f"{plugin.key} is shared, so it has no scope of its own for the prefix {prefix!r}"
        raise plugin.make_error(OptionsError, message, fix="remove shared=True or the prefix")
    return join_paths(prefix) if prefix.strip("/") else ""
