"""Hooks under their time limit: awaited, given up when they take too long, and blamed on their plugin (row F22)."""

from __future__ import annotations

import asyncio
import inspect
import logging
from time import monotonic
from typing import Any, Final

from host.errors import HookCallError, HookTimeoutError, PluginError
from host.plugin import LoadedPlugin

_LOG: Final = logging.getLogger("host")


async def call_limited(plugin: LoadedPlugin, hook: str, limit: float, **arguments: Any) -> None:
    """Call a hook and await what it returns.

    Args:
        plugin: whose hook.
        hook: its name.
        limit: seconds until it is given up, 0 for no limit.
        arguments: of the hook.

    Raises:
        HookCallError: it raised.
        HookTimeoutError: it took longer. A function that is not async cannot be interrupted; it is named in the log.
    """
    began = monotonic()
    result = plugin.call(hook, **arguments)
    if limit and (took := monotonic() - began) > limit:
        _LOG.warning("%s of %s blocked the start for %.1f s; an async function would have been given up", hook, plugin.key, took)
    if inspect.isawaitable(result):
        await awaited(plugin, hook, limit, result)


async def awaited(
    plugin: LoadedPlugin, hook: str, limit: float, result: Any, *, what: str = "", kind: type[PluginError] = HookCallError
) -> Any:
    """Await something of a plugin's under its time limit, and put its name on what goes wrong.

    Args:
        plugin: whose it is.
        hook: the hook that gave it, or that registered what gave it.
        limit: seconds, 0 for no limit.
        result: what to await.
        what: what gave it, where it is not the hook itself.
        kind: of the error when it raises.

    Raises:
        HookTimeoutError: it took longer.
        PluginError: it raised.
    """
    try:
        async with asyncio.timeout(limit or None):
            with plugin.blaming(hook, what, kind):
                return await result
    except TimeoutError:
        message = f"{what or hook} did not finish within {limit:g} s"
        fix = "look for what it waits on; the limit is plugins.timeout, 0 for none"
        raise plugin.blame(HookTimeoutError, message, hook=hook, fix=fix) from None
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise plugin.raised(error, hook, what, kind) from error  # the plugin cancelled something of its own
