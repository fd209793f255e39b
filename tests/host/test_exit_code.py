"""The exit code of ``host run`` is the worst of its workers'; one that ended as it was told to is none."""

from __future__ import annotations

import signal

import pytest

from host.cli.serve.granian_server import exit_code


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
    assert exit_code(codes, interrupted=told) == code
