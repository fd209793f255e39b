"""Two generated files compared: which plugin differs, in which of its operations, types, channels. Texts in, values out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Final, Literal

from host.frontend.outline import outline, sections_in

Kind = Literal["changed", "added", "gone"]

#: What the file is called, unless the settings say otherwise.
FILE: Final = "generated-config.ts"
#: How many changes of one kind a line names.
_MOST: Final = 12
_BY_HAND: Final = "its text"


@dataclass(frozen=True)
class Change:
    """Something of a plugin that differs.

    Args:
        what: ``operation``, ``socket``, ``type``, ``channel``, ``enum``, or a field of the plugin's object such as ``version``.
        name: of it, "" for a field of the object.
        kind: whether it differs, is new, or is not there any more.
    """

    what: str
    name: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.what} {self.name}".rstrip()


@dataclass(frozen=True)
class PluginDrift:
    """How the part of one plugin differs.

    Args:
        plugin: its key.
        kind: of the whole part; where it is ``added`` or ``gone``, there are no single changes.
        changes: sorted; the same thing is told once, whatever sections it differs in.
    """

    plugin: str
    kind: Kind
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        if self.kind != "changed":
            return f"{self.plugin}: {self.kind}"
        told = (_told(kind, [one for one in self.changes if one.kind == kind]) for kind in ("changed", "added", "gone"))
        return f"{self.plugin}: {'; '.join(filter(None, told)) or _BY_HAND}"


@dataclass(frozen=True)
class Drift:
    """How a file differs from what it should be.

    Args:
        plugins: those whose part differs, sorted by key; none where the host itself changed, or only line ends.
        line_ends: whether the files are equal but for their line ends.
        diff: unified, "" where the files are equal but for line ends.
    """

    plugins: tuple[PluginDrift, ...]
    line_ends: bool
    diff: str

    @property
    def lines(self) -> tuple[str, ...]:
        """What differs, one line a plugin: ``acme__todo: operation task.create; added operation task.archive``."""
        if self.line_ends:
            return ("the line ends, which are CRLF",)
        return tuple(str(one) for one in self.plugins) or (("the host itself",) if self.diff else ())


def drift(old: str, new: str) -> Drift:
    """What of an existing file is not what it should be.

    Args:
        old: text of the file, whatever it is.
        new: what it should be.
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
            yield PluginDrift(key, "gone")
        elif key not in before:
            yield PluginDrift(key, "added")
        elif before[key] != after[key]:
            yield PluginDrift(key, "changed", tuple(_changes(outline(before[key]), outline(after[key]))))


def _changes(before: Mapping[tuple[str, str], str], after: Mapping[tuple[str, str], str]) -> Iterable[Change]:
    for what, name in sorted(before.keys() | after.keys()):
        old, new = before.get((what, name)), after.get((what, name))
        if old != new:
            yield Change(what, name, "added" if old is None else "gone" if new is None else "changed")


def _told(kind: Kind, changes: list[Change]) -> str:
    shown = [str(one) for one in changes[:_MOST]]
    if len(changes) > _MOST:
        shown.append(f"and {len(changes) - _MOST} more")
    return f"{'' if kind == 'changed' else f'{kind} '}{', '.join(shown)}" if shown else ""


def _diff(old: str, new: str) -> str:
    before, after = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (old, new))  # splitlines() ends lines at U+2028 too
    lines = unified_diff(before, after, f"{FILE} (on disk)", f"{FILE} (expected)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
