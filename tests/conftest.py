"""Fixtures for all tests."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.database.embedded.lease import start
from tests.distributions import Project


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking at all modules and tests again and again: they stay to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project whose plugins can be imported in this process too."""
    made = Project.at(tmp_path)
    with made.cleanup, made.site.active():
        yield made


@pytest.fixture(scope="session")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a MongoDB, one for all tests of a process; each test takes a database of its own in it."""
    with start(tmp_path_factory.mktemp("mongo")) as lease:
        yield lease.wait()


@pytest.fixture(scope="session")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """mypy's cache of the libraries, one for all tests of a process: without it mypy checks Litestar and Beanie each time."""
    return tmp_path_factory.mktemp("mypy")
