"""Names and paths: plugin keys, prefixes, the nearest right name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_KEY: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*__[a-z][a-z0-9]*(?:_[a-z0-9]+)*\Z")
_PREFIX: Final = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+\Z")
_PARAMETER: Final = re.compile(r"\{[^}]*\}")


def is_key(name: str) -> bool:
    """Return whether a name is a plugin key: ``author__name`` in lower case."""
    return _KEY.match(name) is not None


def split_key(key: str) -> tuple[str, str]:
    """Return author and name of a plugin key."""
    author, _, name = key.partition("__")
    return author, name


def last_name(key: str) -> str:
    """Return the last part of a plugin key: ``todo`` of ``acme__todo``, ``list`` of ``acme__todo.list``."""
    return split_key(key)[1].rpartition(".")[2]


def root_key(key: str) -> str:
    """Return the key of the installed plugin that contains a plugin: ``acme__todo`` of ``acme__todo.list`` and of itself."""
    return key.partition(".")[0]


def is_prefix(path: str) -> bool:
    """Return whether a path is not the root and has only characters that need no escape in a URL."""
    return _PREFIX.match(path) is not None


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that was probably meant, ``None`` if none is similar."""
    from difflib import get_close_matches  # takes 5 ms to import, and only a misspelt name needs it

    matches = get_close_matches(name, sorted(candidates), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Return ``did you mean 'x'?``, or a list of the candidates if none is similar, or "" if there are none."""
    names = sorted(candidates)
    if (near := nearest(name, names)) is not None:
        return f"did you mean {near!r}?"
    return f"there are {', '.join(names)}" if names else ""


def plugin_hint(name: str, candidates: Iterable[str]) -> str:
    """Return what to do about an unknown name of a plugin in the settings or on the command line.

    Args:
        name: The unknown name; it may be the key of a child, which cannot be named there.
        candidates: The names that are allowed.
    """
    names = set(candidates)
    if (root := root_key(name)) != name and root in names:
        return f"name {root}, which decides on its children, their prefixes and their options"
    return did_you_mean(name, names)


def canonical(distribution: str) -> str:
    """Return the name of a distribution as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def is_within(module: str, package: str) -> bool:
    """Return whether a module is a package itself or is nested in it, by their dotted names."""
    return f"{module}.".startswith(f"{package}.")


def join_paths(*parts: str) -> str:
    """Join paths with one slash between them, one at the beginning and none at the end."""
    return "/" + "/".join(segment for part in parts for segment in part.split("/") if segment)


def without_names(path: str) -> str:
    """Return a path with unnamed parameters, so that two paths that match the same requests are equal."""
    return _PARAMETER.sub("{}", join_paths(path))
