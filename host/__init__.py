"""litestar-host: ``pip install`` a plugin and its models, routes and contracts become part of one Litestar backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from host.host import Host as Host

__all__ = ("Host", "__version__")

__version__: Final = "1.0.0"


def __getattr__(name: str) -> Any:
    """``Host`` is imported when it is asked for: commands that only list plugins need nothing of weight."""
    if name != "Host":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from host.host import Host

    return Host
