"""Find and parse the file of the settings, and find the line of a key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from host.common.errors import SettingsError

FILE: Final = "host.toml"
PROJECT_FILE: Final = "pyproject.toml"

_HEADER: Final = re.compile(r"\s*\[{1,2}([^\]]+)\]")
_ASSIGNMENT: Final = re.compile(r"\s*([A-Za-z0-9_.\"'-]+)\s*=")


def read_file(directory: Path) -> tuple[Path | None, dict[str, Any]]:
    """Read the settings of a directory: ``host.toml``, or else the table ``[tool.host]`` of ``pyproject.toml``.

    Returns:
        The file and its content; the file is ``None`` if neither holds settings.

    Raises:
        SettingsError: The file is malformed.
    """
    if (file := directory / FILE).is_file():
        return file, _parse(file)
    if (file := directory / PROJECT_FILE).is_file():
        tool = _parse(file).get("tool")
        if isinstance(tool, dict) and "host" in tool:
            if not isinstance(tool["host"], dict):
                line = line_of(file, ())
                raise SettingsError("tool.host is not a table", key="tool.host", file=file, line=line, fix="write [tool.host]")
            return file, tool["host"]
    return None, {}


def _parse(file: Path) -> dict[str, Any]:
    import tomllib  # most projects have no such file, and the import would slow down every command

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        line = re.search(r"at line (\d+)", str(error))
        fix = "correct the line; strings need quotes, keys are written key = value"
        raise SettingsError(
            f"{file.name} is not valid TOML: {error}", file=file, line=int(line[1]) if line else None, fix=fix
        ) from None


def line_of(file: Path, path: tuple[str, ...]) -> int | None:
    """Return the line of a key, from 1; of the nearest table around it if that is written inline.

    :mod:`tomllib` keeps no positions, and a search that may miss unusual notations is enough for an error message.

    Args:
        file: ``host.toml`` or ``pyproject.toml``.
        path: The parts of the key, without ``tool.host``.
    """
    target = path if file.name == FILE else ("tool", "host", *path)
    table: tuple[str, ...] = ()
    best: tuple[int, int] | None = None
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if header := _HEADER.match(line):
            here = table = _dotted(header[1])
        elif assignment := _ASSIGNMENT.match(line):
            here = (*table, *_dotted(assignment[1]))
        else:
            continue
        if here == target[: len(here)] and (best is None or len(here) > best[0]):
            best = (len(here), number)
    return best[1] if best else None


def _dotted(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in text.split("."))
