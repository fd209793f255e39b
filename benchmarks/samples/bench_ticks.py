"""The message of the channels measurement; it contains its sending time."""

from __future__ import annotations

import time

from msgspec import Struct

PATH = "/tick"


class Tick(Struct):
    sent: float
    text: str


def tick(size: int) -> Tick:
    return Tick(time.monotonic(), "x" * size)
