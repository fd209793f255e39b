"""The message of the measurement of channels; it says when it was sent."""

from __future__ import annotations

import time

from msgspec import Struct

PATH = "/tick"


class Tick(Struct):
    sent: float
    text: str


def tick(size: int) -> Tick:
    return Tick(time.monotonic(), "x" * size)
