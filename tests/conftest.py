"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.distributions import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project whose plugins can be imported in this process too."""
    made = Project.at(tmp_path)
    with made.cleanup, made.site.active():
        yield made
