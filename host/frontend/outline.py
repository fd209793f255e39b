"""What stands in the part of a plugin, by name: the file cut into types, operations, channels, without TypeScript's grammar.

The emitter writes one thing a line or, over several lines, indented below its first: that is all that is relied on here, so a
file that somebody has edited, or that is half there, gives what can be told of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from host.frontend.parts import KINDS

_HEADING: Final = re.compile(r"// ─+ (?P<title>.*)\Z")
_PART: Final = re.compile(rf"(?P<key>\S+) .*: (?P<kind>{'|'.join(KINDS)})\Z")
_NAME: Final = re.compile(
    r'(?:export )?(?:declare )?(?:readonly |interface |type |namespace |const )*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[\w$]+))'
)
_CLOSES: Final = ("}", "]", ")")
#: Of the plugin's object; a digest follows from what it is of.
_DIGEST: Final = "schema"


@dataclass
class _Item:
    """A line with what is indented below it.

    Args:
        text: the line, without the comment above it.
        whole: the line, the comment above it, and everything below.
        below: what is indented below.
    """

    text: str
    whole: list[str]
    below: list[_Item] = field(default_factory=list)

    @property
    def name(self) -> str:
        found = _NAME.match(self.text.strip())
        return "" if found is None else found["quoted"] or found["plain"]

    @property
    def content(self) -> str:
        return "\n".join(self.whole)


def sections_in(text: str) -> dict[str, dict[str, str]]:
    """Cut the parts of the plugins out of a generated file.

    Args:
        text: of the file, with LF.

    Returns:
        plugin key → kind of section, as in :data:`host.frontend.parts.KINDS` → its text.
    """
    found: dict[str, dict[str, str]] = {}
    into: list[str] | None = None
    sections: list[tuple[str, str, list[str]]] = []
    for line in text.split("\n"):
        heading = _HEADING.match(line)
        if heading is not None:
            part = _PART.match(heading["title"])
            into = None if part is None else [line]
            if part is not None and into is not None:
                sections.append((part["key"], part["kind"], into))
        elif into is not None:
            into.append(line)
    for key, kind, lines in sections:
        found.setdefault(key, {})[kind] = found.get(key, {}).get(kind, "") + "\n".join(lines).rstrip("\n") + "\n"
    return found


def outline(part: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """What stands in the part of one plugin.

    Args:
        part: kind of section → its text.

    Returns:
        what it is (``operation``, ``type``, …) and its name → its text, from all sections in which it stands.
    """
    found: dict[tuple[str, str], str] = {}
    for kind, tell in _TELLERS.items():
        for item in _items(part.get(kind, "").split("\n")):
            for what, name, text in tell(item):
                found[what, name] = found.get((what, name), "") + text + "\n"
    return found


def _items(lines: Sequence[str]) -> list[_Item]:
    """The items of the lowest indentation, each with those below it."""
    found: list[_Item] = []
    comment: list[str] = []
    lines = [line for line in lines if line.strip() and not line.startswith("//")]
    level = min((_indentation(line) for line in lines), default=0)
    bodies: list[list[str]] = []
    for line in lines:
        bare = line.strip()
        if _indentation(line) == level and bare.startswith("/*"):
            comment = [line]
        elif comment and bare.startswith("*") and not comment[-1].rstrip().endswith("*/"):
            comment.append(line)
        elif found and (_indentation(line) > level or bare.startswith(_CLOSES)):
            found[-1].whole.append(line)
            if _indentation(line) > level:
                bodies[-1].append(line)
        else:
            found.append(_Item(line, [*comment, line]))
            bodies.append([])
            comment = []
    for item, body in zip(found, bodies, strict=True):
        item.below = _items(body) if body else []
    return found


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


_Told = Iterator[tuple[str, str, str]]


def _types(namespace: _Item) -> _Told:
    for item in namespace.below:
        yield "type", item.name, item.content


def _calls(interface: _Item) -> _Told:
    if interface.name.endswith("Events"):
        for item in interface.below:
            yield "channel", item.name, item.content
        return
    for entity in interface.below:
        for call in entity.below:
            what = "socket" if re.search(r":\s*Socket<", call.text) else "operation"
            yield what, f"{entity.name}.{call.name}", call.content


def _config(constant: _Item) -> _Told:
    for item in constant.below:
        if item.name == "data":
            yield from _data(item)
        elif item.name == "enums":
            yield from (("enum", name, text) for name, text in _entries(item.text))
        elif item.name == "channels":
            yield from (("channel", name, text) for name, text in _entries(item.text))
        elif item.name and item.name != _DIGEST:
            yield item.name, "", item.content


def _data(data: _Item) -> _Told:
    for entity in data.below:
        for table in entity.below:
            what = {"operations": "operation", "sockets": "socket"}.get(table.name)
            if what is None:
                yield "entity", entity.name, table.content
                continue
            for item in table.below:
                yield what, f"{entity.name}.{item.name}", item.content


def _entries(line: str) -> Iterator[tuple[str, str]]:
    """Name and text of what stands in an object on one line: a value holds brackets at most one deep, and strings."""
    string = r'"(?:[^"\\]|\\.)*"'
    entry = re.compile(rf'(?:{string}|[\w$]+):\s*(?:{string}|\[(?:{string}|[^\]"])*\]|[^,"\]}}]+)')
    inside = line.partition("{")[2]
    for found in entry.finditer(inside):
        name = _NAME.match(found[0])
        if name is not None:
            yield name["quoted"] or name["plain"], found[0]


_TELLERS: Final[dict[str, Callable[[_Item], _Told]]] = {"types": _types, "calls": _calls, "config": _config}
