"""What the host reads of asyncio beyond its documentation: for which task one of its functions waits."""

from __future__ import annotations

import asyncio
from types import FrameType
from typing import Any, Final

from host.common.compat.probe import PYTHON, Feature


def _probe_groups() -> Feature:
    # A plain attribute of the instance, so that the class alone does not show it.
    names = ("asyncio:TaskGroup._tasks",)
    missing = () if hasattr(asyncio.TaskGroup(), "_tasks") else names
    return Feature(PYTHON, "a hook that waits in a TaskGroup for another plugin is reported as the slow one", names, missing)


#: Names of the tasks of a group.
GROUPS: Final = _probe_groups()
FEATURES: Final = (GROUPS,)


def awaited_task(frame: FrameType) -> asyncio.Task[Any] | None:
    """Return the task for which a function of asyncio waits, ``None`` if the frame does not show one.

    A coroutine says through ``cr_await`` what it waits for, but ``wait_for``, ``gather`` or a task group wait for a future of
    their own; only their local variables lead to the tasks behind it. If their authors rename or drop those, the search
    ends here, and the plugin whose hook was called is reported instead of the one that it waits for.

    Args:
        frame: in which a coroutine is suspended.
    """
    if frame.f_globals.get("__name__", "").partition(".")[0] != "asyncio":
        return None
    for value in frame.f_locals.values():
        group = getattr(value, "_tasks", None) if isinstance(value, asyncio.TaskGroup) else value
        for member in group if isinstance(group, set | list | tuple) else (group,):
            if isinstance(member, asyncio.Task) and not member.done():
                return member
    return None
