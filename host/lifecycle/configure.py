"""Call the ``configure`` hook of all plugins: independent plugins together, each after its prerequisites."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from host.lifecycle.parallel import ParallelRun
from host.lifecycle.plugin_tasks import PluginTasks
from host.loading.load_order import LoadOrder
from host.registration.contributions import Contributions


async def configure(
    contributions: Iterable[Contributions],
    plan: LoadOrder,
    tasks: PluginTasks,
    run_hook: Callable[[Contributions, str], Awaitable[object]],
) -> None:
    """Configure plugins, and return when the tasks in which they were configured have ended.

    Args:
        contributions: of the plugins that have not failed, in load order.
        plan: the load order; plugins that fail before their turn are skipped.
        tasks: the tasks of the plugins; all of them are ended.
        run_hook: calls a hook of a plugin, and handles its failure.
    """
    plugins = {plugin.key: plugin for plugin in contributions}

    async def call(key: str) -> None:
        if not plan.failed(key):
            await run_hook(plugins[key], "configure")

    run = ParallelRun(
        list(plugins),
        plan.prerequisites(),
        tasks=tasks,
        function=call,
        is_active=lambda key: "configure" in plugins[key].plugin.hooks,
    )
    try:
        await run.run()
    finally:
        await tasks.end_all()
