"""litestar-host: ``pip install`` a plugin and its models, routes and contracts become part of one Litestar backend."""

from __future__ import annotations

from typing import Final

__version__: Final = "1.0.0"
