"""Errors for output: one block of text each for people, one object each for programs."""

from __future__ import annotations

import shlex
import traceback as tracebacks
from typing import Any, Final

from host.common.errors import BootError, HostError, PluginError
from host.common.naming import is_key, root_key

_DISABLE: Final = "host plugins disable"


def error_block(error: HostError, *, traceback: bool = False) -> str:
    """Return an error as one block: code, message, plugin, distribution, hook, cause, fix.

    Args:
        error: The error; a :class:`~host.common.errors.BootError` becomes one block for each of its errors.
        traceback: Whether to add the traceback of the cause.
    """
    if isinstance(error, BootError):
        blocks = [error_block(failure, traceback=traceback) for failure in error.errors]
        return "\n\n".join([*blocks, f"{error.message}; exit code {error.exit_code}"])
    fix = complete_fix(error)
    facts = error.facts | ({"fix": fix} if fix else {})
    width = max((len(name) for name in facts), default=0)
    lines = [f"error[{error.code}]: {error.message}"]
    lines += [f"  {name:<{width}}  {_indent(value, width + 4)}" for name, value in facts.items()]
    if traceback and error.__cause__ is not None:
        cause = error.__cause__
        lines += ["", *"".join(tracebacks.format_exception(cause)).rstrip().splitlines()]
    return "\n".join(lines)


def error_data(error: HostError) -> list[dict[str, Any]]:
    """Return one JSON object per error: code, message, fix, exit code and the facts."""
    if isinstance(error, BootError):
        return [data for failure in error.errors for data in error_data(failure)]
    return [{"code": error.code, "message": error.message, "fix": complete_fix(error), "exitCode": error.exit_code, **error.facts}]


def complete_fix(error: HostError) -> str:
    """Return the fix of an error; for a plugin's error it includes the command that disables the plugin."""
    if not isinstance(error, PluginError) or not error.plugin or _DISABLE in error.fix:
        return error.fix
    return "; or ".join(filter(None, [error.fix, f"disable the plugin: {disable_command(error.plugin)}"]))


def disable_command(key: str) -> str:
    """Return the command that disables a plugin.

    Args:
        key: The key of the plugin, which may be malformed; for a child, the command disables the installed plugin around it.
    """
    root = root_key(key)
    name = root if is_key(root) else key
    return f"{_DISABLE} {'-- ' if name.startswith('-') else ''}{shlex.quote(name)}"


def _indent(text: str, width: int) -> str:
    return text.replace("\n", "\n" + " " * width)
