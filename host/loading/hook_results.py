"""Check what a hook returned that may return one value, several or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from host.common.describe import describe_value
from host.common.errors import HookResultError, PluginError
from host.loading.plugin import LoadedPlugin


def several(plugin: LoadedPlugin, hook: str, result: object, fits: Callable[[Any], bool], wanted: str) -> list[Any]:
    """What a hook returned that may return one value, an iterable of them or ``None``.

    Args:
        plugin: whose hook.
        hook: its name.
        result: what it returned.
        fits: whether a value is of the right kind.
        wanted: the right kind, for the error.

    Raises:
        HookResultError: a value does not fit.
        HookCallError: the iterable raised.
    """
    if result is None:
        return []
    single = fits(result) or isinstance(result, str | bytes | Mapping) or not isinstance(result, Iterable)
    with plugin.error_context(hook):  # it may be a generator, which runs only now
        found = [result] if single else list(result)  # type: ignore[call-overload]  # it is iterable, then
    for value in found:
        if not fits(value):
            raise unexpected_result(plugin, hook, value, wanted)
    return found


def unexpected_result(plugin: LoadedPlugin, hook: str, value: object, wanted: str, fix: str = "") -> PluginError:
    message = f"{hook} returned {describe_value(value)}; it must return {wanted}"
    return plugin.make_error(HookResultError, message, hook=hook, fix=fix or f"return {wanted}, several of them, or None")
