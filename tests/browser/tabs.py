"""Tabs of a real browser, which record everything that goes wrong in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import httpx
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, WebSocket, expect

from tests.browser.building import FRONTEND

ARTIFACTS: Final = Path(__file__).parents[1] / "artifacts"
AXE: Final = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"

#: Milliseconds until an expectation must be met.
DEADLINE: Final = 60_000

#: Requests that the page cancels on purpose: a new view is requested before the previous one has arrived.
_ABORTED: Final = "net::ERR_ABORTED"

expect.set_options(timeout=DEADLINE)


class Tab:
    """A page of the plugin in a tab.

    Args:
        context: the browser context.
        url: the URL of the server.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(DEADLINE)
        self.faults: list[str] = []
        self.sockets: list[WebSocket] = []
        self.page.on("console", self._logged)
        self.page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("websocket", lambda socket: self.sockets.append(socket))  # noqa: PLW0108 - Playwright sets attributes on the function
        self.page.goto(f"{url}/acme__todo/app/")
        self.live()

    def _logged(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != _ABORTED:
            self.faults.append(f"request: {request.method} {request.url} {request.failure}")

    def expected(self, pattern: str) -> None:
        """Forget the faults that match; there must be at least one.

        Args:
            pattern: a regular expression.
        """
        rest = [fault for fault in self.faults if not re.search(pattern, fault)]
        if rest == self.faults:
            raise AssertionError(f"{pattern!r} is not among {self.faults}")
        self.faults = rest

    def live(self, timeout: float = DEADLINE) -> None:
        """Wait until it is subscribed to changes.

        Args:
            timeout: in milliseconds.
        """
        expect(self.page.locator("#connection")).to_have_text("Live", timeout=timeout)

    @property
    def title(self) -> Locator:
        """The field for the title of a new task."""
        return self.page.get_by_label("New task", exact=True)

    def add(self, title: str) -> None:
        """Add a task by its form."""
        self.title.fill(title)
        self.page.get_by_role("button", name="Add task").click()

    def view(self, name: str) -> None:
        """Choose a view: All, Open, Doing, Done or Trash."""
        self.page.locator("#filters").get_by_text(name, exact=True).click()
        headline = {"All": "All tasks", "Trash": "Trash"}.get(name, f"{name} tasks")
        expect(self.page.locator("#list-heading")).to_have_text(headline)

    def row(self, title: str) -> Locator:
        """The row of a task, or the rows of all tasks with that title."""
        return self.page.locator("li.task").filter(has=self.page.locator(".title").get_by_text(title, exact=True))

    def rows(self) -> Locator:
        """The rows of all tasks."""
        return self.page.locator("li.task")

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def violations(self) -> list[str]:
        """Return what axe-core reports: rule, and the elements that violate it."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        report: Mapping[str, Any] = self.page.evaluate("axe.run()")
        if len(report["passes"]) < 10:
            raise AssertionError("axe-core has looked at nothing")
        return [
            f"{violation['id']}: {violation['help']} ({json.dumps([node['html'] for node in violation['nodes']])})"
            for violation in report["violations"]
        ]

    def overflow(self) -> int:
        """Return how many pixels the page is wider than the window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return width

    def picture(self, name: str) -> None:
        """Save a screenshot in ``tests/artifacts``."""
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)


class Tabs:
    """Open tabs, and check at the end that nothing went wrong in them.

    Args:
        browser: a real browser.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._tabs: list[Tab] = []

    def context(self, **options: Any) -> BrowserContext:
        """Return a context with its own storage and cookies, as if it were a browser on another machine.

        Args:
            options: Playwright's options, such as ``color_scheme``.
        """
        self._contexts.append(self._browser.new_context(locale="en-GB", timezone_id="Europe/Berlin", **options))
        return self._contexts[-1]

    def open(self, url: str, context: BrowserContext | None = None, **options: Any) -> Tab:
        """Open a tab that shows the page.

        Args:
            url: the URL of the server.
            context: the browser context; by default a new one.
            options: the options of a new context.
        """
        self._tabs.append(Tab(context or self.context(**options), url))
        return self._tabs[-1]

    def close(self) -> None:
        """Close all tabs.

        Raises:
            AssertionError: something went wrong in one of them.
        """
        for context in self._contexts:
            context.close()
        faults = [fault for tab in self._tabs for fault in tab.faults]
        if faults:
            raise AssertionError("\n".join(faults))


@contextmanager
def tabs_of(browser: Browser) -> Iterator[Tabs]:
    """Yield a helper for tabs that are closed at the end."""
    opener = Tabs(browser)
    try:
        yield opener
    finally:
        opener.close()


class Tasks:
    """The tasks of a server, changed by another client.

    Args:
        url: the URL of the server.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=f"{url}/acme__todo/task", timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def _item(self, answer: httpx.Response) -> dict[str, Any]:
        answer.raise_for_status()
        (item,) = answer.json()["body"]["items"]
        return dict(item)

    def add(self, title: str, **fields: Any) -> dict[str, Any]:
        """Create a task."""
        return self._item(self._client.post("", json={"title": title, **fields}))

    def change(self, task: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
        """Change a task."""
        return self._item(self._client.patch(f"/{task['id']}", json=fields))

    def delete(self, task: Mapping[str, Any]) -> None:
        """Move a task to the trash."""
        self._client.delete(f"/{task['id']}").raise_for_status()

    def titles(self, *, deleted: bool = False) -> list[str]:
        """Return the titles of all tasks, newest first."""
        return [item["title"] for item in self._all(deleted)]

    def clear(self) -> None:
        """Permanently delete all tasks, including those in the trash."""
        for deleted in (False, True):
            while items := self._all(deleted):
                for item in items:
                    self._client.delete(f"/{item['id']}/hard").raise_for_status()

    def _all(self, deleted: bool) -> list[dict[str, Any]]:
        answer = self._client.get("", params={"limit": 200, "deleted": deleted}).raise_for_status()
        items: list[dict[str, Any]] = answer.json()["body"]["items"]
        return items
