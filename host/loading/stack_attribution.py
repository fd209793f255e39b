"""Find the plugin whose code runs or waits, from the frames of a stack.

Python has no function that returns the coroutine that another one waits for. The frames of a thread, of suspended coroutines and of
tracebacks are walked instead, and each frame belongs to the plugin in whose package its module is.
"""

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
class CodeLocation:
    """A function of a plugin.

    Args:
        plugin: the plugin.
        function: the qualified name of the function.
    """

    plugin: LoadedPlugin
    function: str


class Owners:
    """The plugins by the packages that contain their code.

    A plugin owns the package of the module that defines it, with what is below. If a package contains several plugins, such as
    those of one distribution, each of them owns only its module.

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
        """Return the plugin that owns a module; of nested packages, the innermost counts.

        Args:
            module: the full name of the module.
            nearest: the plugin to prefer if several are defined in one module; otherwise the first of them is returned.
        """
        name = module
        while name:
            alone = self._packages.get(name, ())
            plugins = self._modules.get(name) or (self._modules[next(iter(alone))] if len(alone) == 1 else None)
            if plugins:
                return nearest if nearest in plugins else plugins[0]
            name = name.rpartition(".")[0]
        return None

    def innermost(self, frames: Iterable[FrameType], nearest: LoadedPlugin) -> CodeLocation | None:
        """Return the place of the innermost frame that belongs to a plugin.

        Args:
            frames: the outermost first.
            nearest: see :meth:`owner`; the plugin whose hook was called.
        """
        place = None
        for frame in frames:
            # Several plugins of one module, such as a parent and its child, are distinguished by their objects.
            plugin = self._targets.get(id(frame.f_locals.get("self")))
            if plugin is None:
                plugin = self.owner(frame.f_globals.get("__name__", ""), place.plugin if place else nearest)
            if plugin is not None:
                place = CodeLocation(plugin, frame.f_code.co_qualname)
        return place


def raised_through(error: BaseException) -> Iterator[FrameType]:
    """Yield the frames that an exception came through, the outermost first; those of awaited tasks are among them."""
    entry = error.__traceback__
    while entry is not None:
        yield entry.tb_frame
        entry = entry.tb_next


def waiting_in(coroutine: Any) -> Iterator[FrameType]:
    """Yield the frames in which a suspended coroutine waits, the outermost first.

    The chain of ``cr_await`` ends where a coroutine waits for another task. If a function of asyncio waits for that task, such
    as ``wait_for``, the walk continues in the task. A task that is awaited directly cannot be seen from outside; after a
    cancellation, the traceback shows it: :func:`raised_through`.
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
    """Return the frames that a thread is in, the outermost first.

    Args:
        thread: its identifier.
    """
    frames = []
    frame = sys._current_frames().get(thread)  # noqa: SLF001 - the public way to another thread's stack, documented as such
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames[::-1]


def _package(module: str) -> str:
    """Return a package itself, or the package that contains a module, or a module outside any package."""
    if hasattr(sys.modules.get(module), "__path__"):
        return module
    return module.rpartition(".")[0] or module
