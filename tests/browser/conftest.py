"""A real Chromium, a real ``host run``, and tabs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.building import FRONTEND
from tests.browser.tabs import Tabs, Tasks, tabs_of
from tests.frontend.compile import install
from tests.serverkit import Serve, serve, servers

__all__ = ["serve"]

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]

TOML = """
[plugins]
enabled = ["acme-todo", "acme-billing"]

[plugins.acme__billing.options.limits]
free = {limit}
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start the system's browser; Playwright's own is not downloaded.

    There is one per module: while Playwright is open its event loop is the running one, and tests that call ``asyncio.run`` fail.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.fail("Chromium is not on PATH: apt install chromium")
    install(FRONTEND)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS, headless=True)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture
def tabs(chromium: Browser) -> Iterator[Tabs]:
    """Return a helper that opens tabs and checks afterwards that nothing went wrong in them."""
    with tabs_of(chromium) as opener:
        yield opener


@pytest.fixture(scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server with a quota that is enough for all tests of a module."""
    with servers(tmp_path_factory.mktemp("page")) as start:
        yield start(TOML.format(limit=1000)).url


@pytest.fixture
def tasks(_shared: str) -> Iterator[Tasks]:
    """Return another client of the server, which has no tasks yet."""
    with Tasks(_shared) as client:
        client.clear()
        yield client


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the directory of a test's own server, whose quota is three tasks."""
    directory = tmp_path / "project"
    directory.mkdir()
    (directory / "host.toml").write_text(TOML.format(limit=3), encoding="utf-8")
    return directory


@pytest.fixture
def small(serve: Serve, project: Path) -> str:
    """Return the URL of that server."""
    return serve(name=project.name).url
