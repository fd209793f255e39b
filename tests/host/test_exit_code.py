"""The exit code of ``host run`` is the worst of its workers'; one that ended as it was told to is none."""

from __future__ import annotations

import signal

import pytest
from granian.constants import Interfaces

from host.cli.serve.granian_server import Server


@pytest.mark.parametrize(
    ("codes", "told", "code"),
    [
        ([], False, 0),
        ([0, 0], False, 0),
        ([0, 3, 2], False, 3),
        ([-signal.SIGKILL, 0], False, 1),
        ([-signal.SIGTERM], False, 1),
        ([-signal.SIGTERM, 0], True, 0),  # told to stop before it could have a handler of its own
        ([-signal.SIGTERM, 3], True, 3),
        ([-signal.SIGKILL], True, 1),
    ],
)
def test_it_is_the_worst_of_the_workers(codes: list[int], told: bool, code: int) -> None:
    server = Server(target="host", interface=Interfaces.ASGINL)
    server.codes = codes
    server.interrupt_signal = told
    assert server.exit_code == code
