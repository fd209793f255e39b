"""Read the metadata of installed distributions: each is looked up once, and read only up to its description.

``importlib_metadata`` parses the whole file, including the long description, again for each field, and the package ``email``
that it uses for that takes as long to import as ``importlib_metadata`` itself. ``host plugins list`` must be quick.
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
    """The metadata that the host uses.

    Args:
        name: The name of the distribution.
        version: The version of the distribution.
        summary: One line, "" if there is none.
        requires: The requirements as they are written, including those of extras.
    """

    name: str
    version: str
    summary: str
    requires: tuple[str, ...]


class Environment:
    """The distributions on ``sys.path``. Results are cached, so each discovery creates a new one."""

    def __init__(self) -> None:
        # A missing entry would be tried as a zip file at each look-up, and sys.path always has one: the zipped standard library.
        self._path = [entry for entry in sys.path if os.path.exists(entry or os.curdir)]  # noqa: PTH110 - sys.path holds strings
        self._cache: dict[str, Metadata | None] = {}

    def metadata(self, name: str) -> Metadata | None:
        """Return the metadata of a distribution, ``None`` if it is not installed.

        Args:
            name: The name of the distribution, in any spelling.
        """
        key = canonical(name)
        if key not in self._cache:
            match = self._distribution(key)
            self._cache[key] = None if match is None else match[1]
        return self._cache[key]

    def entry_points(self, group: str) -> Iterator[tuple[EntryPoint, Metadata]]:
        """Yield all entry points of a group, with the metadata of their distributions.

        Of two copies of one distribution the first on ``sys.path`` counts, as it does for Python itself. Copies are looked for
        only among the distributions whose ``entry_points.txt`` mentions the group at all.
        """
        mentioning = {
            canonical(read_metadata(distribution).name)
            for distribution in Distribution.discover(path=self._path)
            if group in _text(distribution, "entry_points.txt")
        }
        for name in sorted(mentioning - {""}):
            match = self._distribution(name)
            if match is not None:
                distribution, metadata = match
                self._cache[name] = metadata
                yield from ((entry, metadata) for entry in _entries(distribution, group))

    def _distribution(self, name: str) -> tuple[Distribution, Metadata] | None:
        """Return the first copy that has metadata: an interrupted ``pip uninstall`` leaves directories behind that have none."""
        for distribution in Distribution.discover(name=name, path=self._path):
            metadata = read_metadata(distribution)
            if metadata.name:
                return distribution, metadata
        return None


def read_metadata(distribution: Distribution) -> Metadata:
    """Read the headers of a distribution; its description comes after the first empty line (core metadata specifications).

    Args:
        distribution: An installed distribution.

    Returns:
        Its metadata, with an empty name if it has none.
    """
    headers: dict[str, list[str]] = {}
    for line in _header_lines(distribution):
        field, _, value = line.partition(":")
        headers.setdefault(field.lower(), []).append(value.strip())
    requires = headers.get("requires-dist") or _legacy_requires(distribution)
    name, version, summary = (headers.get(field, [""])[0] for field in ("name", "version", "summary"))
    return Metadata(name, version, summary, tuple(requires))


def _text(distribution: Distribution, file: str) -> str:
    """Return the text of a file, "" if it is missing or not UTF-8, which the specifications require."""
    try:
        return distribution.read_text(file) or ""
    except UnicodeDecodeError:
        return ""


def _header_lines(distribution: Distribution) -> list[str]:
    """Return the header lines, each joined with its continuation lines."""
    text = _text(distribution, "METADATA") or _text(distribution, "PKG-INFO") or _text(distribution, "")
    lines: list[str] = []
    for line in text.partition("\n\n")[0].splitlines():
        if line[:1].isspace() and lines:
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
    return lines


def _entries(distribution: Distribution, group: str) -> Iterator[EntryPoint]:
    """Yield the entry points of one group.

    ``importlib_metadata`` rejects the whole file if one line has no ``=``. Here such a line is an entry point without a target,
    so that only its own plugin fails, when it is imported.
    """
    section = ""
    for line in map(str.strip, _text(distribution, "entry_points.txt").splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip()
        elif section == group and line and not line.startswith(("#", ";")):
            name, _, target = line.partition("=")
            yield EntryPoint(name.strip(), target.strip(), group)


def _legacy_requires(distribution: Distribution) -> list[str]:
    """Return the requirements of an ``.egg-info`` directory, which are in a separate file."""
    return list(distribution.requires or ()) if distribution.read_text("requires.txt") else []
