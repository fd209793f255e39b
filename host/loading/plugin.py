"""A loaded plugin: its hooks are called here, each with the plugin's name on whatever it raises (probe P6)."""

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
    """An imported plugin whose hooks fit.

    Args:
        key: its plugin key; of one inside another, that one's key, a dot and its name.
        installed: the installed plugin that it is, or lies in.
        target: the object with its hooks.
        hooks: its implementations by hook name.
        prefix: of its routes, below its parent's.
        timeline: notes how long its hooks take.
        options: an instance of the class from ``plugin_options``, ``None`` without one.
        parent: the plugin that it lies in.
        shared: whether its services and its layer are its parent's.
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
        """Call a hook; ``None`` where the plugin does not implement it.

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
        """Call a hook that the plugin implements, outside the timeline.

        Raises:
            HookCallError: it raised; the cause is kept.
        """
        with self.error_context(hook):
            return self.hooks[hook](**arguments)

    @contextmanager
    def error_context(self, hook: str, what: str = "", kind: type[PluginError] = HookCallError) -> Iterator[None]:
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
        except KeyboardInterrupt:
            raise
        except CancelledError as error:
            if is_cancelled():
                raise
            raise self.raised(error, hook, what, kind) from error  # the plugin's own
        except BaseException as error:
            raise self.raised(error, hook, what, kind) from error

    def raised(self, error: BaseException, hook: str, what: str = "", kind: type[PluginError] = HookCallError) -> PluginError:
        """What to raise, from ``error``, where something of the plugin raised that; arguments as for :meth:`error_context`."""
        fix = f"mend the plugin, or leave it out: host plugins disable {self.installed.key}; --traceback shows where it comes from"
        return self.make_error(kind, f"{what or hook} raised {type(error).__name__}", hook=hook, fix=fix)

    def make_error(self, kind: type[PluginError], message: str, **more: Any) -> PluginError:
        """An error with this plugin's name on it."""
        return kind(message, **identity(self.key, self.installed), **more)


def is_cancelled() -> bool:
    """Whether somebody has cancelled the task that runs, so that a cancellation within it is not a plugin's own doing."""
    try:
        task = current_task()
    except RuntimeError:  # no event loop runs
        return False
    return task is not None and task.cancelling() > 0


def identity(key: str, installed: InstalledPlugin) -> dict[str, str]:
    """The arguments by which an error names a plugin.

    Args:
        key: its key.
        installed: the installed plugin that it is, or lies in.
    """
    return {"plugin": key, "distribution": installed.distribution, "version": installed.version}
