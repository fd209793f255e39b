"""Errors as text: one block each, for people; as data, for machines."""

from __future__ import annotations

import shlex
import traceback as tracebacks
from typing import Any, Final

from host.common.errors import BootError, HostError, PluginError
from host.common.naming import is_key, root_key

_DISABLE: Final = "host plugins disable"


def error_block(error: HostError, *, traceback: bool = False) -> str:
    """One block: code, what happened, plugin, distribution, hook, cause, and what to do.

    Args:
        error: a :class:`~host.common.errors.BootError` gives a block for each of its errors.
        traceback: add where the cause came from.
    """
    if isinstance(error, BootError):
        blocks = [error_block(one, traceback=traceback) for one in error.errors]
        return "\n\n".join([*blocks, f"{error.message}; exit code {error.exit_code}"])
    fix = whole_fix(error)
    facts = error.facts | ({"fix": fix} if fix else {})
    width = max((len(name) for name in facts), default=0)
    lines = [f"error[{error.code}]: {error.message}"]
    lines += [f"  {name:<{width}}  {_indented(text, width + 4)}" for name, text in facts.items()]
    if traceback and error.__cause__ is not None:
        cause = error.__cause__
        lines += ["", *"".join(tracebacks.format_exception(cause)).rstrip().splitlines()]
    return "\n".join(lines)


def error_data(error: HostError) -> list[dict[str, Any]]:
    """One object an error: code, message, fix, exit code and the facts."""
    if isinstance(error, BootError):
        return [data for one in error.errors for data in error_data(one)]
    return [{"code": error.code, "message": error.message, "fix": whole_fix(error), "exitCode": error.exit_code, **error.facts}]


def whole_fix(error: HostError) -> str:
    """What to do; for a plugin that is broken, also the command that leaves it out (probes P1, P2)."""
    if not isinstance(error, PluginError) or not error.plugin or _DISABLE in error.fix:
        return error.fix
    return "; or ".join(filter(None, [error.fix, f"leave it out: {disabling(error.plugin)}"]))


def disabling(key: str) -> str:
    """The command that leaves a plugin out.

    Args:
        key: its key, which need not be a good one; for a plugin inside another, that one is left out.
    """
    root = root_key(key)
    name = root if is_key(root) else key
    return f"{_DISABLE} {'-- ' if name.startswith('-') else ''}{shlex.quote(name)}"


def _indented(text: str, width: int) -> str:
    return text.replace("\n", "\n" + " " * width)
