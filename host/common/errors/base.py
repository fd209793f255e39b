"""The root of the error tree, and the error that collects all failures of a start or a stop."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from host.common.describe import describe_exception


class HostError(Exception):
    """Base of all errors of the host.

    Args:
        message: What happened, in one sentence.
        fix: What to do about it, "" if there is nothing to do.

    Attributes:
        code: A stable name, for machines and for ``docs/errors.md``.
        exit_code: The exit code of the command line.
    """

    code: ClassVar[str] = "host-error"
    exit_code: int = 1

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    @property
    def facts(self) -> dict[str, str]:
        """Return further facts by name, in the order in which they are shown."""
        return {} if self.__cause__ is None else {"cause": describe_exception(self.__cause__)}


class BootError(HostError):
    """All failures of one start, or of one stop, together.

    Its exit code is the highest of theirs.

    Args:
        errors: The failures, in the order in which they happened.
        when: ``start`` or ``stop``.
    """

    code = "boot-failed"

    def __init__(self, errors: Sequence[HostError], *, when: str = "start") -> None:
        super().__init__(f"{len(errors)} failure{'' if len(errors) == 1 else 's'} at {when}")
        self.errors = tuple(errors)
        self.exit_code = max((error.exit_code for error in errors), default=3)


def describe_location(file: Path | None, line: int | None, key: str) -> dict[str, str]:
    """Return where a setting stands, as facts of an error."""
    location = {} if file is None else {"file": str(file) + ("" if line is None else f", line {line}")}
    return location | ({"key": key} if key else {})
