"""Put the fixture plugins on the path: they are packages of their own, as plugins are."""

from __future__ import annotations

import sys
from pathlib import Path

FIXTURES = str(Path(__file__).parent / "fixtures")
if FIXTURES not in sys.path:
    sys.path.insert(0, FIXTURES)
