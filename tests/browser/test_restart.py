"""The page of acme-todo while its server is stopped and started again."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.tabs import Tabs, Tasks
from tests.serverkit import Serve, servers

#: Milliseconds: the longer the server is down, the longer the delays between attempts.
RECONNECTED = 60_000


@pytest.fixture
def port() -> str:
    """Return a free port, so that the server can use it again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


def test_the_page_survives_a_restart_of_the_server(serve: Serve, project: Path, tabs: Tabs, port: str) -> None:
    server = serve(name=project.name, arguments=["--port", port])
    here, there = tabs.open(server.url), tabs.open(server.url)
    here.add("Before")
    expect(there.row("Before")).to_be_visible()
    here.title.fill("Not sent yet")
    there.press("Edit Before")
    there.rows().get_by_label("Title", exact=True).fill("Not saved yet")

    assert server.stop() == 0
    for tab in (here, there):
        expect(tab.page.locator("#connection")).to_have_text("Reconnecting…")
    here.press("Add task")
    expect(here.page.locator("#notice")).to_contain_text("The server cannot be reached. What you typed is kept")
    assert here.violations() == []
    here.picture("todo-reconnecting")

    with servers(project.parent) as elsewhere, Tasks(elsewhere(name=project.name).url) as tasks:
        tasks.add("Meanwhile")  # to the same database through another address, which notifies no tab

    server.start()
    for tab in (here, there):
        tab.live(RECONNECTED)
        expect(tab.row("Meanwhile")).to_be_visible()
        expect(tab.page.locator("#notice")).to_be_hidden()
    expect(here.title).to_have_value("Not sent yet")
    expect(there.rows().get_by_label("Title", exact=True)).to_have_value("Not saved yet")

    here.press("Add task")
    expect(there.row("Not sent yet")).to_be_visible()
    there.press("Save")
    expect(here.row("Not saved yet")).to_be_visible()
    with Tasks(server.url) as tasks:
        assert tasks.titles() == ["Not sent yet", "Meanwhile", "Not saved yet"]
    for tab in (here, there):
        tab.expected("WebSocket connection to .* failed|ERR_CONNECTION_REFUSED")
