"""The exit code of ``host run`` is the worst of its workers'; a worker that was stopped on purpose does not count."""

from __future__ import annotations

import signal

import pytest

from host.cli.serve.granian_server import exit_code


@pytest.mark.parametrize(
    ("codes", "interrupted", "code"),
    [
        ([], False, 0),
        ([0, 0], False, 0),
        ([0, 3, 2], False, 3),
        ([-signal.SIGKILL, 0], False, 1),
        ([-signal.SIGTERM], False, 1),
        ([-signal.SIGTERM, 0], True, 0),  # stopped before it could install its own handler
        ([-signal.SIGTERM, 3], True, 3),
        ([-signal.SIGKILL], True, 1),
    ],
)
def test_the_exit_code_is_the_worst_of_the_workers(codes: list[int], interrupted: bool, code: int) -> None:
    assert exit_code(codes, interrupted=interrupted) == code
