"""Check many statements in one run of the compiler and find those that it rejects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.frontend.compile import compile_files

_ERROR = re.compile(r"^(?P<file>[^\s(]+)\((?P<line>\d+),\d+\): error (?P<text>.*)$", re.MULTILINE)


def refused(file: Path, head: str, statements: Sequence[str], compiler: str = "typescript") -> dict[int, str]:
    """Compile statements and return the rejected ones.

    Args:
        file: the file to write: the head, then one statement on each line.
        head: imports and the like.
        statements: one line each, in this order.
        compiler: a key of ``COMPILERS``.

    Returns:
        Index of the statement → the compiler's error.

    Raises:
        ValueError: there is an error outside the statements.
    """
    if any("\n" in statement for statement in statements):
        raise ValueError("a statement has more than one line")
    file.write_text(head + "".join(f"{statement}\n" for statement in statements), encoding="utf-8")
    printed = compile_files([file], compiler)
    before = head.count("\n") + 1
    errors: dict[int, str] = {}
    for error in _ERROR.finditer(printed):
        index = int(error["line"]) - before
        if Path(error["file"]).name != file.name or index < 0:
            raise ValueError(printed)
        errors.setdefault(index, error["text"])
    if printed and not errors:
        raise ValueError(printed)
    return errors
