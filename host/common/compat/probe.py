"""Find out which undocumented names the installed version of a library still has."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

_ABSENT: Final[Any] = object()
_LOG: Final = logging.getLogger("host")
#: The library of asyncio.
PYTHON: Final = "Python"


@dataclass(frozen=True, slots=True)
class Feature:
    """A use of undocumented names, and what replaces it if one of them is gone.

    Args:
        library: the distribution.
        fallback: what happens instead; the end of the warning.
        names: all names, each as ``module:Class.attribute``.
        missing: those that the installed version does not have.
    """

    library: str
    fallback: str
    names: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def works(self) -> bool:
        """Whether all names are there."""
        return not self.missing


def probe(library: str, fallback: str, *names: str) -> Feature:
    """Look for names, which costs some attribute look-ups in modules that are imported anyway.

    Args:
        library: the distribution that has them.
        fallback: what happens if one of them is gone.
        names: each as ``module:Class.attribute``.
    """
    return Feature(library, fallback, names, tuple(name for name in names if load(name) is None))


def load(name: str) -> Any:
    """Return what a name stands for, ``None`` if the library does not have it.

    Args:
        name: ``module:Class.attribute``; an attribute that a class keeps in a slot is found, too.
    """
    module, _, attributes = name.partition(":")
    try:
        found: Any = importlib.import_module(module)
    except ModuleNotFoundError:
        return None
    for attribute in filter(None, attributes.split(".")):
        found = getattr(found, attribute, _ABSENT)
        if found is _ABSENT:
            return None
    return found


def imported_features() -> Iterator[Feature]:
    """Return the features of all compatibility modules that this process has imported, and of no other."""
    for name in ("asyncio", "beanie", "granian", "litestar", "pymongo"):
        module = sys.modules.get(f"{__package__}.{name}")
        if module is not None:
            yield from module.FEATURES


def warnings_of(features: Iterable[Feature]) -> list[str]:
    """Return one line per missing name, which says the library, its version, the name and the consequence."""
    return [
        f"{feature.library} {_version(feature.library)} has no {name.rpartition(':')[2]}: {feature.fallback}"
        for feature in features
        for name in feature.missing
    ]


def warn_of_missing_names() -> None:
    """Log one warning per undocumented name that an imported library no longer has."""
    for line in warnings_of(imported_features()):
        _LOG.warning("%s", line)


def _version(library: str) -> str:
    # Not needed while nothing is missing.
    import platform
    from importlib.metadata import version

    return platform.python_version() if library == PYTHON else version(library)
