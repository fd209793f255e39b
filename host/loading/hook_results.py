"""Check what a hook returned that may return one value, several or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from host.common.describe import describe_value
from host.common.errors import HookResultError, PluginError
from host.loading.plugin import LoadedPlugin


def several(plugin: LoadedPlugin, hook: str, result: object, fits: Callable[[Any], bool], wanted: str) -> list[Any]:
    """Return the values of a hook that may return one value, an iterable of values or ``None``.

    Args:
        plugin: whose hook.
        hook: its name.
        result: what it returned.
        fits: returns whether a value is of the right kind.
        wanted: the right kind, in words for the error.

    Raises:
        HookResultError: a value is of another kind.
        HookCallError: the iterable raised.
    """
    if result is None:
        return []
    single = fits(result) or isinstance(result, str | bytes | Mapping) or not isinstance(result, Iterable)
    with plugin.error_context(hook):  # it may be a generator, which runs only now
        values = [result] if single else list(result)  # type: ignore[call-overload]  # it is iterable, then
    for value in values:
        if not fits(value):
            raise unexpected_result(plugin, hook, value, wanted)
    return values


def unexpected_result(plugin: LoadedPlugin, hook: str, value: object, wanted: str, fix: str = "") -> PluginError:
    """Return the error for a hook that returned a value of the wrong kind."""
    message = f"{hook} returned {describe_value(value)}; it must return {wanted}"
    return plugin.make_error(HookResultError, message, hook=hook, fix=fix or f"return {wanted}, several of them, or None")
