"""The hooks of one host: pluggy registers the plugins and checks their hooks; the host calls each implementation itself.

pluggy calls the implementations of all plugins in one go, the last registered first, and the first error ends the call without
the plugin's name. The host calls them one by one instead, in load order, so that a failure stays one plugin's. Each such call is
written to pluggy's trace, as pluggy writes its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pluggy

from hookspecs import PROJECT, data, frontend, lifecycle, plugin, web
from host.common.describe import describe_exception, describe_result
from host.common.naming import did_you_mean

_SPECIFICATIONS: Final = (plugin, data, web, lifecycle, frontend)
_REFUSED_OPTIONS: Final = ("tryfirst", "trylast", "hookwrapper", "wrapper")


@dataclass(frozen=True, slots=True)
class Implementation:
    """One hook of one plugin.

    Args:
        hook: its name.
        function: the function of the plugin.
        arguments: the names of the arguments that it takes.
        plugin: the key of the plugin.
        trace: pluggy's trace of hook calls.
    """

    hook: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]
    plugin: str
    trace: Callable[[object], object]

    def __call__(self, **arguments: Any) -> Any:
        """Call it with the arguments that it takes.

        The result is traced too, unless it comes only later: of a coroutine or a generator, the caller traces the result.
        """
        self.trace(_TraceLine(self, "called"))
        try:
            result = self.function(**{name: arguments[name] for name in self.arguments})
        except BaseException as error:
            self.trace_error(error)
            raise
        if not inspect.isawaitable(result) and not inspect.isgenerator(result):
            self.trace_result(result)
        return result

    def trace_result(self, result: object) -> None:
        """Write the result of a call to the trace."""
        self.trace(_TraceLine(self, "returned", result))

    def trace_error(self, error: BaseException) -> None:
        """Write the exception of a call to the trace."""
        self.trace(_TraceLine(self, "raised", error))


@dataclass(frozen=True, slots=True)
class _TraceLine:
    """A line of the trace, which is formatted only if the trace has a writer."""

    implementation: Implementation
    what: str
    value: object = None

    def __str__(self) -> str:
        name = f"{self.implementation.plugin}: {self.implementation.hook}"
        if self.what == "called":
            return f"{name}({', '.join(self.implementation.arguments)})"
        text = describe_exception(self.value) if isinstance(self.value, BaseException) else describe_result(self.value)
        return f"{name} {self.what} {text}"


class RegisteredPlugin:
    """A plugin as pluggy knows it: its hooks, under their names, as attributes.

    It stands for the plugin's module or object, because pluggy refuses one object under two keys, and the same object may be
    several children.

    Args:
        key: the plugin key.
        target: the module or object with the hooks.
        hooks: its implementations by hook name.
    """

    def __init__(self, key: str, target: Any, hooks: Mapping[str, Implementation]) -> None:
        self.key = key
        self.target = target
        vars(self).update({name: implementation.function for name, implementation in hooks.items()})

    def __repr__(self) -> str:
        return f"<plugin {self.key}>"


class HookMismatchError(Exception):
    """A hook of a plugin differs from its specification.

    Args:
        hook: the function at fault.
        message: the difference.
        fix: what to do.
    """

    def __init__(self, hook: str, message: str, fix: str) -> None:
        super().__init__(message)
        self.hook = hook
        self.fix = fix


class HookManager(pluggy.PluginManager):
    """pluggy's manager with the host's specifications and the plugins of one host, under their keys and in load order.

    It is meant for reading: ``get_plugin(key)``, ``list_name_plugin()``, ``hook.on_startup.get_hookimpls()``, ``trace``. A plugin
    that fails, or whose start fails with another's, is unregistered.
    """

    def __init__(self) -> None:
        super().__init__(PROJECT)
        for module in _SPECIFICATIONS:
            self.add_hookspecs(module)
        self.specified: Final = frozenset(vars(self.hook))
        self.awaitable: Final = frozenset(
            name for module in _SPECIFICATIONS for name, value in vars(module).items() if inspect.iscoroutinefunction(value)
        )
        self._trace = self.trace.root.get("hook")

    def implementations(self, target: Any, key: str) -> dict[str, Implementation]:
        """Check the hooks of a plugin against the specifications.

        Args:
            target: the module or object with the hooks.
            key: its plugin key.

        Returns:
            the implementations by hook name.

        Raises:
            HookMismatchError: a hook is not specified, or differs from its specification.
        """
        marked = {name: options for name in dir(target) if (options := self.parse_hookimpl_opts(target, name)) is not None}
        found: dict[str, Implementation] = {}
        functions: dict[str, str] = {}
        # Functions that are called like their hook come first, so that the other one of two is at fault.
        for name, options in sorted(marked.items(), key=lambda item: bool(item[1].get("specname"))):
            hook = options.get("specname") or name
            if hook not in self.specified and options.get("optionalhook"):
                continue  # the plugin says itself that hosts without this hook may ignore it
            if hook in found:
                message = f"{functions[hook]} and {name} both implement {hook}"
                raise HookMismatchError(name, message, "keep one of them, and let it call the other function")
            found[hook] = self._checked(target, key, name, hook, options)
            functions[hook] = name
        self._refuse_unmarked(target, marked.keys() | functions.keys())
        return found

    def add(self, key: str, target: Any, hooks: Mapping[str, Implementation]) -> None:
        """Register a plugin whose hooks were checked.

        Args:
            key: its plugin key.
            target: the module or object with the hooks.
            hooks: the implementations that the host will call.
        """
        self.register(RegisteredPlugin(key, target, hooks), key)

    def remove(self, key: str) -> None:
        """Unregister a plugin, if it is registered."""
        if self.has_plugin(key):
            self.unregister(name=key)

    def arrange(self, keys: Iterable[str]) -> None:
        """Register the plugins in another order.

        Args:
            keys: of the registered plugins, in load order; the others are not changed.
        """
        wanted = [key for key in keys if self.has_plugin(key)]
        registered = [key for key, _ in self.list_name_plugin()]
        if wanted == registered:
            return
        plugins = {key: self.unregister(name=key) for key in wanted}
        for key, registered_plugin in plugins.items():
            self.register(registered_plugin, key)

    def _checked(self, target: Any, key: str, name: str, hook: str, options: Mapping[str, Any]) -> Implementation:
        if hook not in self.specified:
            raise HookMismatchError(name, f"there is no hook {hook!r}", did_you_mean(hook, self.specified))
        for option in _REFUSED_OPTIONS:
            if options.get(option):
                fix = "remove the option; the order follows from Requires-Dist, from contracts and from plugins.order"
                raise HookMismatchError(name, f"{name} is marked {option}, which the host does not support", fix)
        function = getattr(target, name)
        self._check_kind(hook, function)
        specified = getattr(self.hook, hook).spec.argnames
        arguments = _arguments(function)
        if extra := [argument for argument, required in arguments.items() if required and argument not in specified]:
            accepts = f"accepts only {', '.join(specified)}" if specified else "accepts no arguments"
            fix = f"remove {', '.join(extra)}; this hook {accepts}"
            raise HookMismatchError(name, f"{name} takes {', '.join(extra)}, which the host does not pass", fix)
        return Implementation(hook, function, tuple(argument for argument in arguments if argument in specified), key, self._trace)

    def _check_kind(self, hook: str, function: Callable[..., Any]) -> None:
        """Refuse functions that would not run: async functions, which are not awaited, and generators, which are not iterated."""
        if inspect.isasyncgenfunction(function):
            raise HookMismatchError(hook, f"{hook} is an async generator", "remove the yield")
        if inspect.isgeneratorfunction(function) and not hook.startswith("register_"):
            raise HookMismatchError(hook, f"{hook} is a generator, which the host does not iterate", "remove the yield")
        if hook not in self.awaitable and inspect.iscoroutinefunction(function):
            fix = f"make it a plain function, and move I/O to one of {', '.join(sorted(self.awaitable))}"
            raise HookMismatchError(hook, f"{hook} must not be async", fix)

    def _refuse_unmarked(self, target: Any, known: Iterable[str]) -> None:
        """Refuse hooks that would silently never run: functions without the marker, and marked objects that are not functions."""
        for name in sorted(self.specified.difference(known)):
            value = _own_member(target, name)
            if inspect.getattr_static(value, f"{PROJECT}_impl", None) is not None:
                raise HookMismatchError(name, f"{name} is marked as a hook and is not a function", "make it a function")
            if inspect.isfunction(value):
                raise HookMismatchError(name, f"{name} is named like a hook but lacks @hookimpl", "put @hookimpl above it")


def _arguments(function: Callable[..., Any]) -> dict[str, bool]:
    """Return the arguments of a function, and whether each is required."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(function).parameters
    return {name: parameter.default is parameter.empty for name, parameter in parameters.items() if parameter.kind in kinds}


def _own_member(target: Any, name: str) -> Any:
    """Return what a module, or the classes of an object, define under a name, ``None`` for nothing. Nothing is evaluated."""
    if not inspect.ismodule(target):
        return next((vars(base)[name] for base in type(target).__mro__[:-1] if name in vars(base)), None)
    value = vars(target).get(name)
    return None if inspect.isfunction(value) and value.__module__ != target.__name__ else value
