"""Import plugins one by one; what is wrong with one is said of that one (probes P1, P4, P5)."""

from __future__ import annotations

import inspect
import os
from asyncio import CancelledError
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import pydantic
from importlib_metadata import EntryPoint

from host.discovery import GROUP, InstalledPlugin
from host.errors import HookCallError, HookResultError, HookSignatureError, OptionsError, PluginError, PluginImportError, shown
from host.hooks import HookManager, HookMismatchError, Implementation
from host.naming import did_you_mean
from host.settings import PluginSettings, Settings


@dataclass(frozen=True, eq=False)
class LoadedPlugin:
    """An imported plugin whose hooks fit and whose options are valid.

    Args:
        installed: where it comes from.
        hooks: its implementations by hook name.
        options: an instance of the class from ``plugin_options``, ``None`` without one.
        settings: its table in the settings.
    """

    installed: InstalledPlugin
    hooks: Mapping[str, Implementation]
    options: Any
    settings: PluginSettings

    @property
    def key(self) -> str:
        """The plugin key."""
        return self.installed.key

    def call(self, hook: str, **arguments: Any) -> Any:
        """Call a hook; ``None`` where the plugin does not implement it.

        Raises:
            HookCallError: it raised; the cause is kept.
        """
        implementation = self.hooks.get(hook)
        if implementation is None:
            return None
        with self.blaming(hook):
            return implementation(**arguments)

    @contextmanager
    def blaming(self, hook: str, what: str = "", kind: type[PluginError] = HookCallError) -> Iterator[None]:
        """Put the plugin's name and the hook's on whatever is raised within; only Ctrl+C and a cancellation pass.

        A plugin must not be able to end the host by ``sys.exit`` or by a panic of an extension module, which is no ``Exception``.

        Args:
            hook: the hook that is called, or that registered what is called.
            what: what is called, where it is not the hook itself.
            kind: of the error.

        Raises:
            PluginError: something was raised; the cause is kept.
        """
        try:
            yield
        except PluginError as error:
            if error.plugin != self.key:
                raise self.raised(error, hook, what, kind) from error
            error.hook = error.hook or hook
            raise
        except (KeyboardInterrupt, CancelledError):
            raise
        except BaseException as error:
            raise self.raised(error, hook, what, kind) from error

    def raised(self, error: BaseException, hook: str, what: str = "", kind: type[PluginError] = HookCallError) -> PluginError:
        """What to raise, from ``error``, where something of the plugin raised that; arguments as for :meth:`blaming`."""
        fix = f"mend the plugin, or leave it out: host plugins disable {self.key}; --traceback shows where it comes from"
        return self.blame(kind, f"{what or hook} raised {type(error).__name__}", hook=hook, fix=fix)

    def blame(self, kind: type[PluginError], message: str, **more: Any) -> PluginError:
        """An error with this plugin's name on it."""
        return kind(message, **identity(self.installed), **more)


def identity(plugin: InstalledPlugin) -> dict[str, str]:
    """The arguments by which an error names a plugin."""
    return {"plugin": plugin.key, "distribution": plugin.distribution, "version": plugin.version}


def load(plugin: InstalledPlugin, manager: HookManager, table: PluginSettings, settings: Settings) -> LoadedPlugin:
    """Import one plugin, check its hooks, validate its options.

    Raises:
        PluginImportError: its module cannot be imported, or has no such object.
        HookSignatureError: a hook that is not specified, or not so.
        OptionsError: the options do not validate.
    """
    target = _import(plugin)
    if (other := manager.key_of(target)) is not None:
        fix = "give each entry point a module or an object of its own"
        raise PluginImportError(f"{plugin.target} is already the plugin {other}", **identity(plugin), fix=fix)
    try:
        hooks = manager.implementations(target, plugin.key)
    except HookMismatchError as problem:
        raise HookSignatureError(str(problem), **identity(plugin), hook=problem.hook, fix=problem.fix) from None
    loaded = LoadedPlugin(plugin, hooks, None, table)
    try:
        options = _options(loaded, settings)
    except PluginError:
        manager.forget(target)
        raise
    return LoadedPlugin(plugin, hooks, options, table)


def _import(plugin: InstalledPlugin) -> Any:
    try:
        target = EntryPoint(plugin.key, plugin.target, GROUP).load()
        return target() if inspect.isclass(target) else target
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # sys.exit and a panic of an extension module are no Exception
        message = f"{plugin.target} cannot be imported"
        fix = f"mend the plugin, or leave it out: host plugins disable {plugin.key}"
        raise PluginImportError(message, **identity(plugin), fix=fix) from error


def _options(plugin: LoadedPlugin, settings: Settings) -> Any:
    problems: list[_Problem] = []
    given = _resolved(plugin.settings.options, problems)
    model = plugin.call("plugin_options")
    if model is None:
        if plugin.settings.options:
            first = next(iter(plugin.settings.options))
            _refuse(plugin, settings, [_Problem(first, "the plugin takes no options", "take the table out")])
        return None
    if not (inspect.isclass(model) and issubclass(model, pydantic.BaseModel)):
        message = f"plugin_options returned {shown(model)}; it must return a pydantic model class"
        raise plugin.blame(HookResultError, message, hook="plugin_options", fix="return the class, not an instance of it, or None")
    if model.model_config.get("extra") != "allow":
        known = _option_names(model)
        for name in given.keys() - known:
            del given[name]
        unknown = (name for name in plugin.settings.options if name not in known)
        problems += [_Problem(name, f"unknown option {name!r}", did_you_mean(name, known)) for name in unknown]
    with plugin.blaming("plugin_options", f"the validation of {model.__name__}"):
        try:
            options = model.model_validate(given)
        except pydantic.ValidationError as error:
            unset = {problem.name for problem in problems}
            problems += [problem for problem in _problems_in(error) if problem.name not in unset]
    if problems:
        _refuse(plugin, settings, problems)
    return options


@dataclass(frozen=True, slots=True)
class _Problem:
    """An option that does not fit; "" as its name for all of them together."""

    name: str
    message: str
    fix: str


def _resolved(options: Mapping[str, Any], problems: list[_Problem], inside: str = "") -> dict[str, Any]:
    """``{ env = "NAME" }``, in tables of tables too, is the value of an environment variable: so secrets stay out of the file."""
    found: dict[str, Any] = {}
    for name, value in options.items():
        path = f"{inside}{name}"
        if not isinstance(value, dict):
            found[name] = value
        elif value.keys() != {"env"}:
            found[name] = _resolved(value, problems, f"{path}.")
        elif (variable := str(value["env"])) in os.environ:
            found[name] = os.environ[variable]
        else:
            problems.append(_Problem(path, f"option {path!r}: the environment has no {variable}", f"export {variable}=…"))
    return found


def _option_names(model: type[pydantic.BaseModel]) -> set[str]:
    """The names under which the fields of a model are taken."""
    by_name = model.model_config.get("populate_by_name") or model.model_config.get("validate_by_name")
    names: set[str] = set()
    for field, info in model.model_fields.items():
        alias = info.validation_alias
        choices = alias.choices if isinstance(alias, pydantic.AliasChoices) else [alias]
        names |= {str(choice.path[0] if isinstance(choice, pydantic.AliasPath) else choice) for choice in choices if choice}
        if by_name or alias is None:
            names.add(field)
    return names


def _problems_in(error: pydantic.ValidationError) -> Iterator[_Problem]:
    """What does not fit, without what was given: that may be a secret."""
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        name = ".".join(str(part) for part in one["loc"])
        message = f"option {name!r}: {one['msg']}" if name else f"the options: {one['msg']}"
        yield _Problem(name, message, "correct the value in the plugin's options")


def _refuse(plugin: LoadedPlugin, settings: Settings, problems: Sequence[_Problem]) -> NoReturn:
    table = next((name for name in settings.plugins.tables if plugin.installed.named(name)), plugin.key)
    path = ["plugins", table, "options", *filter(None, problems[0].name.split("."))]
    raise OptionsError(
        "; ".join(problem.message for problem in problems),
        **identity(plugin.installed),
        **settings.place(*path),
        fix="; ".join(dict.fromkeys(problem.fix for problem in problems if problem.fix)),
    )
