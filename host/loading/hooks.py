"""The hooks of one plugin: found by pluggy, checked against the specifications, called one by one.

pluggy's own call order is last registered first and its errors name no plugin (probes P3-P8), so the host keeps pluggy's
markers and signature checks and calls the implementations itself, in its own order, each with its owner's name on any error.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pluggy

from hookspecs import PROJECT, data, frontend, lifecycle, plugin, web
from host.common.naming import did_you_mean

_SPECIFICATIONS: Final = (plugin, data, web, lifecycle, frontend)


@dataclass(frozen=True, slots=True)
class Implementation:
    """One hook of one plugin.

    Args:
        hook: its name.
        function: what to call.
        arguments: the names that it takes.
    """

    hook: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]

    def __call__(self, **arguments: Any) -> Any:
        """Call it with the arguments that it takes."""
        return self.function(**{name: arguments[name] for name in self.arguments})


class HookMismatchError(Exception):
    """A plugin's hooks do not fit the specifications.

    Args:
        hook: the offending one.
        message: what is wrong with it.
        fix: what to do.
    """

    def __init__(self, hook: str, message: str, fix: str) -> None:
        super().__init__(message)
        self.hook = hook
        self.fix = fix


class HookManager(pluggy.PluginManager):
    """pluggy's manager with the host's specifications; remembers what it found in the plugin being registered.

    A plugin is registered for as long as its hooks are being checked: registering one compares it with all that are there.
    """

    def __init__(self) -> None:
        super().__init__(PROJECT)
        for module in _SPECIFICATIONS:
            self.add_hookspecs(module)
        self.specified: Final = frozenset(vars(self.hook))
        self.awaitable: Final = frozenset(
            name for module in _SPECIFICATIONS for name, value in vars(module).items() if inspect.iscoroutinefunction(value)
        )
        self._found: dict[str, Mapping[str, Any]] = {}

    def parse_hookimpl_opts(self, plugin: Any, name: str) -> Any:
        options = super().parse_hookimpl_opts(plugin, name)
        if options is not None:
            self._found[name] = options
        return options

    def implementations(self, plugin: Any, key: str) -> dict[str, Implementation]:
        """Check a plugin and give its hooks.

        Args:
            plugin: the object.
            key: its plugin key.

        Raises:
            HookMismatchError: a hook that is not specified, or not so; the manager then does not know the plugin.
        """
        self._found = {}
        try:
            self.register(plugin, key)
        except pluggy.PluginValidationError as error:
            raise self._explain(error, plugin) from None
        found = self._found
        try:
            checked = {name: self._checked(plugin, name, options) for name, options in found.items()}
            self._refuse_unmarked(plugin, found)
        finally:
            self.unregister(name=key)
        return checked

    def _checked(self, plugin: Any, name: str, options: Mapping[str, Any]) -> Implementation:
        if options.get("specname"):
            raise HookMismatchError(name, "specname is not supported", f"call the function {options['specname']}")
        if name not in self.specified:
            raise HookMismatchError(name, f"there is no hook {name!r}", did_you_mean(name, self.specified))
        for option in ("tryfirst", "trylast", "hookwrapper", "wrapper"):
            if options.get(option):
                fix = "order comes from Requires-Dist, from contracts and from plugins.order; take the option away"
                raise HookMismatchError(name, f"{name} is marked {option}, which the host does not honour", fix)
        function = getattr(plugin, name)
        self._check_kind(name, function)
        given = getattr(self.hook, name).spec.argnames
        arguments = _arguments(function)
        if extra := [argument for argument, required in arguments.items() if required and argument not in given]:
            fix = f"it may take {', '.join(given)}" if given else "it takes none"
            raise HookMismatchError(name, f"{name} takes {', '.join(extra)}, which the host does not give", fix)
        return Implementation(name, function, tuple(argument for argument in arguments if argument in given))

    def _check_kind(self, name: str, function: Callable[..., Any]) -> None:
        """Refuse what would not run as it reads: an async function where nobody awaits it, a generator where nobody iterates."""
        if inspect.isasyncgenfunction(function):
            raise HookMismatchError(name, f"{name} is an async generator", "take the yield out")
        if inspect.isgeneratorfunction(function) and not name.startswith("register_"):
            raise HookMismatchError(name, f"{name} is a generator, and nobody would iterate it", "take the yield out")
        if name not in self.awaitable and inspect.iscoroutinefunction(function):
            fix = f"make it a plain function; what needs I/O goes into {', '.join(sorted(self.awaitable))}"
            raise HookMismatchError(name, f"{name} is async, and this hook may not be", fix)

    def _refuse_unmarked(self, plugin: Any, found: Mapping[str, Any]) -> None:
        """Refuse what would silently never run: a function with a hook's name and no marker, a marked thing that is no function."""
        for name in sorted(self.specified - found.keys()):
            value = _own_member(plugin, name)
            if inspect.getattr_static(value, f"{PROJECT}_impl", None) is not None:
                raise HookMismatchError(name, f"{name} is marked as a hook and is not a function", "make it a function")
            if inspect.isfunction(value):
                raise HookMismatchError(name, f"{name} has the name of a hook and no marker", "put @hookimpl above it")

    def _explain(self, error: pluggy.PluginValidationError, plugin: Any) -> HookMismatchError:
        for name, options in self._found.items():
            try:
                self._checked(plugin, name, options)
            except HookMismatchError as mismatch:
                return mismatch
        return HookMismatchError("", str(error).splitlines()[-1].strip(), "see the specification in hookspecs")


def _arguments(function: Callable[..., Any]) -> dict[str, bool]:
    """The arguments of a function, and whether each must be given."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(function).parameters
    return {name: parameter.default is parameter.empty for name, parameter in parameters.items() if parameter.kind in kinds}


def _own_member(plugin: Any, name: str) -> Any:
    """What a module or the classes of an object define under a name, ``None`` for nothing; nothing is evaluated."""
    if not inspect.ismodule(plugin):
        return next((vars(base)[name] for base in type(plugin).__mro__[:-1] if name in vars(base)), None)
    value = vars(plugin).get(name)
    return None if inspect.isfunction(value) and value.__module__ != plugin.__name__ else value
