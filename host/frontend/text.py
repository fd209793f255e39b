"""The only ways in which text from plugins gets into the file (design, 6: it can break nothing)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

# Control characters, line and paragraph separators, byte order mark, lone surrogates, and the marks that turn the
# direction of writing, behind which code could hide from a reader.
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\uffff]")
# Two of them stand in the words of some languages and in some emoji.
_JOINERS: Final = "\u200c\u200d"
_LINES: Final = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z")
_BRACKET: Final = re.compile(r'["({\[<]')
_TEMPLATE: Final = re.compile(r"[\\`]|\$(?=\{)")


def literal(value: Any) -> str:
    """A JSON value as a TypeScript expression on one line.

    Args:
        value: of ``str``, ``int``, ``float``, ``bool``, ``None``, and lists and string-keyed mappings of them.

    Raises:
        TypeError: something else is in it.
        ValueError: a number is not finite.
    """
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{entry_key(name)}: {literal(one)}" for name, one in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    return _UNSAFE.sub(_escape, json.dumps(value, ensure_ascii=False, allow_nan=False))


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def type_key(name: str) -> str:
    """A property name in a type: bare where it is an identifier, else quoted."""
    return name if _NAME.match(name) else literal(name)


def entry_key(name: str) -> str:
    """A property name in an object: as :func:`type_key`, but ``__proto__`` must be computed not to set the prototype.

    Raises:
        TypeError: not a string.
    """
    if not isinstance(name, str):
        raise TypeError(f"the key {name!r} is not a string")
    return '["__proto__"]' if name == "__proto__" else type_key(name)


def member(name: str) -> str:
    """What follows an object to reach one of its properties: ``.id`` or ``["task-id"]``."""
    return f".{name}" if _NAME.match(name) else f"[{literal(name)}]"


def template(text: str) -> str:
    """Literal text inside a template literal."""
    return _UNSAFE.sub(_escape, _TEMPLATE.sub(lambda found: "\\" + found.group(), text))


def one_line(text: str) -> str:
    """Text for a ``//`` comment or the middle of another: nothing in it ends a line or a comment, or speaks to the compiler."""
    flat = " ".join(part.strip() for part in _LINES.split(text) if part.strip())
    return _tame(flat)


def _tame(text: str) -> str:
    # The compiler obeys `@ts-…` even inside a documentation comment.
    shown = _UNSAFE.sub(lambda found: found.group() if found.group() in _JOINERS else "\ufffd", text.replace("\t", " "))
    return shown.replace("*/", "*\\/").replace("@ts-", "@ ts-")


def comment(lines: Sequence[str], indent: str = "") -> str:
    """A documentation comment with its final newline, or "" where there is nothing to say.

    Args:
        lines: text from anywhere; further line ends in it are kept as lines.
        indent: in front of each line.
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
    """The union of type expressions, without repetitions; ``never`` of none."""
    flat = dict.fromkeys(part for one in members for part in (one.split(" | ") if _BRACKET.search(one) is None else [one]))
    if "unknown" in flat:
        return "unknown"
    return " | ".join(flat) or "never"


def array(item: str) -> str:
    """The type of arrays of one thing; never ``Array<…>``, a plugin may have a type of that name."""
    return f"({item})[]" if _compound(item) else f"{item}[]"


def optional_item(item: str) -> str:
    """An element of a tuple that may be missing."""
    return f"({item})?" if _compound(item) else f"{item}?"


def intersection(members: Sequence[str]) -> str:
    """The type of what is all of these at once; ``unknown`` of none."""
    flat = [f"({one})" if _compound(one) else one for one in dict.fromkeys(members) if one != "unknown"]
    return " & ".join(flat) or "unknown"


def _compound(expression: str) -> bool:
    """Whether an operator stands in it outside of brackets and strings."""
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
    """Whether JSON values can all be names of properties, by which the compiler takes a map apart."""
    return all(isinstance(one, str | int | float) and not isinstance(one, bool) for one in values)


def record(value: str, key: str | None = None) -> str:
    """The type of objects used as maps.

    Args:
        value: of the values.
        key: a union of literals, where the keys are known; then each may be absent.
    """
    return f"{{ [key: string]: {value} }}" if key is None else f"{{ [key in {key}]?: {value} }}"
