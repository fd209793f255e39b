"""Describe objects of plugins in error messages and logs, even if their own methods raise."""

from __future__ import annotations

from typing import Final

#: The number of characters of a ``repr`` that are shown.
_SHOWN: Final = 60


def describe_exception(error: BaseException) -> str:
    """Return an exception in one line: its class and its message."""
    try:
        message = str(error).strip()
    except Exception as problem:  # noqa: BLE001 - the class may be a plugin's, and an error about an error does not help
        message = f"the message is not available, __str__ raised {type(problem).__name__}"
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def describe_value(value: object) -> str:
    """Return a wrong value for an error message: the beginning of its ``repr`` and its type."""
    return f"{_beginning(value) or 'something'} of type {type(value).__name__}"


def describe_result(value: object) -> str:
    """Return a result for a log: its type and the beginning of its ``repr``."""
    return "None" if value is None else f"{type(value).__name__} {_beginning(value)}".rstrip()


def _beginning(value: object) -> str:
    """Return the beginning of the ``repr`` of a value, "" if it has none."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - the class may be a plugin's, and the type says enough
        return ""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
