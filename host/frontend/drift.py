"""The file on the disk, compared part by part with what it should be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import unified_diff
from typing import Final

from host.frontend.model import Generated
from host.frontend.parts import KINDS

_HEADING: Final = re.compile(r"// ─+ (?P<title>.*)\Z")
_PART: Final = re.compile(rf"(?P<key>\S+) .*: (?:{'|'.join(KINDS)})\Z")


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
