"""Names and paths: plugin keys, prefixes, the nearest right name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_KEY: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*__[a-z][a-z0-9]*(?:_[a-z0-9]+)*\Z")
_PREFIX: Final = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+\Z")
_PARAMETER: Final = re.compile(r"\{[^}]*\}")


def is_key(name: str) -> bool:
    """Whether a name is a plugin key, ``author__name`` in lower case (row R7)."""
    return _KEY.match(name) is not None


def split_key(key: str) -> tuple[str, str]:
    """Author and name of a plugin key."""
    author, _, name = key.partition("__")
    return author, name


def last_name(key: str) -> str:
    """The last part of a plugin key: ``todo`` of ``acme__todo``, ``list`` of ``acme__todo.list``."""
    return split_key(key)[1].rpartition(".")[2]


def root_key(key: str) -> str:
    """The key of the installed plugin in which a plugin lies, or which it is."""
    return key.partition(".")[0]


def is_prefix(path: str) -> bool:
    """Whether a path has only characters that need no escape, and is not the root."""
    return _PREFIX.match(path) is not None


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    from difflib import get_close_matches  # takes 5 ms to import, and only a misspelt name needs it

    found = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?``, or the names there are, or "" where there are none."""
    names = sorted(known)
    if (near := nearest(name, names)) is not None:
        return f"did you mean {near!r}?"
    return f"there are {', '.join(names)}" if names else ""


def plugin_hint(name: str, known: Iterable[str]) -> str:
    """What to do about the name of a plugin that the settings or a command do not know.

    Args:
        name: the wrong one, maybe that of a plugin inside another, which cannot be named there.
        known: the right ones.
    """
    names = set(known)
    if (root := root_key(name)) != name and root in names:
        return f"name {root}: it is the one that says what lies in it, and with which prefix and options"
    return did_you_mean(name, names)


def canonical(distribution: str) -> str:
    """The name of a distribution as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def is_within(module: str, package: str) -> bool:
    """Whether a module is a package or lies in it, by their dotted names."""
    return f"{module}.".startswith(f"{package}.")


def join_paths(*parts: str) -> str:
    """Paths with one slash between them, one in front and none behind (row F8)."""
    return "/" + "/".join(segment for part in parts for segment in part.split("/") if segment)


def without_names(path: str) -> str:
    """A path in which every parameter looks the same, so that two that take the same requests are equal."""
    return _PARAMETER.sub("{}", join_paths(path))
