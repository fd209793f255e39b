"""Describe objects of plugins in error messages and logs, even if their own methods raise."""

from __future__ import annotations


def describe_exception(error: BaseException) -> str:
    """Return an exception in one line: its class and its message."""
    try:
        message = str(error).strip()
    except Exception as problem:  # noqa: BLE001 - the class may be a plugin's, and an error about an error does not help
        message = f"the message is not available, __str__ raised {type(problem).__name__}"
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def describe_value(value: object) -> str:
    """Return a wrong value for an error message: the beginning of its ``repr`` and its type."""
    try:
        beginning = f"{value!r:.60} "
    except Exception:  # noqa: BLE001 - the class may be a plugin's, and the type says enough
        beginning = "something "
    return f"{beginning}of type {type(value).__name__}"
