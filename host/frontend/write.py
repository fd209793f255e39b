"""The file on the disk: written whole or not at all, and compared part by part."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Final

from host.errors import ConfigurationError
from host.frontend.model import Generated
from host.frontend.parts import KINDS

_HEADING: Final = re.compile(r"// ─+ (?P<title>.*)\Z")
_PART: Final = re.compile(rf"(?P<key>\S+) .*: (?:{'|'.join(KINDS)})\Z")


def write(path: Path, text: str) -> bool:
    """Write the file where it differs: beside it first, then in its place, so that nobody ever reads half of it.

    Args:
        path: where to; a link is followed.
        text: all of it.

    Returns:
        whether it was written; a file that is equal is not touched.

    Raises:
        ConfigurationError: it cannot be written there.
    """
    target = path.resolve()
    content = text.encode("utf-8")
    try:
        if target.is_file() and target.read_bytes() == content:
            return False
        _replace(target, content)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        raise ConfigurationError(message, fix="set frontend.output in host.toml, or pass --output") from None
    return True


def _replace(target: Path, content: bytes) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.chmod(_usual_mode() if mode is None else mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _usual_mode() -> int:
    """The mode of a new file; a temporary one is its owner's alone."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


@dataclass(frozen=True)
class Drift:
    """How a file differs from what it should be.

    Args:
        plugins: the keys of the plugins whose part differs, was added or is gone, sorted; none where the host itself changed.
        diff: unified, "" where the files are equal.
    """

    plugins: tuple[str, ...]
    diff: str


def parts_in(text: str) -> dict[str, str]:
    """Cut the parts of the plugins out of a generated file.

    Args:
        text: of the file.

    Returns:
        plugin key → its sections, as :attr:`host.frontend.model.Generated.parts` has them.
    """
    found: dict[str, str] = {}
    key: str | None = None
    section: list[str] = []
    for line in [*text.splitlines(keepends=True), f"// ─ {len(text)}"]:
        heading = _HEADING.match(line.rstrip("\r\n"))
        if heading is not None:
            if key is not None:
                found[key] = found.get(key, "") + "".join(section).rstrip("\n") + "\n"
            part = _PART.match(heading["title"])
            key = part["key"] if part is not None else None
            section = []
        section.append(line)
    return found


def drift(old: str, new: Generated) -> Drift:
    """What of an existing file is not what it should be.

    Args:
        old: text of the file.
        new: what it should be.
    """
    before = parts_in(old)
    keys = sorted(key for key in before.keys() | new.parts.keys() if before.get(key) != new.parts.get(key))
    name = "generated-config.ts"
    lines = unified_diff(
        old.splitlines(keepends=True), new.text.splitlines(keepends=True), f"{name} (on disk)", f"{name} (expected)"
    )
    return Drift(tuple(keys), "".join(line if line.endswith("\n") else f"{line}\n" for line in lines))
