"""Compare two generated files: which plugin differs, in which of its operations, types and channels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Final, Literal

from host.frontend.outline import outline, sections_in

Kind = Literal["changed", "added", "removed"]

#: The default name of the file.
FILE: Final = "generated-config.ts"
#: The number of changes of one kind that a line names.
_MOST: Final = 12
_TEXT_ONLY: Final = "only its text or comments"


@dataclass(frozen=True)
class Change:
    """One difference in a plugin's part.

    Args:
        what: ``operation``, ``socket``, ``type``, ``channel``, ``enum``, or a field of the plugin's object such as ``version``.
        name: Its name, "" for a field of the object.
        kind: Whether it differs, is new, or no longer exists.
    """

    what: str
    name: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.what} {self.name}".rstrip()


@dataclass(frozen=True)
class PluginDrift:
    """The differences in the part of one plugin.

    Args:
        plugin: The plugin key.
        kind: That of the whole part; an ``added`` or ``removed`` plugin lists no single changes.
        changes: Sorted; a thing is listed once, even if it differs in several sections.
    """

    plugin: str
    kind: Kind
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        if self.kind != "changed":
            return f"{self.plugin}: {self.kind}"
        groups = (
            _listing(kind, [change for change in self.changes if change.kind == kind]) for kind in ("changed", "added", "removed")
        )
        return f"{self.plugin}: {'; '.join(filter(None, groups)) or _TEXT_ONLY}"


@dataclass(frozen=True)
class Drift:
    """The differences between a file and what it should be.

    Args:
        plugins: The plugins whose part differs, sorted by key; empty if only the host's own part or the line endings differ.
        line_ends: Whether the files are equal except for their line endings.
        diff: A unified diff, "" if the files are equal except for line endings.
    """

    plugins: tuple[PluginDrift, ...]
    line_ends: bool
    diff: str

    @property
    def lines(self) -> tuple[str, ...]:
        """One line per plugin that differs: ``acme__todo: operation task.create; added operation task.archive``."""
        if self.line_ends:
            return ("the line endings, which are CRLF",)
        return tuple(str(plugin) for plugin in self.plugins) or (("the host itself",) if self.diff else ())


def drift(old: str, new: str) -> Drift:
    """Compare an existing file with what it should be.

    Args:
        old: The text of the file; it may be anything.
        new: What it should be.
    """
    if old == new:
        return Drift((), line_ends=False, diff="")
    lines = old.replace("\r\n", "\n")
    if lines == new:
        return Drift((), line_ends=True, diff="")
    plugins = _plugins(sections_in(lines), sections_in(new))
    return Drift(tuple(plugins), line_ends=False, diff=_diff(lines, new))


def _plugins(before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]) -> Iterable[PluginDrift]:
    for key in sorted(before.keys() | after.keys()):
        if key not in after:
            yield PluginDrift(key, "removed")
        elif key not in before:
            yield PluginDrift(key, "added")
        elif before[key] != after[key]:
            yield PluginDrift(key, "changed", tuple(_changes(outline(before[key]), outline(after[key]))))


def _changes(before: Mapping[tuple[str, str], str], after: Mapping[tuple[str, str], str]) -> Iterable[Change]:
    for what, name in sorted(before.keys() | after.keys()):
        old, new = before.get((what, name)), after.get((what, name))
        if old != new:
            yield Change(what, name, "added" if old is None else "removed" if new is None else "changed")


def _listing(kind: Kind, changes: list[Change]) -> str:
    names = [str(change) for change in changes[:_MOST]]
    if len(changes) > _MOST:
        names.append(f"and {len(changes) - _MOST} more")
    return f"{'' if kind == 'changed' else f'{kind} '}{', '.join(names)}" if names else ""


def _diff(old: str, new: str) -> str:
    before, after = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (old, new))  # splitlines() ends lines at U+2028 too
    lines = unified_diff(before, after, f"{FILE} (on disk)", f"{FILE} (expected)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
