"""Fixtures for all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from host.database.embedded.lease import start
from tests.distributions import Project


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking at all modules and tests again and again: they stay to the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let mutation testing go on without a test that fails although nothing is mutated; mutmut would end."""
    report = yield
    if report.failed and os.environ.get("MUTANT_UNDER_TEST") == "stats":
        with (item.config.rootpath / "failed.txt").open("a", encoding="utf-8") as file:
            file.write(f"{item.nodeid}\n")
        report.outcome, report.longrepr = "skipped", (str(item.path), 0, "fails although nothing is mutated")
    return report


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
