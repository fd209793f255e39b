"""Fixtures of the tests of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymongo
import pytest

from tests.database.processes import Home, Host

Client = pymongo.MongoClient[dict[str, Any]]


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

    def begin(**options: Any) -> Host:
        hosts.append(Host(home.directory, **options))
        return hosts[-1]

    yield begin
    for one in hosts:
        if one.process.poll() is None:
            one.kill()


@pytest.fixture
def client() -> Iterator[Callable[[str], Client]]:
    """Opens a pymongo client."""
    clients: list[Client] = []

    def connect(url: str) -> Client:
        clients.append(pymongo.MongoClient(url, serverSelectionTimeoutMS=10_000))
        return clients[-1]

    yield connect
    for one in clients:
        one.close()
