"""What is called of a plugin when it stops: ``on_shutdown``, then the ``close`` of its services.

Errors are collected instead of raised, so that the other plugins are stopped too.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from hookspecs import Service
from host.common.errors import HookCallError, HostError, PluginError, ServiceError
from host.common.rendering import error_block
from host.lifecycle.boot import Boot
from host.loading.timeouts import awaited
from host.registration.contributions import Contributions

_LOG: Final = logging.getLogger("host")


async def call_on_shutdown(boot: Boot, plugin: Contributions, errors: list[HostError]) -> None:
    """Call ``on_shutdown`` of a plugin that implements it.

    Args:
        boot: the start of the host.
        plugin: is stopped.
        errors: receives the error of the hook.
    """
    await _note(boot, errors, plugin, "on_shutdown", partial(plugin.plugin.invoke, "on_shutdown", scope=plugin.scope))


async def close_services(boot: Boot, plugin: Contributions, errors: list[HostError]) -> None:
    """Close the services of a plugin that were created, in reverse order.

    Args:
        boot: the start of the host.
        plugin: is stopped.
        errors: receives the errors of the services.
    """
    for name, service in reversed(list(plugin.services.items())):
        if isinstance(service, Service) and service.close is not None and plugin.scope.services.created(name):
            call = partial(service.close, plugin.scope.services[name])
            try:
                await _note(boot, errors, plugin, "register_services", call, f"close of the service {name!r}", ServiceError)
            finally:
                plugin.scope.services.drop(name)


def log_errors(errors: Iterable[HostError]) -> None:
    """Log errors of a stop for which no caller waits.

    Args:
        errors: what was collected.
    """
    for error in errors:
        _LOG.error("while stopping\n%s", error_block(error))


async def _note(
    boot: Boot,
    errors: list[HostError],
    plugin: Contributions,
    hook: str,
    call: Callable[[], Any],
    what: str = "",
    kind: type[PluginError] = HookCallError,
) -> None:
    """Call something while stopping; an error is recorded, so that the others are stopped too."""
    try:
        with boot.timeline.span(what or hook, plugin.key) as span:
            with plugin.plugin.error_context(hook, what, kind):
                result = call()
            if inspect.isawaitable(result):
                await awaited(plugin.plugin, hook, boot.limit, result, span=span, what=what, kind=kind)
    except PluginError as error:
        errors.append(error)
