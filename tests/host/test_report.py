"""The start report: a time tree of all hooks, and the failures with their policies and dependents."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from host import Host
from host.cli.report import print_report
from host.common.errors import DatabaseUnreachableError, HostError, StateError
from host.lifecycle.report import Node, Report
from tests.distributions import Project
from tests.serverkit import Server, until

ISOLATE = '[plugins]\non_failure = "isolate"\n'
MODEL = """
    from beanie import Document
    class Item(Document):
        title: str
    @hookimpl
    def register_models(scope): return Item
"""
BILLING = """
    class Lines:
        @hookimpl
        async def configure(self, scope): ...
    class Invoice:
        @hookimpl
        def register_plugins(self, scope): return Child(Lines, "lines")
        @hookimpl
        def register_routes(self, scope): return []
    @hookimpl
    def register_plugins(scope): return Child(Invoice, "invoice")
    @hookimpl
    def register_services(scope): return {"pool": Service(list, close=len)}
    @hookimpl
    async def on_startup(scope): ...
    @hookimpl
    def on_ready(scope): ...
"""
BROKEN = "@hookimpl\nasync def configure(scope): raise OSError('no disk')"


def report_of(project: Project) -> Report:
    """Return the report of a start in this process, even if the start fails."""

    async def start() -> Report:
        host = Host(project.settings)
        try:
            await host.start()
        except HostError:
            return host.report
        report = host.report
        await host.close()
        return report

    return asyncio.run(start())


def paths(nodes: tuple[Node, ...], above: str = "") -> Iterator[str]:
    """Yield each node as a path: phase, plugins, hook."""
    for node in nodes:
        path = f"{above}/{node.plugin if node.what == 'plugin' else node.what}"
        yield path
        yield from paths(node.inside, path)


def chain(project: Project) -> None:
    """Install three plugins in a chain whose first one fails, and an independent one."""
    project.install("acme-first", BROKEN)
    project.install("acme-second", requires=["acme-first"])
    project.install("acme-third", requires=["acme-second"])
    project.install("acme-works")


def test_every_hook_is_listed_under_its_phase_and_its_plugin(project: Project) -> None:
    project.install("acme-billing", BILLING)
    report = report_of(project)
    assert (report.outcome, report.failures) == ("ok", ())
    assert list(paths(report.spans)) == [
        "/discover",
        "/load",
        "/load/acme__billing",
        "/load/acme__billing/import",
        "/load/acme__billing/register_plugins",
        "/load/acme__billing/acme__billing.invoice",
        "/load/acme__billing/acme__billing.invoice/register_plugins",
        "/configure",
        "/configure/acme__billing",
        "/configure/acme__billing/acme__billing.invoice",
        "/configure/acme__billing/acme__billing.invoice/acme__billing.invoice.lines",
        "/configure/acme__billing/acme__billing.invoice/acme__billing.invoice.lines/configure",
        "/register",
        "/register/acme__billing",
        "/register/acme__billing/register_services",
        "/register/acme__billing/acme__billing.invoice",
        "/register/acme__billing/acme__billing.invoice/register_routes",
        "/assemble",
        "/start",
        "/start/acme__billing",
        "/start/acme__billing/service pool",
        "/start/acme__billing/on_startup",
        "/ready",
        "/ready/acme__billing",
        "/ready/acme__billing/on_ready",
    ]


def test_times_add_up(project: Project) -> None:
    source = (
        "import time\n@hookimpl\ndef configure(scope): time.sleep(0.1)\n@hookimpl\nasync def on_startup(scope): time.sleep(0.05)"
    )
    project.install("acme-slow", source)
    report = report_of(project)
    phases = {node.what: node for node in report.spans}
    assert 0.1 <= phases["configure"].inside[0].seconds <= phases["configure"].seconds < 5
    assert 0.05 <= phases["start"].inside[0].seconds <= phases["start"].seconds < 5
    assert sum(node.seconds for node in report.spans) <= report.seconds
    assert [node.began for node in report.spans] == sorted(node.began for node in report.spans)


def test_async_hooks_are_timed_until_they_end(project: Project) -> None:
    project.install("acme-slow", "import asyncio\n@hookimpl\nasync def on_startup(scope): await asyncio.sleep(0.1)")
    (start,) = [node for node in report_of(project).spans if node.what == "start"]
    assert 0.1 <= start.inside[0].inside[0].seconds < 5


def test_the_report_of_a_failure_that_was_allowed(project: Project) -> None:
    project.configure(ISOLATE)
    chain(project)
    report = report_of(project)
    assert report.outcome == "degraded"
    reported = [(failure.plugin, failure.code, failure.allowed, failure.dependents, failure.chain) for failure in report.failures]
    assert reported == [
        ("acme__first", "hook-raised", True, ("acme__second", "acme__third"), ()),
        ("acme__second", "dependency-failed", True, (), ("acme__second", "acme__first")),
        ("acme__third", "dependency-failed", True, (), ("acme__third", "acme__second", "acme__first")),
    ]


def test_the_report_of_a_failure_that_ends_the_start(project: Project) -> None:
    chain(project)
    report = report_of(project)
    assert report.outcome == "failed"
    assert {failure.allowed for failure in report.failures} == {False}


def test_the_failed_hook_is_marked(project: Project) -> None:
    project.install("acme-first", BROKEN)
    (configure,) = [node for node in report_of(project).spans if node.what == "configure"]
    assert configure.inside[0].inside[0].failed == "HookCallError"
    assert configure.failed == ""


def test_a_failure_in_the_start_is_in_the_report(project: Project) -> None:
    project.install("acme-todo", "@hookimpl\nasync def on_startup(scope): raise OSError('no disk')")
    report = report_of(project)
    assert report.outcome == "failed"
    assert [(failure.plugin, failure.code) for failure in report.failures] == [("acme__todo", "hook-raised")]
    assert [node.failed for node in report.spans if node.what == "start"] == ["BootError"]


def test_an_unreachable_database_is_in_the_report(project: Project) -> None:
    project.configure('[database]\nurl = "mongodb://127.0.0.1:1/"\ntimeout = 0.1\n')
    project.install("acme-todo", MODEL)
    report = report_of(project)
    assert report.outcome == "failed"
    (failure,) = report.failures
    assert (failure.plugin, failure.allowed) == ("", False)
    assert failure.code == DatabaseUnreachableError.code
    assert "/start/database" in list(paths(report.spans))


def test_the_plugin_that_another_waited_for_is_in_the_report(project: Project) -> None:
    project.configure(ISOLATE + "timeout = 0.2\n")
    project.install("acme-billing", "import asyncio\nasync def pay(): await asyncio.sleep(60)")
    source = "import acme_billing\n@hookimpl\nasync def on_startup(scope): await acme_billing.pay()"
    project.install("acme-todo", source, requires=["acme-billing"])
    (failure,) = report_of(project).failures
    assert (failure.plugin, failure.blamed) == ("acme__todo", "acme__billing")


def test_there_is_no_report_before_the_start(project: Project) -> None:
    with pytest.raises(StateError):
        _ = Host(project.settings).report


def shape(value: Any) -> Any:
    """Return the types in some data, with those of a list's first item."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return [shape(item) for item in value[:1]] if isinstance(value, list) else type(value).__name__


def test_check_prints_the_report_as_json(project: Project) -> None:
    project.configure(ISOLATE)
    chain(project)
    done = project.host("plugins", "check", "--json")
    assert done.code == 3
    data = json.loads(done.stdout)
    assert (data["version"], data["plugins"]) == (1, ["acme__works"])
    assert [error["code"] for error in data["errors"]] == ["hook-raised", "dependency-failed", "dependency-failed"]
    node = {"what": "str", "plugin": "str", "began": "float", "seconds": "float", "failed": "str"}
    failure = {
        "plugin": "str",
        "code": "str",
        "message": "str",
        "allowed": "bool",
        "blamed": "str",
        "dependents": ["str"],
        "chain": [],
    }
    report = data["report"]
    assert shape(report) == {"outcome": "str", "seconds": "float", "spans": [node | {"inside": []}], "failures": [failure]}
    assert report["outcome"] == "degraded"
    assert report["failures"][2]["chain"] == ["acme__third", "acme__second", "acme__first"]
    assert [span["what"] for span in report["spans"]] == ["discover", "load", "configure", "register", "assemble"]


def without_times(text: str) -> list[str]:
    """Return lines without the numbers of milliseconds."""
    return [re.sub(r" +[0-9.]+ ms", "", line) for line in text.splitlines()]


def test_check_prints_the_report(project: Project) -> None:
    chain(project)
    done = project.host("plugins", "check")
    assert done.code == 3
    lines = without_times(done.stdout)
    assert lines[:2] == ["ok  acme__works", "start report: failed,"]
    assert lines[lines.index("  configure") : lines.index("  register")] == [
        "  configure",
        "    acme__first",
        "      configure  HookCallError",
    ]
    assert lines[-3:] == [
        "failed: acme__first, which ends the start: configure raised OSError [hook-raised]",
        "  failed as a dependent: acme__second (acme__second needs acme__first)",
        "  failed as a dependent: acme__third (acme__third needs acme__second needs acme__first)",
    ]
    assert "error[hook-raised]" in done.stderr
    assert done.stderr.rstrip().endswith("3 failures at start; exit code 3")


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_report_is_a_tree(project: Project) -> None:
    project.install("acme-first", BROKEN)
    terminal = Terminal()
    print_report(report_of(project), terminal)
    text = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())
    assert text.startswith("start report: failed, ")
    assert re.search(
        r"├── configure  [0-9.]+ ms\n│   └── acme__first  [0-9.]+ ms\n│       └── configure  [0-9.]+ ms  HookCallError\n", text
    )
    assert "failed: acme__first, which ends the start: configure raised OSError [hook-raised]\n" in text


def test_run_prints_the_report_after_the_start(project: Project) -> None:
    project.install("acme-billing", BILLING + MODEL)
    server = Server(project.directory, ["--report"], project.environment())
    try:
        server.start()
        until(lambda: "  ready" in without_times(server.stderr), 10, "the report")
        lines = without_times(server.stderr)
        begin = lines.index("start report: ok,")
        phases = [line.strip() for line in lines[begin:] if re.match(r"  \S", line)]
        assert phases == ["discover", "load", "configure", "register", "assemble", "generate", "start", "ready"]
        start = lines.index("  start")
        assert lines[start + 1 : start + 5] == ["    database", "    acme__billing", "      service pool", "      on_startup"]
    finally:
        server.close()


def test_run_prints_the_report_when_the_start_fails(project: Project) -> None:
    project.install("acme-first", "@hookimpl\nasync def on_startup(scope): raise OSError('no disk')")
    done = project.host("run", "--port", "0", "--report")
    assert done.code == 3
    lines = without_times(done.stderr)
    assert "start report: failed," in lines
    assert "failed: acme__first, which ends the start: on_startup raised OSError [hook-raised]" in lines


def test_run_prints_no_report_by_default(project: Project) -> None:
    project.install("acme-first", BROKEN)
    done = project.host("run", "--port", "0")
    assert "start report" not in done.stdout + done.stderr
