"""Strings, keys, comments and type operators: the only ways in which text of plugins enters the file, so that it breaks nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

# Control characters, line and paragraph separators, byte order mark, lone surrogates, and the marks that change the
# direction of writing, behind which code could hide from a reader.
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\uffff]")
# Two of them are part of words in some languages and of some emoji.
_JOINERS: Final = "\u200c\u200d"
_LINES: Final = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z")
_BRACKET: Final = re.compile(r'["({\[<]')
_TEMPLATE: Final = re.compile(r"[\\`]|\$(?=\{)")


def literal(value: Any) -> str:
    """Return a JSON value as a TypeScript expression on one line.

    Args:
        value: A ``str``, ``int``, ``float``, ``bool``, ``None``, or a list or string-keyed mapping of them.

    Raises:
        TypeError: The value contains something else.
        ValueError: A number is not finite.
    """
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{entry_key(name)}: {literal(item)}" for name, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    return _UNSAFE.sub(_escape, json.dumps(value, ensure_ascii=False, allow_nan=False))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def type_key(name: str) -> str:
    """Return a property name in a type: bare if it is an identifier, else quoted."""
    return name if _NAME.match(name) else literal(name)


def entry_key(name: str) -> str:
    """Return a property name in an object: as :func:`type_key`, but ``__proto__`` is computed, else it would set the prototype.

    Raises:
        TypeError: The name is not a string.
    """
    if not isinstance(name, str):
        raise TypeError(f"the key {name!r} is not a string")
    return '["__proto__"]' if name == "__proto__" else type_key(name)


def member(name: str) -> str:
    """Return the access to a property: ``.id`` or ``["task-id"]``."""
    return f".{name}" if _NAME.match(name) else f"[{literal(name)}]"


def template(text: str) -> str:
    """Return literal text inside a template literal."""
    return _UNSAFE.sub(_escape, _TEMPLATE.sub(lambda match: "\\" + match.group(), text))


def one_line(text: str) -> str:
    """Return text for a comment on one line: nothing in it ends the line or the comment, or is a directive for the compiler."""
    flat = " ".join(part.strip() for part in _LINES.split(text) if part.strip())
    return _tame(flat)


def _tame(text: str) -> str:
    # The compiler obeys `@ts-…` even in a documentation comment.
    safe = _UNSAFE.sub(lambda match: match.group() if match.group() in _JOINERS else "\ufffd", text.replace("\t", " "))
    return safe.replace("*/", "*\\/").replace("@ts-", "@ ts-")


def comment(lines: Sequence[str], indent: str = "") -> str:
    """Return a documentation comment with its final newline, "" without text.

    Args:
        lines: Text of any origin; line breaks within it begin further lines.
        indent: Put before each line.
    """
    if not lines:
        return ""
    flat = [_tame(part.rstrip()) for line in lines for part in _LINES.split(line)]
    while flat and not flat[0].strip():
        flat.pop(0)
    while flat and not flat[-1].strip():
        flat.pop()
    if not flat:
        return ""
    if len(flat) == 1:
        return f"{indent}/** {flat[0].strip()} */\n"
    return f"{indent}/**\n" + "".join(f"{indent} * {line}".rstrip() + "\n" for line in flat) + f"{indent} */\n"


def union(members: Sequence[str]) -> str:
    """Return the union of type expressions without repetitions, ``never`` without any."""
    flat = dict.fromkeys(
        part for member in members for part in (member.split(" | ") if _BRACKET.search(member) is None else [member])
    )
    if "unknown" in flat:
        return "unknown"
    return " | ".join(flat) or "never"


def array(item: str) -> str:
    """Return the type of arrays. It is never ``Array<…>``, because a plugin may have a type of that name."""
    return f"({item})[]" if _compound(item) else f"{item}[]"


def optional_item(item: str) -> str:
    """Return an element of a tuple that may be missing."""
    return f"({item})?" if _compound(item) else f"{item}?"


def intersection(members: Sequence[str]) -> str:
    """Return the intersection of type expressions, ``unknown`` without any."""
    flat = [f"({member})" if _compound(member) else member for member in dict.fromkeys(members) if member != "unknown"]
    return " & ".join(flat) or "unknown"


def _compound(expression: str) -> bool:
    """Return whether an expression has an operator outside of brackets and strings."""
    if " " not in expression:
        return False
    depth, quoted, escaped = 0, False, False
    for character in expression:
        if quoted:
            quoted, escaped = escaped or character != '"', character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in "{[(<":
            depth += 1
        elif character in "}])>":
            depth -= 1
        elif character in "|&" and depth == 0:
            return True
    return False


def are_names(values: Iterable[Any]) -> bool:
    """Return whether all JSON values can be property names, so that the compiler can map over them."""
    return all(isinstance(value, str | int | float) and not isinstance(value, bool) for value in values)


def record(value: str, key: str | None = None) -> str:
    """Return the type of objects that are used as maps.

    Args:
        value: The type of the values.
        key: A union of literals if the keys are known; each of them may be absent then.
    """
    return f"{{ [key: string]: {value} }}" if key is None else f"{{ [key in {key}]?: {value} }}"
