"""What is said of a generated file that is not what it should be: which plugin, in which operation, type, channel."""

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


def test_the_parts_can_be_cut_out_of_the_file() -> None:
    generated = generate([billing(), todo()])
    assert {key: "".join(part.values()) for key, part in sections_in(generated.text).items()} == generated.parts


def test_nothing_drifts_from_itself() -> None:
    assert drift(BOTH, BOTH) == Drift((), line_ends=False, diff="")


def test_everything_in_a_part_has_a_name() -> None:
    found = outline(sections_in(BOTH)["acme__todo"])
    for one in (("operation", "task.create"), ("type", "TaskCreate"), ("channel", "taskCreated"), ("enum", "TaskStatus")):
        assert one in found
    assert ("version", "") in found
    assert all(name or what.isidentifier() for what, name in found)


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
def test_a_change_is_named(old: str, new: str, line: str) -> None:
    assert old in BOTH
    (told,) = drift(BOTH, BOTH.replace(old, new)).lines
    assert told.startswith(line)


def test_a_plugin_that_changed_is_named_and_no_other() -> None:
    found = drift(BOTH, generate([billing(), replace(todo(), routes=todo().routes[1:])]).text)
    assert [one.plugin for one in found.plugins] == ["acme__todo"]
    assert any(one.what == "operation" and one.kind == "removed" for one in found.plugins[0].changes)
    assert "+export const schemaHash" in found.diff


def test_plugins_that_came_and_went_are_named_without_what_is_in_them() -> None:
    old, new = generate([billing(), OTHER]).text, generate([billing(), todo()]).text
    assert drift(old, new).plugins == (PluginDrift("acme__other", "removed"), PluginDrift("acme__todo", "added"))
    assert drift(old, new).lines == ("acme__other: removed", "acme__todo: added")


def test_a_digest_is_no_change_of_its_own() -> None:
    channel = replace(OTHER, channels=(Channel("said", str),))
    assert drift(generate([OTHER]).text, generate([channel]).text).lines == ("acme__other: added channel said",)


def test_a_text_that_was_edited_where_nothing_has_a_name_is_named_all_the_same() -> None:
    found = drift(BOTH.replace("export const acme__todo = {", "export const acme__todo = {\n\n"), BOTH)
    assert found.lines == ("acme__todo: only its text or comments",)


def test_many_changes_are_counted() -> None:
    types = "".join(f"  type T{number} = string;\n" for number in range(100))
    found = drift(BOTH, BOTH.replace("  interface Invoice {", f"{types}  interface Invoice {{"))
    assert found.lines[0].endswith("and 88 more")
    assert len(found.plugins[0].changes) == 100


def test_what_the_host_itself_changed_is_in_the_diff_only() -> None:
    found = drift(BOTH.replace("export interface CallOptions", "export interface Options"), BOTH)
    assert found.plugins == ()
    assert found.lines == ("the host itself",)
    assert "+export interface CallOptions" in found.diff


def test_line_ends_alone_are_told_as_such() -> None:
    found = drift(BOTH.replace("\n", "\r\n"), BOTH)
    assert (found.plugins, found.line_ends, found.diff) == ((), True, "")


def test_a_file_with_other_line_ends_is_compared_all_the_same() -> None:
    found = drift(BOTH.replace("deleteHard", "archive").replace("\n", "\r\n"), BOTH)
    assert found.lines == ("acme__todo: added operation task.deleteHard; removed operation task.archive",)


def test_a_foreign_file_lacks_all_plugins() -> None:
    found = drift("export {};", BOTH)
    assert found.lines == ("acme__billing: added", "acme__todo: added")
    assert "-export {};" in found.diff


@given(st.integers(0, len(BOTH)))
def test_half_a_file_does_no_harm(end: int) -> None:
    found = drift(BOTH[:end], BOTH)
    assert found.lines or end == len(BOTH)


@given(st.binary(max_size=300), st.integers(0, len(BOTH)))
def test_anything_in_the_middle_does_no_harm(content: bytes, at: int) -> None:
    text = content.decode("utf-8", "replace")
    found = drift(BOTH[:at] + text + BOTH[at:], BOTH)
    assert bool(found.lines) == bool(text)


def test_the_diff_can_be_applied() -> None:
    """Each of its lines is one of the files, so U+2028 in a comment ends none."""
    old = BOTH.replace("Create a task.", "Create\u2028a task.")
    diff = drift(old, BOTH).diff
    assert all(re.match(r"[-+ @\\]", line) for line in diff.split("\n")[:-1])
