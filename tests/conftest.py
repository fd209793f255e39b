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
    """Exempt all modules and tests from garbage collection: they stay until the end."""
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
    """Yield a project whose plugins can be imported in this process too."""
    new = Project.at(tmp_path)
    with new.cleanup, new.site.active():
        yield new


@pytest.fixture(scope="session")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a MongoDB that all tests of a process share; each test uses its own database."""
    with start(tmp_path_factory.mktemp("mongo")) as lease:
        yield lease.wait()


@pytest.fixture(scope="session")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return mypy's cache, shared by all tests of a process: without it mypy checks Litestar and Beanie each time."""
    return tmp_path_factory.mktemp("mypy")
