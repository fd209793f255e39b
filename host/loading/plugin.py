"""A loaded plugin: call its hooks, and put the plugin's name on everything that they raise."""

from __future__ import annotations

import inspect
from asyncio import CancelledError, current_task
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from host.common.errors import HookCallError, PluginError
from host.common.naming import last_name
from host.common.timeline import Timeline
from host.discovery.installed_plugin import InstalledPlugin
from host.loading.hooks import Implementation


@dataclass(frozen=True, eq=False)
class LoadedPlugin:
    """An imported plugin whose hooks match their specifications.

    Args:
        key: its plugin key; of a child, the parent's key, a dot and its name.
        installed: the installed plugin that it is, or that contains it.
        target: the module or object with its hooks.
        hooks: its implementations by hook name.
        prefix: of its routes, below its parent's.
        timeline: records how long its hooks take.
        options: an instance of the class from ``plugin_options``, ``None`` without one.
        parent: the plugin that contains it.
        shared: whether its services and its layer belong to its parent's scope.
    """

    key: str
    installed: InstalledPlugin
    target: Any
    hooks: Mapping[str, Implementation]
    prefix: str
    timeline: Timeline
    options: Any = None
    parent: LoadedPlugin | None = None
    shared: bool = False

    @property
    def name(self) -> str:
        """The last part of the key."""
        return last_name(self.key)

    @property
    def module(self) -> str:
        """The module that defines it."""
        if self.parent is None and self.installed.file is None:
            return self.installed.module
        return self.target.__name__ if inspect.ismodule(self.target) else type(self.target).__module__

    def call(self, hook: str, **arguments: Any) -> Any:
        """Call a hook, and return its result; ``None`` if the plugin does not implement it.

        Raises:
            HookCallError: it raised; the cause is kept.
        """
        if hook not in self.hooks:
            return None
        with self.timeline.span(hook, self.key):
            result = self.invoke(hook, **arguments)
            if not inspect.isgenerator(result):
                return result
            return self._iterated(hook, result)  # now, so that the time counts in which it really runs

    def _iterated(self, hook: str, result: Iterable[Any]) -> list[Any]:
        implementation = self.hooks[hook]
        try:
            with self.error_context(hook):
                values = list(result)
        except PluginError as error:
            implementation.trace_error(error.__cause__ or error)
            raise
        implementation.trace_result(values)
        return values

    def invoke(self, hook: str, **arguments: Any) -> Any:
        """Call a hook that the plugin implements, without recording it in the timeline.

        Raises:
            HookCallError: it raised; the cause is kept.
        """
        with self.error_context(hook):
            return self.hooks[hook](**arguments)

    @contextmanager
    def error_context(self, hook: str, what: str = "", kind: type[PluginError] = HookCallError) -> Iterator[None]:
        """Convert every exception into an error that names the plugin and the hook, except Ctrl+C and cancellations.

        A plugin must not be able to end the host by ``sys.exit`` or by a panic of an extension module, which is not an
        ``Exception``.

        Args:
            hook: the hook that is called, or that registered the function that is called.
            what: the function that is called, if it is not the hook itself.
            kind: the class of the error.

        Raises:
            PluginError: an exception was raised; it is the cause.
        """
        try:
            yield
        except PluginError as error:
            if error.plugin != self.key:
                raise self.raised(error, hook, what, kind) from error
            error.hook = error.hook or hook
            raise
        except KeyboardInterrupt:
            raise
        except CancelledError as error:
            if is_cancelled():
                raise
            raise self.raised(error, hook, what, kind) from error  # the plugin's own
        except BaseException as error:
            raise self.raised(error, hook, what, kind) from error

    def raised(self, error: BaseException, hook: str, what: str = "", kind: type[PluginError] = HookCallError) -> PluginError:
        """Return the error to raise from an exception of the plugin; arguments as for :meth:`error_context`."""
        fix = f"fix the plugin, or disable it: host plugins disable {self.installed.key}; --traceback shows where it comes from"
        return self.make_error(kind, f"{what or hook} raised {type(error).__name__}", hook=hook, fix=fix)

    def make_error(self, kind: type[PluginError], message: str, **more: Any) -> PluginError:
        """Return an error that names this plugin."""
        return kind(message, **identity(self.key, self.installed), **more)


def is_cancelled() -> bool:
    """Whether the current task was cancelled from outside, so that a ``CancelledError`` in it is not a plugin's own."""
    try:
        task = current_task()
    except RuntimeError:  # no event loop runs
        return False
    return task is not None and task.cancelling() > 0


def identity(key: str, installed: InstalledPlugin) -> dict[str, str]:
    """Return the arguments by which an error names a plugin.

    Args:
        key: its key.
        installed: the installed plugin that it is, or that contains it.
    """
    return {"plugin": key, "distribution": installed.distribution, "version": installed.version}
