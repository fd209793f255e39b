"""Whose code it is that runs or waits: from the frames of a stack to the plugin whose package they lie in (row F22)."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

from host.common.compat.asyncio import awaited_task

if TYPE_CHECKING:
    from host.loading.plugin import LoadedPlugin


@dataclass(frozen=True)
class SourceLocation:
    """A function of a plugin.

    Args:
        plugin: whose.
        function: its qualified name.
    """

    plugin: LoadedPlugin
    function: str


class Owners:
    """The plugins by the packages that their code lies in.

    A plugin has the package of the module that defines it, with what is below. Where two have one package, such as two plugins
    of one distribution, each has only its module.

    Args:
        plugins: parents before children.
    """

    def __init__(self, plugins: Iterable[LoadedPlugin]) -> None:
        plugins = list(plugins)
        self._targets = {id(plugin.target): plugin for plugin in plugins}
        self._modules: dict[str, list[LoadedPlugin]] = {}
        self._packages: dict[str, set[str]] = {}
        for plugin in plugins:
            self._modules.setdefault(plugin.module, []).append(plugin)
            package = _package(plugin.module)
            if package != plugin.module:
                self._packages.setdefault(package, set()).add(plugin.module)

    def owner(self, module: str, nearest: LoadedPlugin) -> LoadedPlugin | None:
        """The plugin in whose package a module lies; the longest counts.

        Args:
            module: its full name.
            nearest: is taken where several plugins are defined in one module, and this is one of them; else it is the first.
        """
        name = module
        while name:
            alone = self._packages.get(name, ())
            found = self._modules.get(name) or (self._modules[next(iter(alone))] if len(alone) == 1 else None)
            if found:
                return nearest if nearest in found else found[0]
            name = name.rpartition(".")[0]
        return None

    def innermost(self, frames: Iterable[FrameType], nearest: LoadedPlugin) -> SourceLocation | None:
        """The last of some frames that is a plugin's.

        Args:
            frames: the outermost first.
            nearest: see :meth:`owner`; the plugin whose hook was called.
        """
        place = None
        for frame in frames:
            plugin = self._targets.get(id(frame.f_locals.get("self")))  # of several in one module, such as a parent and a child
            if plugin is None:
                plugin = self.owner(frame.f_globals.get("__name__", ""), place.plugin if place else nearest)
            if plugin is not None:
                place = SourceLocation(plugin, frame.f_code.co_qualname)
        return place


def raised_through(error: BaseException) -> Iterator[FrameType]:
    """The frames that an exception came through, the outermost first; of tasks that were awaited, too."""
    entry = error.__traceback__
    while entry is not None:
        yield entry.tb_frame
        entry = entry.tb_next


def waiting_in(coroutine: Any) -> Iterator[FrameType]:
    """The frames in which a suspended coroutine waits, the outermost first.

    Those of another task are among them where a function of asyncio waits for it, such as ``wait_for``. A task that is awaited
    itself cannot be seen from outside; see :func:`raised_through`.
    """
    seen: set[int] = set()
    while coroutine is not None and id(coroutine) not in seen:
        seen.add(id(coroutine))
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is not None:
            yield frame
        inner = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
        suspended = inspect.iscoroutine(inner) or inspect.isgenerator(inner)
        if suspended or frame is None:
            coroutine = inner
        else:
            task = awaited_task(frame)
            coroutine = None if task is None else task.get_coro()


def running_in(thread: int) -> list[FrameType]:
    """The frames that a thread is in, the outermost first.

    Args:
        thread: its identifier.
    """
    found = []
    frame = sys._current_frames().get(thread)  # noqa: SLF001 - the public way to another thread's stack, documented as such
    while frame is not None:
        found.append(frame)
        frame = frame.f_back
    return found[::-1]


def _package(module: str) -> str:
    """A package itself; of another module, the package that it lies in; a module that lies in none."""
    if hasattr(sys.modules.get(module), "__path__"):
        return module
    return module.rpartition(".")[0] or module
