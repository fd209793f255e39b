"""The version of the host."""

from __future__ import annotations

from typing import Final

__version__: Final = "1.0.0"
