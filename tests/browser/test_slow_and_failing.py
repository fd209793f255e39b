"""The page of acme-todo when responses are late or missing, or when the server was updated."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Route, expect

from tests.browser.tabs import Tab, Tabs, Tasks

TASK = "**/acme__todo/task"
ONE = "**/acme__todo/task/*"
DONE = "**/acme__todo/task?*status=done*"


def editing(tab: Tab) -> Tab:
    """Type a title into the form of the tab's only task, and return the tab."""
    tab.press("Edit Before")
    tab.rows().get_by_label("Title", exact=True).fill("After")
    return tab


def test_text_typed_while_a_task_is_added_is_kept(tabs: Tabs, tasks: Tasks) -> None:
    tasks.add("Before")
    tab = tabs.open(tasks.url)

    def late(route: Route) -> None:
        tab.title.fill("The next one")
        tab.press("Edit Before")
        route.continue_()

    tab.page.route(TASK, late, times=1)
    tab.add("Slow")
    expect(tab.page.locator("#announcer")).to_have_text("“Slow” was added.")
    expect(tab.title).to_have_value("The next one")
    expect(tab.rows().get_by_label("Title", exact=True)).to_be_focused()


def test_a_task_is_added_once_even_if_it_is_submitted_repeatedly(tabs: Tabs, tasks: Tasks) -> None:
    tab = tabs.open(tasks.url)

    def late(route: Route) -> None:
        expect(tab.page.locator("#new")).to_have_attribute("aria-busy", "true")
        tab.title.press("Enter")
        tab.press("Add task")
        route.continue_()

    tab.page.route(TASK, late)
    tab.add("Once")
    expect(tab.title).to_have_value("")
    expect(tab.page.locator("#new")).to_have_attribute("aria-busy", "false")
    assert tasks.titles() == ["Once"]


def test_text_typed_while_a_task_is_saved_is_kept(tabs: Tabs, tasks: Tasks) -> None:
    tasks.add("Before")
    tab = editing(tabs.open(tasks.url))

    def late(route: Route) -> None:
        tab.rows().get_by_label("Tags").fill("late")
        route.continue_()

    tab.page.route(ONE, late, times=1)
    tab.press("Save")
    expect(tab.page.locator("#announcer")).to_have_text("“After” is saved.")
    expect(tab.rows().get_by_label("Tags")).to_have_value("late")
    tab.press("Save")
    expect(tab.row("After")).to_contain_text("#late")


def test_a_late_response_does_not_move_the_focus(tabs: Tabs, tasks: Tasks) -> None:
    tasks.add("Before")
    tab = editing(tabs.open(tasks.url))

    def late(route: Route) -> None:
        tab.title.fill("Something else")
        route.continue_()

    tab.page.route(ONE, late, times=1)
    tab.press("Save")
    expect(tab.row("After")).to_be_visible()
    expect(tab.title).to_be_focused()


def test_a_task_is_restored_once_even_if_the_button_is_pressed_repeatedly(tabs: Tabs, tasks: Tasks) -> None:
    task = tasks.add("Before")
    tab = editing(tabs.open(tasks.url))
    tasks.delete(task)
    restore = tab.page.get_by_role("button", name="Restore and save")

    asked = []

    def late(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            restore.click()
        route.continue_()

    tab.page.route(f"{ONE}/restore", late)
    restore.click()
    expect(tab.row("After")).to_be_visible()
    assert (tasks.titles(), len(asked)) == (["After"], 1)


def test_an_incomplete_date_is_not_dropped_silently(tabs: Tabs, tasks: Tasks) -> None:
    tab = tabs.open(tasks.url)
    tab.page.get_by_text("Priority, date and tags").click()
    due = tab.page.get_by_label("Due")
    due.press_sequentially("06012030")
    tab.add("Later")
    expect(due).to_have_accessible_description("Both a day and a time are needed, or neither.")
    expect(due).to_be_focused()
    assert tasks.titles() == []
    due.fill("2030-06-01T08:30")
    tab.press("Add task")
    expect(tab.row("Later")).to_contain_text("Due 1 Jun 2030, 08:30")


PROBLEM = {"type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": "It broke.", "requestId": "r-7"}


@pytest.mark.parametrize(
    ("status", "body", "notice"),
    [
        (500, json.dumps(PROBLEM), "That did not work: It broke. (request r-7)"),
        (502, "<h1>Bad Gateway</h1>", "The server cannot be reached."),
    ],
    ids=["the server", "a proxy in front of it"],
)
def test_a_failed_load_can_be_retried(tabs: Tabs, tasks: Tasks, status: int, body: str, notice: str) -> None:
    tasks.add("Finished", status="done")
    tasks.add("Other")
    tab = tabs.open(tasks.url)
    tab.page.route(DONE, lambda route: route.fulfill(status=status, body=body), times=1)
    tab.page.locator("#filters").get_by_text("Done", exact=True).click()
    expect(tab.page.locator("#notice")).to_contain_text(notice)
    expect(tab.page.locator("#list-heading")).to_have_text("All tasks")

    tasks.add("Meanwhile")
    expect(tab.row("Meanwhile")).to_be_visible()
    expect(tab.rows()).to_have_count(3)

    tab.press("Try again")
    expect(tab.page.locator("#list-heading")).to_have_text("Done tasks")
    expect(tab.page.locator("#list-heading")).to_be_focused()
    expect(tab.rows()).to_have_count(1)
    expect(tab.page.locator("#notice")).to_be_hidden()
    tab.expected(str(status))


def test_the_notice_of_a_server_update_stays_until_it_is_dismissed(tabs: Tabs, tasks: Tasks) -> None:
    tasks.add("Before")
    tab = tabs.open(tasks.url)

    def updated(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "x-schema": "sha256-0, acme__todo=sha256-1"})

    tab.page.route(ONE, updated, times=1)
    notice = tab.page.locator("#notice")
    tab.page.get_by_label("Done: Before").click()
    expect(tab.page.get_by_label("Done: Before")).to_be_checked()
    expect(notice).to_contain_text("The server has been updated since this page was made.")
    tab.press("Add task")
    tab.add("Fits")
    expect(tab.row("Fits")).to_be_visible()
    expect(notice.get_by_role("button", name="Reload")).to_be_visible()
    assert tab.violations() == []
    tab.press("Dismiss")
    expect(notice).to_be_hidden()
    tab.expected("400")


def test_the_selection_is_visible_with_forced_colours(tabs: Tabs, tasks: Tasks) -> None:
    tab = tabs.open(tasks.url, forced_colors="active")
    background = "getComputedStyle(document.querySelector('{}')).backgroundColor"
    chosen, page = (tab.page.evaluate(background.format(which)) for which in (".filter input:checked + span", "body"))
    assert chosen != page
