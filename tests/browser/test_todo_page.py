"""The page of acme-todo in a real browser: several tabs, mouse, keyboard, phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.tabs import Tab, Tabs, Tasks

HOSTILE = '<img src=x onerror="document.title=1"> ${alert(1)} 🦊 \u202egnp.exe ' + "W" * 100


@pytest.mark.parametrize("same", [True, False], ids=["tabs of one browser", "two browsers"])
def test_changes_in_one_tab_appear_in_another(tabs: Tabs, tasks: Tasks, same: bool) -> None:
    context = tabs.context()
    here, there = tabs.open(tasks.url, context), tabs.open(tasks.url, context if same else None)

    here.add("Water the plants")
    expect(there.row("Water the plants")).to_be_visible()

    here.press("Edit Water the plants")
    here.rows().get_by_label("Title", exact=True).fill("Feed the cat")
    here.rows().get_by_label("Tags").fill("home, daily")
    here.press("Save")
    expect(there.row("Feed the cat")).to_contain_text("#home#daily")

    here.page.get_by_label("Done: Feed the cat").check()
    expect(there.page.get_by_label("Done: Feed the cat")).to_be_checked()

    here.press("Delete Feed the cat")
    expect(there.rows()).to_have_count(0)

    there.view("Trash")
    there.press("Restore Feed the cat")
    expect(here.row("Feed the cat")).to_be_visible()
    expect(there.rows()).to_have_count(0)


def test_an_open_trash_view_shows_tasks_that_others_delete(tabs: Tabs, tasks: Tasks) -> None:
    task = tasks.add("Known")
    tab = tabs.open(tasks.url)
    expect(tab.row("Known")).to_be_visible()
    tab.view("Trash")
    tasks.delete(task)
    tasks.delete(tasks.add("Never seen"))
    expect(tab.rows()).to_have_count(2)


def test_an_own_task_is_shown_once_although_it_is_broadcast(tabs: Tabs, tasks: Tasks) -> None:
    tab = tabs.open(tasks.url)
    (socket,) = tab.sockets
    with socket.expect_event("framereceived", lambda frame: "taskCreated" in str(frame) and "Once" in str(frame)):
        tab.add("Once")
    tasks.add("Afterwards")
    expect(tab.row("Afterwards")).to_be_visible()
    expect(tab.row("Once")).to_have_count(1)
    expect(tab.page.locator("#count")).to_have_text("2")


def test_a_late_response_does_not_undo_a_newer_change(tabs: Tabs, tasks: Tasks) -> None:
    task = tasks.add("Before")
    tab = tabs.open(tasks.url)

    def late(route: Route) -> None:
        answer = route.fetch()
        tasks.change(task, title="After")
        expect(tab.row("After")).to_be_visible()
        tasks.add("Meanwhile")
        expect(tab.row("Meanwhile")).to_be_visible()
        route.fulfill(response=answer)

    tab.page.route("**/acme__todo/task?*status=open*", late)
    with tab.page.expect_response("**/acme__todo/task?*status=open*") as answered:
        tab.view("Open")
    assert [item["title"] for item in answered.value.json()["body"]["items"]] == ["Before"]
    expect(tab.page.locator("#count")).to_have_text("2")
    expect(tab.row("After")).to_be_visible()
    expect(tab.row("Meanwhile")).to_be_visible()


def test_tasks_are_loaded_page_by_page(tabs: Tabs, tasks: Tasks) -> None:
    for number in range(60):
        tasks.add(f"Task {number}")
    tab = tabs.open(tasks.url)
    expect(tab.page.locator("#count")).to_have_text("50 of 60")
    tab.press("Show more")
    expect(tab.rows()).to_have_count(60)
    expect(tab.row("Task 9")).to_be_focused()
    expect(tab.page.get_by_role("button", name="Show more")).to_be_hidden()


def test_more_tasks_are_loaded_after_the_pending_request(tabs: Tabs, tasks: Tasks) -> None:
    for number in range(60):
        tasks.add(f"Task {number}")
    tab = tabs.open(tasks.url)
    expect(tab.page.locator("#count")).to_have_text("50 of 60")

    def late(route: Route) -> None:
        tab.press("Show more")
        route.continue_()

    tab.page.route("**/acme__todo/task?*status=open*", late, times=1)
    tab.view("Open")
    expect(tab.rows()).to_have_count(60)


def test_a_filter_shows_one_status(tabs: Tabs, tasks: Tasks) -> None:
    tasks.add("One", status="doing")
    tasks.add("Other")
    tab = tabs.open(tasks.url)
    tab.view("Doing")
    expect(tab.rows()).to_have_count(1)
    expect(tab.page.locator("#announcer")).to_have_text("Doing tasks: 1")
    tab.page.get_by_label("Done: One").click()
    expect(tab.page.locator("#empty")).to_have_text("No task is doing.")
    expect(tab.page.locator("#list-heading")).to_be_focused()


def test_the_quota_is_explained(small: str, tabs: Tabs) -> None:
    tab = tabs.open(small)
    for number in range(3):
        tab.add(f"Task {number}")
        expect(tab.row(f"Task {number}")).to_be_visible()
    tab.add("One too many")
    expect(tab.page.locator("#notice")).to_contain_text("Your plan “free” has no room for another task: 3 of 3 are used.")
    expect(tab.title).to_have_value("One too many")
    assert tab.violations() == []
    tab.picture("todo-quota")
    tab.press("Delete Task 0")
    expect(tab.rows()).to_have_count(2)
    expect(tab.page.locator("#notice")).to_be_hidden()
    tab.press("Add task")
    expect(tab.row("One too many")).to_be_visible()
    tab.expected("402")


def test_a_validation_error_is_shown_beside_its_field(tabs: Tabs, tasks: Tasks) -> None:
    tab = tabs.open(tasks.url)
    tab.page.get_by_text("Priority, date and tags").click()
    tab.page.get_by_label("Tags").fill(f"fine, {'x' * 41}")
    tab.press("Add task")
    expect(tab.title).to_have_accessible_description("String should have at least 1 character.")
    expect(tab.title).to_be_focused()
    expect(tab.page.get_by_label("Tags")).to_have_accessible_description(f"“{'x' * 41}”: String should have at most 40 characters.")
    assert tab.violations() == []
    tab.title.fill("Fits")
    tab.page.get_by_label("Tags").fill("fine")
    tab.press("Add task")
    expect(tab.row("Fits")).to_contain_text("#fine")
    tab.expected("400")


@pytest.mark.parametrize(("choice", "left"), [("Keep my version", "Mine"), ("Use their version", "Theirs")])
def test_changes_of_others_are_offered_while_a_task_is_edited(tabs: Tabs, tasks: Tasks, choice: str, left: str) -> None:
    task = tasks.add("Before")
    tab = tabs.open(tasks.url)
    tab.press("Edit Before")
    tab.rows().get_by_label("Title", exact=True).fill("Mine")
    tasks.change(task, title="Theirs", priority=1)
    expect(tab.page.get_by_role("group", name="Changed by another user")).to_contain_text("title “Theirs”, priority High")
    expect(tab.rows().get_by_label("Title", exact=True)).to_have_value("Mine")
    assert tab.violations() == []
    tab.press(choice)
    expect(tab.row(left)).to_contain_text("High priority")
    assert tasks.titles() == [left]


def test_an_outdated_version_is_refused_and_the_other_change_offered(tabs: Tabs, tasks: Tasks) -> None:
    task = tasks.add("Before")
    tab = tabs.open(tasks.url)

    def overtaken(route: Route) -> None:
        tasks.change(task, title="Theirs")
        route.continue_()

    tab.page.route("**/acme__todo/task/*", overtaken, times=1)
    tab.press("Edit Before")
    tab.rows().get_by_label("Title", exact=True).fill("Mine")
    tab.press("Save")
    expect(tab.page.get_by_role("group", name="Changed by another user")).to_contain_text("title “Theirs”")
    tab.press("Keep my version")
    expect(tab.row("Mine")).to_be_visible()
    tab.expected("409")


def test_typed_text_is_kept_if_others_delete_the_task(tabs: Tabs, tasks: Tasks) -> None:
    task = tasks.add("Before")
    tab = tabs.open(tasks.url)
    tab.press("Edit Before")
    tab.rows().get_by_label("Title", exact=True).fill("Mine")
    tasks.delete(task)
    tab.press("Restore and save")
    expect(tab.row("Mine")).to_be_visible()
    assert tasks.titles() == ["Mine"]


def test_a_date_is_in_the_users_time_zone(tabs: Tabs, tasks: Tasks) -> None:
    tab = tabs.open(tasks.url)
    tab.page.get_by_text("Priority, date and tags").click()
    tab.page.get_by_label("Due").fill("2030-06-01T08:30")
    tab.add("Later")
    expect(tab.row("Later")).to_contain_text("Due 1 Jun 2030, 08:30")
    expect(tab.row("Later").locator("time")).to_have_attribute("datetime", "2030-06-01T06:30:00Z")


def test_titles_of_tasks_are_not_interpreted_as_markup(tabs: Tabs, tasks: Tasks) -> None:
    tasks.add(HOSTILE, tags=["<b>bold</b>"])
    tab = tabs.open(tasks.url, viewport={"width": 320, "height": 640})
    expect(tab.row(HOSTILE)).to_contain_text("#<b>bold</b>")
    expect(tab.page.locator("#list img, #list b")).to_have_count(0)
    expect(tab.page).to_have_title("Tasks")
    assert tab.overflow() <= 0


def focused(page: Page) -> str:
    """Return the label, name or text of the focused element."""
    label: str = page.evaluate(
        "(({ activeElement: at }) => at.ariaLabel ?? at.labels?.[0]?.textContent ?? at.textContent)(document)"
    )
    return label.strip()


def walk(tab: Tab, name: str, key: str = "Tab") -> None:
    """Press a key until an element has the focus, and check that the focus is visible."""
    for _ in range(40):
        tab.page.keyboard.press(key)
        if focused(tab.page) == name:
            break
    assert focused(tab.page) == name


def test_the_page_can_be_used_with_the_keyboard_alone(tabs: Tabs, tasks: Tasks) -> None:
    tab = tabs.open(tasks.url)
    keyboard = tab.page.keyboard
    for title in ("First", "Second"):
        if title == "First":
            walk(tab, "New task")
        keyboard.type(title)
        keyboard.press("Enter")
        expect(tab.row(title)).to_be_visible()
        expect(tab.title).to_be_focused()

    walk(tab, "Edit Second")
    keyboard.press("Enter")
    expect(tab.rows().get_by_label("Title", exact=True)).to_be_focused()
    keyboard.press("Escape")
    expect(tab.page.get_by_role("button", name="Edit Second")).to_be_focused()
    keyboard.press("Enter")
    keyboard.type(" thoughts")
    keyboard.press("Enter")
    expect(tab.page.get_by_role("button", name="Edit Second thoughts")).to_be_focused()

    walk(tab, "Done: Second thoughts", "Shift+Tab")
    keyboard.press("Space")
    expect(tab.page.locator("#announcer")).to_have_text("“Second thoughts” is done.")
    expect(tab.page.get_by_label("Done: Second thoughts")).to_be_focused()

    walk(tab, "Delete Second thoughts")
    keyboard.press("Enter")
    expect(tab.row("First")).to_be_focused()
    expect(tab.page.locator("#announcer")).to_have_text("“Second thoughts” was moved to the trash.")

    walk(tab, "All", "Shift+Tab")
    keyboard.press("ArrowLeft")
    expect(tab.page.locator("#list-heading")).to_have_text("Trash")
    walk(tab, "Restore Second thoughts")
    keyboard.press("Enter")
    expect(tab.page.locator("#list-heading")).to_be_focused()
    assert tasks.titles() == ["Second thoughts", "First"]


#: Whether the focused element is outlined; for a radio button, whether the text beside it is.
OUTLINED = """() => [document.activeElement, document.activeElement.nextElementSibling]
    .filter((element) => element)
    .map((element) => getComputedStyle(element))
    .some(({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) >= 2)"""


def test_the_focus_is_visible(tabs: Tabs, tasks: Tasks) -> None:
    tasks.add("Anything")
    tab = tabs.open(tasks.url)
    tab.page.keyboard.press("Tab")
    stops = []
    while focused(tab.page) not in stops and not tab.page.evaluate("document.activeElement === document.body"):
        stops.append(focused(tab.page))
        seen = tab.page.evaluate(OUTLINED)
        assert seen, stops[-1]
        tab.page.keyboard.press("Tab")
    assert stops[-7:] == [
        "New task",
        "Add task",
        "Priority, date and tags",
        "All",
        "Done: Anything",
        "Edit Anything",
        "Delete Anything",
    ]


#: Names of the elements that are smaller than recommended for touch (44 CSS pixels; WCAG 2.2, 2.5.5).
SMALL = """() => [...document.querySelectorAll("button, summary, select, input")]
    .map((element) => (element.type === "radio" || element.type === "checkbox" ? element.closest("label") : element))
    .filter((element) => element.checkVisibility())
    .map((element) => [element.ariaLabel ?? element.textContent, element.getBoundingClientRect()])
    .filter(([, { width, height }]) => width < 44 || height < 44)
    .map(([name]) => name)"""


def test_the_page_fits_a_phone(tabs: Tabs, tasks: Tasks) -> None:
    tasks.add(
        "Ship the release notes to everybody who asked for them", tags=["a-rather-long-tag-of-forty-characters-ab"], priority=1
    )
    tasks.add("W" * 200, due="2030-06-01T08:30:00Z", status="doing")
    tab = tabs.open(tasks.url, viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    expect(tab.rows()).to_have_count(2)
    assert (tab.overflow(), tab.page.evaluate(SMALL)) == (0, [])
    tab.page.get_by_text("Priority, date and tags").tap()
    tab.page.get_by_role("button", name="Edit Ship").tap()
    expect(tab.rows().get_by_label("Tags")).to_be_visible()
    assert (tab.overflow(), tab.page.evaluate(SMALL)) == (0, [])
    tab.press("Cancel")
    tab.page.get_by_role("button", name="Delete Ship").tap()
    tab.view("Trash")
    expect(tab.rows()).to_have_count(1)
    assert (tab.overflow(), tab.page.evaluate(SMALL)) == (0, [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_reports_no_violations(tabs: Tabs, tasks: Tasks, scheme: str) -> None:
    tab = tabs.open(tasks.url, color_scheme=scheme, reduced_motion="reduce")
    expect(tab.page.locator("#empty")).to_be_visible()
    violations = {"empty": tab.violations()}
    tasks.add("Overdue", due="2020-01-01T00:00:00Z", priority=1, tags=["a"])
    tasks.add("Started", status="doing", priority=3)
    tasks.add("Finished", status="done")
    expect(tab.rows()).to_have_count(3)
    violations["list"] = tab.violations()
    tab.press("Edit Overdue")
    tab.page.get_by_text("Priority, date and tags").click()
    violations["editing"] = tab.violations()
    tab.press("Cancel")
    tab.press("Delete Started")
    tab.view("Trash")
    expect(tab.rows()).to_have_count(1)
    violations["trash"] = tab.violations()
    assert {state: faults for state, faults in violations.items() if faults} == {}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("desktop", {"viewport": {"width": 1024, "height": 900}}),
        ("dark", {"viewport": {"width": 1024, "height": 900}, "color_scheme": "dark"}),
        ("phone", {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}),
    ],
)
def test_a_screenshot_is_saved(tabs: Tabs, tasks: Tasks, name: str, options: dict[str, object]) -> None:
    tasks.add("Archive last year's invoices", status="done", tags=["office"])
    tasks.add("Renew the domain", due="2025-01-31T12:00:00Z", priority=1)
    tasks.add("Write the release notes", status="doing", tags=["docs", "release"], due="2031-03-01T17:00:00Z")
    tasks.add("Tidy the backlog", priority=3)
    tasks.add("Plan the next sprint", tags=["team"], due="2031-03-04T09:30:00Z")
    tab = tabs.open(tasks.url, reduced_motion="reduce", **options)
    tab.press("Edit Tidy the backlog")
    expect(tab.rows()).to_have_count(5)
    tab.picture(f"todo-{name}")
    assert tab.overflow() <= 0
