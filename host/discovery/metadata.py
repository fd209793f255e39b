"""Metadata of the installed distributions: each is looked up once, and read only as far as its headers.

``importlib_metadata`` parses the whole file, with the long description, again for each field that it is asked for, and the
``email`` package that it needs for that takes as long to import as itself. ``host plugins list`` must be quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from importlib_metadata import Distribution, EntryPoint

from host.common.naming import canonical


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the host reads of a distribution.

    Args:
        name: by which pip knows it.
        version: of it.
        summary: one line, "" without one.
        requires: its requirements as they are written, also those of extras.
    """

    name: str
    version: str
    summary: str
    requires: tuple[str, ...]


class Environment:
    """The distributions on ``sys.path``, as they are while it is used; made anew for each discovery."""

    def __init__(self) -> None:
        # What is not there would be tried as a zip file, again at each look-up; Python itself names one that never is.
        self._path = [entry for entry in sys.path if os.path.exists(entry or os.curdir)]  # noqa: PTH110 - sys.path holds strings
        self._known: dict[str, Metadata | None] = {}

    def metadata(self, name: str) -> Metadata | None:
        """The metadata of a distribution, ``None`` where it is not installed.

        Args:
            name: of the distribution, in any spelling.
        """
        key = canonical(name)
        if key not in self._known:
            found = self._distribution(key)
            self._known[key] = None if found is None else found[1]
        return self._known[key]

    def entry_points(self, group: str) -> Iterator[tuple[EntryPoint, Metadata]]:
        """All entry points of a group, with the metadata of their distributions.

        Of two copies of one distribution the first on ``sys.path`` counts, as it does for Python itself. That is looked up
        only for those in whose entry points the group's name stands at all.
        """
        mentioning = {
            canonical(read_metadata(distribution).name)
            for distribution in Distribution.discover(path=self._path)
            if group in _text(distribution, "entry_points.txt")
        }
        for name in sorted(mentioning - {""}):
            found = self._distribution(name)
            if found is not None:
                self._known[name] = found[1]
                yield from ((entry, found[1]) for entry in _entries(found[0], group))

    def _distribution(self, name: str) -> tuple[Distribution, Metadata] | None:
        """The first copy that has metadata: an interrupted ``pip uninstall`` leaves directories behind that have none."""
        for distribution in Distribution.discover(name=name, path=self._path):
            metadata = read_metadata(distribution)
            if metadata.name:
                return distribution, metadata
        return None


def read_metadata(distribution: Distribution) -> Metadata:
    """Read the headers; the description comes after the first empty line (core metadata specifications).

    Args:
        distribution: an installed one.

    Returns:
        its metadata, with an empty name where it has none.
    """
    found: dict[str, list[str]] = {}
    for line in _header_lines(distribution):
        field, _, value = line.partition(":")
        found.setdefault(field.lower(), []).append(value.strip())
    requires = found.get("requires-dist") or _legacy_requires(distribution)
    name, version, summary = (found.get(field, [""])[0] for field in ("name", "version", "summary"))
    return Metadata(name, version, summary, tuple(requires))


def _text(distribution: Distribution, file: str) -> str:
    """The text of a file, "" where there is none or it is not UTF-8, as which the specifications have it."""
    try:
        return distribution.read_text(file) or ""
    except UnicodeDecodeError:
        return ""


def _header_lines(distribution: Distribution) -> list[str]:
    """The header lines, each with those that continue it."""
    text = _text(distribution, "METADATA") or _text(distribution, "PKG-INFO") or _text(distribution, "")
    lines: list[str] = []
    for line in text.partition("\n\n")[0].splitlines():
        if line[:1].isspace() and lines:
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
    return lines


def _entries(distribution: Distribution, group: str) -> Iterator[EntryPoint]:
    """The entry points of one group.

    ``importlib_metadata`` raises for the whole file where one line has no ``=``; here that is an entry point without a target,
    whose import fails under its own name.
    """
    section = ""
    for line in map(str.strip, _text(distribution, "entry_points.txt").splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip()
        elif section == group and line and not line.startswith(("#", ";")):
            name, _, target = line.partition("=")
            yield EntryPoint(name.strip(), target.strip(), group)


def _legacy_requires(distribution: Distribution) -> list[str]:
    """The requirements of an ``.egg-info`` directory, which stand in a file of their own."""
    return list(distribution.requires or ()) if distribution.read_text("requires.txt") else []
