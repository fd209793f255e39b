"""The report on a generated file that is out of date: which plugin, operation, type or channel differs."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookspecs import Channel
from host.frontend.drift import Drift, PluginDrift, drift
from host.frontend.emit import generate
from host.frontend.model import PluginInput
from host.frontend.outline import outline, sections_in
from tests.frontend.plugins import billing, todo

BOTH = generate([billing(), todo()]).text
OTHER = PluginInput("acme__other", "acme", "other", "1", "/acme__other", "nowhere")


def test_the_parts_can_be_extracted_from_the_file() -> None:
    generated = generate([billing(), todo()])
    assert {key: "".join(part.values()) for key, part in sections_in(generated.text).items()} == generated.parts


def test_a_file_does_not_drift_from_itself() -> None:
    assert drift(BOTH, BOTH) == Drift((), line_ends=False, diff="")


def test_the_outline_of_a_part_names_all_its_declarations() -> None:
    names = outline(sections_in(BOTH)["acme__todo"])
    for declaration in (("operation", "task.create"), ("type", "TaskCreate"), ("channel", "taskCreated"), ("enum", "TaskStatus")):
        assert declaration in names
    assert ("version", "") in names
    assert all(name or what.isidentifier() for what, name in names)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("deleteHard", "archive", "acme__todo: added operation task.archive; removed operation task.deleteHard"),
        ("readonly create: Write<[body: AcmeTodo.TaskCreate]", "readonly create: Write<[]", "acme__todo: operation task.create"),
        ("/acme__todo/task/${", "/acme__todo/duty/${", "acme__todo: operation task.delete, operation task.deleteHard"),
        ("interface Invoice {", "interface Bill {", "acme__billing: added type Bill; removed type Invoice"),
        ("    resetsAt: DateTime;\n", "", "acme__billing: type Quota"),
        ("    /** `null`: unlimited. */\n", "", "acme__billing: type Quota"),
        ('"free" | "pro"', '"free" | "mid"', "acme__billing: type Plan"),
        ('Plan: ["free", "pro"', 'Plan: ["free", "mid"', "acme__billing: enum Plan"),
        ('  version: "1.2.0"', '  version: "1.3.0"', "acme__billing: version"),
        ('      type: "task"', '      type: "duty"', "acme__todo: entity task"),
        ("  quotaChanged: ", "  quotaRaised: ", "acme__billing: channel quotaChanged; added channel quotaRaised"),
    ],
)
def test_a_change_is_reported_by_name(old: str, new: str, line: str) -> None:
    assert old in BOTH
    (line_of_plugin,) = drift(BOTH, BOTH.replace(old, new)).lines
    assert line_of_plugin.startswith(line)


def test_only_the_plugin_that_changed_is_named() -> None:
    report = drift(BOTH, generate([billing(), replace(todo(), routes=todo().routes[1:])]).text)
    assert [plugin.plugin for plugin in report.plugins] == ["acme__todo"]
    assert any(plugin.what == "operation" and plugin.kind == "removed" for plugin in report.plugins[0].changes)
    assert "+export const schemaHash" in report.diff


def test_added_and_removed_plugins_are_named_without_their_contents() -> None:
    old, new = generate([billing(), OTHER]).text, generate([billing(), todo()]).text
    assert drift(old, new).plugins == (PluginDrift("acme__other", "removed"), PluginDrift("acme__todo", "added"))
    assert drift(old, new).lines == ("acme__other: removed", "acme__todo: added")


def test_a_changed_digest_is_not_a_change_of_its_own() -> None:
    channel = replace(OTHER, channels=(Channel("posted", str),))
    assert drift(generate([OTHER]).text, generate([channel]).text).lines == ("acme__other: added channel posted",)


def test_an_edit_outside_all_named_declarations_is_reported_too() -> None:
    report = drift(BOTH.replace("export const acme__todo = {", "export const acme__todo = {\n\n"), BOTH)
    assert report.lines == ("acme__todo: only its text or comments",)


def test_many_changes_are_counted() -> None:
    types = "".join(f"  type T{number} = string;\n" for number in range(100))
    report = drift(BOTH, BOTH.replace("  interface Invoice {", f"{types}  interface Invoice {{"))
    assert report.lines[0].endswith("and 88 more")
    assert len(report.plugins[0].changes) == 100


def test_a_change_of_the_hosts_own_text_is_only_in_the_diff() -> None:
    report = drift(BOTH.replace("export interface CallOptions", "export interface Options"), BOTH)
    assert report.plugins == ()
    assert report.lines == ("the host itself",)
    assert "+export interface CallOptions" in report.diff


def test_changed_line_ends_alone_are_reported_as_such() -> None:
    report = drift(BOTH.replace("\n", "\r\n"), BOTH)
    assert (report.plugins, report.line_ends, report.diff) == ((), True, "")


def test_a_file_with_other_line_ends_is_still_compared() -> None:
    report = drift(BOTH.replace("deleteHard", "archive").replace("\n", "\r\n"), BOTH)
    assert report.lines == ("acme__todo: added operation task.deleteHard; removed operation task.archive",)


def test_a_foreign_file_lacks_all_plugins() -> None:
    report = drift("export {};", BOTH)
    assert report.lines == ("acme__billing: added", "acme__todo: added")
    assert "-export {};" in report.diff


@given(st.integers(0, len(BOTH)))
def test_a_truncated_file_can_be_compared(end: int) -> None:
    report = drift(BOTH[:end], BOTH)
    assert report.lines or end == len(BOTH)


@given(st.binary(max_size=300), st.integers(0, len(BOTH)))
def test_a_file_with_anything_in_the_middle_can_be_compared(content: bytes, at: int) -> None:
    text = content.decode("utf-8", "replace")
    report = drift(BOTH[:at] + text + BOTH[at:], BOTH)
    assert bool(report.lines) == bool(text)


def test_the_diff_can_be_applied() -> None:
    """Each line of the diff is a line of the files, because U+2028 in a comment does not end a line."""
    old = BOTH.replace("Create a task.", "Create\u2028a task.")
    diff = drift(old, BOTH).diff
    assert all(re.match(r"[-+ @\\]", line) for line in diff.split("\n")[:-1])
