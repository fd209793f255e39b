"""Cut the part of a plugin into its types, operations and channels by name, without TypeScript's grammar.

The emitter writes each item on one line, or on several with the others indented below the first. Nothing else is assumed, so an
edited or truncated file still yields its intact items.
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
#: A field of the plugin's object that is no difference of its own: the digest follows from the rest.
_DIGEST: Final = "schema"


@dataclass
class _Item:
    """A line and the lines that are indented below it.

    Args:
        text: The line, without the comment above it.
        whole: The comment above the line, the line, and everything below.
        below: The items that are indented below.
    """

    text: str
    whole: list[str]
    below: list[_Item] = field(default_factory=list)

    @property
    def name(self) -> str:
        match = _NAME.match(self.text.strip())
        return "" if match is None else match["quoted"] or match["plain"]

    @property
    def content(self) -> str:
        return "\n".join(self.whole)


def sections_in(text: str) -> dict[str, dict[str, str]]:
    """Split a generated file into the sections of its plugins.

    Args:
        text: The text of the file, with LF.

    Returns:
        A mapping of plugin keys to mappings of the kind of section, see :data:`host.frontend.parts.KINDS`, to its text.
    """
    by_plugin: dict[str, dict[str, str]] = {}
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
        by_plugin.setdefault(key, {})[kind] = by_plugin.get(key, {}).get(kind, "") + "\n".join(lines).rstrip("\n") + "\n"
    return by_plugin


def outline(part: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Split the part of one plugin into items.

    Args:
        part: Maps the kind of section to its text.

    Returns:
        A mapping of the kind (``operation``, ``type``, …) and the name of an item to its text from all sections.
    """
    texts: dict[tuple[str, str], str] = {}
    for kind, read in _READERS.items():
        for item in _items(part.get(kind, "").split("\n")):
            for what, name, text in read(item):
                texts[what, name] = texts.get((what, name), "") + text + "\n"
    return texts


def _items(lines: Sequence[str]) -> list[_Item]:
    """Return the items of the lowest indentation, each with the items below it."""
    items: list[_Item] = []
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
        elif items and (_indentation(line) > level or bare.startswith(_CLOSES)):
            items[-1].whole.append(line)
            if _indentation(line) > level:
                bodies[-1].append(line)
        else:
            items.append(_Item(line, [*comment, line]))
            bodies.append([])
            comment = []
    for item, body in zip(items, bodies, strict=True):
        item.below = _items(body) if body else []
    return items


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


_Entries = Iterator[tuple[str, str, str]]


def _types(namespace: _Item) -> _Entries:
    for item in namespace.below:
        yield "type", item.name, item.content


def _calls(interface: _Item) -> _Entries:
    if interface.name.endswith("Events"):
        for item in interface.below:
            yield "channel", item.name, item.content
        return
    for entity in interface.below:
        for call in entity.below:
            what = "socket" if re.search(r":\s*Socket<", call.text) else "operation"
            yield what, f"{entity.name}.{call.name}", call.content


def _config(constant: _Item) -> _Entries:
    for item in constant.below:
        if item.name == "data":
            yield from _data(item)
        elif item.name == "enums":
            yield from (("enum", name, text) for name, text in _entries(item.text))
        elif item.name == "channels":
            yield from (("channel", name, text) for name, text in _entries(item.text))
        elif item.name and item.name != _DIGEST:
            yield item.name, "", item.content


def _data(data: _Item) -> _Entries:
    for entity in data.below:
        for table in entity.below:
            what = {"operations": "operation", "sockets": "socket"}.get(table.name)
            if what is None:
                yield "entity", entity.name, table.content
                continue
            for item in table.below:
                yield what, f"{entity.name}.{item.name}", item.content


def _entries(line: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of each entry of an object on one line, whose values nest brackets at most one level deep."""
    string = r'"(?:[^"\\]|\\.)*"'
    entry = re.compile(rf'(?:{string}|[\w$]+):\s*(?:{string}|\[(?:{string}|[^\]"])*\]|[^,"\]}}]+)')
    inside = line.partition("{")[2]
    for match in entry.finditer(inside):
        name = _NAME.match(match[0])
        if name is not None:
            yield name["quoted"] or name["plain"], match[0]


_READERS: Final[dict[str, Callable[[_Item], _Entries]]] = {"types": _types, "calls": _calls, "config": _config}
