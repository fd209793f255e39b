"""Fixtures for the tests of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.database.processes import Home, Host


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A directory for an embedded MongoDB; nothing runs in it after the test."""
    made = Home(tmp_path)
    yield made
    made.clear()


@pytest.fixture
def host(home: Home) -> Iterator[Callable[..., Host]]:
    """Starts another host process on the directory of the test."""
    hosts: list[Host] = []

    def begin(*code: str, **options: Any) -> Host:
        hosts.append(Host(home.directory, *code, **options))
        return hosts[-1]

    yield begin
    for process in hosts:
        process.kill()
