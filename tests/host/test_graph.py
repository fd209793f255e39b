"""``host graph``: the load order and the reasons for it, as text, as JSON and for Graphviz."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from typing import Any

import pytest

from tests.distributions import Project, host_command

BANK = """
    from typing import Protocol
    class Bank(Protocol):
        def pay(self) -> int: ...
    class Gold:
        def pay(self) -> int: return 1
    @hookimpl
    def register_contract(scope): return Contract(Bank, Gold(), version="1")
"""

CLIENT = """
    from acme_bank import Bank
    @hookimpl
    def register_contract(scope): return Uses(Bank, "bank", version=">=1", optional=%s)
"""

FAMILY = """
    class Deep: ...
    class Inner:
        @hookimpl
        def register_plugins(self, scope): return Child(Deep(), "deep")
    class Common: ...
    @hookimpl
    def register_plugins(scope): return [Child(Inner(), "inner"), Child(Common(), "common", shared=True)]
"""

#: A node, an arrow, an attribute of all nodes, the frame: the subset of Graphviz's language that the command prints.
_ID = r'"(?:[^"\\\x00-\x1f]|\\.)*"'
_STATEMENT = re.compile(
    rf'  (?:{_ID}(?: -> {_ID})? \[label={_ID}(?:, \w+=\w+)?\]|rankdir=LR|node \[shape=box, fontname="sans-serif"\]);'
)


def graph(project: Project) -> dict[str, Any]:
    """Return the output of ``--json``."""
    done = project.host("graph", "--json")
    assert done.code == 0, done.stderr
    output: dict[str, Any] = json.loads(done.stdout)
    return output


def node(project: Project, key: str) -> dict[str, Any]:
    """Return the part of ``--json`` about one plugin."""
    (node,) = (plugin for plugin in graph(project)["plugins"] if plugin["key"] == key)
    return node  # type: ignore[no-any-return]  # JSON


def test_a_plugin_is_data(project: Project) -> None:
    project.install("acme-top", version="2.1")
    output = graph(project)
    assert output == {
        "version": 1,
        "order": ["acme__top"],
        "plugins": [
            {
                "key": "acme__top",
                "distribution": "acme-top",
                "version": "2.1",
                "parent": None,
                "shared": False,
                "status": "ok",
                "reason": None,
                "needs": [],
                "follows": [],
                "provides": [],
                "opens": [],
            }
        ],
    }


def test_contributions_for_other_plugins_are_listed(project: Project) -> None:
    both = BANK.replace("return Contract", "return ExtensionPoint(Bank, version='2.1'), Contract")
    project.install("acme-bank", both)
    project.install("acme-bad", "import nothing_such")
    assert (node(project, "acme__bank")["provides"], node(project, "acme__bank")["opens"]) == (["Bank 1"], ["Bank 2.1"])
    assert node(project, "acme__bad")["provides"] == []
    assert project.host("graph").stdout.splitlines()[1:3] == ["  provides Bank 1", "  opens Bank 2.1"]


def test_an_empty_graph_is_not_an_error(project: Project) -> None:
    project.configure("[plugins]\n")
    project.environ["HOST_PLUGINS_ENABLED"] = ""
    assert graph(project) == {"version": 1, "order": [], "plugins": []}
    assert project.host("graph").stdout == "No plugins are enabled.\n"


def test_the_graph_gives_the_reasons_for_dependencies(project: Project) -> None:
    project.install("acme-bank", BANK)
    project.install("acme-client", CLIENT % False, requires=["acme-bank"])
    assert graph(project)["order"] == ["acme__bank", "acme__client"]
    assert node(project, "acme__client")["needs"] == [
        {"plugin": "acme__bank", "why": "requirement"},
        {"plugin": "acme__bank", "why": "contract Bank"},
    ]


def test_plugins_that_only_load_earlier_are_listed_separately(project: Project) -> None:
    project.install("acme-bank", BANK)
    project.install("acme-atm", CLIENT % True)
    project.install("acme-zoo")
    project.configure("plugins.order = ['acme__zoo before acme__atm']\n")
    atm = node(project, "acme__atm")
    assert atm["needs"] == []
    assert atm["follows"] == [
        {"plugin": "acme__bank", "why": "optional contract Bank"},
        {"plugin": "acme__zoo", "why": "plugins.order"},
    ]


def test_a_rule_about_a_disabled_plugin_is_not_an_edge(project: Project) -> None:
    project.install("acme-a")
    project.install("acme-z")
    project.configure("plugins.order = ['acme__z before acme__a']\nplugins.disabled = ['acme__z']\n")
    assert node(project, "acme__a")["follows"] == []


def test_children_are_listed_after_their_parents(project: Project) -> None:
    project.install("acme-top", FAMILY, version="3")
    project.install("acme-zoo")
    output = graph(project)
    assert output["order"] == ["acme__top", "acme__top.common", "acme__top.inner", "acme__top.inner.deep", "acme__zoo"]
    plugins = {plugin["key"]: plugin for plugin in output["plugins"]}
    assert plugins["acme__top.inner"]["parent"] == "acme__top"
    assert (plugins["acme__top.inner"]["distribution"], plugins["acme__top.inner"]["version"]) == ("acme-top", "3")
    assert plugins["acme__top.inner"]["needs"] == [{"plugin": "acme__top", "why": "child of"}]
    assert plugins["acme__top.inner"]["follows"] == [{"plugin": "acme__top.common", "why": "shared sibling"}]
    assert [key for key, plugin in plugins.items() if plugin["shared"]] == ["acme__top.common"]


@pytest.mark.parametrize("policy", ["abort", "isolate"])
def test_failed_plugins_are_listed_with_the_reason(project: Project, policy: str) -> None:
    project.install("acme-bad", "import nothing_such")
    project.install("acme-after", requires=["acme-bad"])
    project.install("acme-fine")
    project.configure(f"plugins.on_failure = '{policy}'\n")
    output = graph(project)
    assert output["order"] == ["acme__fine"]
    assert [(plugin["key"], plugin["status"]) for plugin in output["plugins"]] == [
        ("acme__fine", "ok"),
        ("acme__after", "dependency-failed"),
        ("acme__bad", "failed"),
    ]
    assert output["plugins"][1]["reason"] == "not started, because it needs acme__bad, which failed"
    assert output["plugins"][2]["reason"] == "acme_bad cannot be imported"
    assert output["plugins"][1]["needs"] == [{"plugin": "acme__bad", "why": "requirement"}]


def test_a_dependency_cycle_is_listed(project: Project) -> None:
    project.install("acme-a", requires=["acme-b"])
    project.install("acme-b", requires=["acme-a"])
    output = graph(project)
    assert output["order"] == []
    assert {plugin["key"]: plugin["needs"][0]["plugin"] for plugin in output["plugins"]} == {
        "acme__a": "acme__b",
        "acme__b": "acme__a",
    }
    assert {plugin["status"] for plugin in output["plugins"]} == {"failed"}


def test_the_graph_is_indented_text_in_a_pipe(project: Project) -> None:
    project.install("acme-top", FAMILY)
    project.install("acme-bad", "import nothing_such", requires=["acme-top"])
    done = project.host("graph")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "1. acme__top  acme-top 1.0.0",
        "  2. acme__top.common  acme-top 1.0.0  shared",
        "  3. acme__top.inner  acme-top 1.0.0",
        "    follows acme__top.common (shared sibling)",
        "    4. acme__top.inner.deep  acme-top 1.0.0",
        "acme__bad  acme-bad 1.0.0",
        "  failed: acme_bad cannot be imported",
        "  needs acme__top (requirement)",
    ]


def test_the_graph_is_a_tree_on_a_terminal(project: Project) -> None:
    project.install("acme-top", FAMILY)
    terminal, inner = pty.openpty()
    environment = project.environment() | {"TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen([host_command(), "graph"], cwd=project.directory, env=environment, stdout=inner) as process:
        assert process.wait(60) == 0
    os.close(inner)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", os.read(terminal, 65536).decode())
    os.close(terminal)
    assert "└── 1. acme__top  acme-top 1.0.0" in shown
    assert "    └── 3. acme__top.inner  acme-top 1.0.0" in shown


def test_graphviz_gets_every_plugin_and_every_edge(project: Project) -> None:
    project.install("acme-bank", BANK)
    project.install("acme-client", CLIENT % False, requires=["acme-bank"])
    project.install("acme-zoo", requires=["nothing-such"])
    project.configure("plugins.order = ['acme__zoo before acme__bank']\n")
    done = project.host("graph", "--dot")
    assert done.code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert '  "acme__client" [label="2. acme__client\\nacme-client 1.0.0"];' in lines
    assert '  "acme__zoo" [label="acme__zoo (failed)\\nacme-zoo 1.0.0", color=red];' in lines
    assert '  "acme__client" -> "acme__bank" [label="requirement, contract Bank"];' in lines
    assert '  "acme__bank" -> "acme__zoo" [label="plugins.order", style=dashed];' in lines


@pytest.mark.parametrize("key", ["Shop__Bad", 'a"b', "a\\", 'a\\"', "a b", "}", "node", "<b>x</b>", "a\x1bb", "ü__x", "a.b"])
def test_graphviz_can_parse_any_key(project: Project, key: str) -> None:
    project.only_own = False
    project.install("acme-odd", key=key)
    project.install("acme-zoo", requires=["acme-odd"])
    done = project.host("graph", "--dot")
    assert done.code == 0, done.stderr
    first, *statements, last = done.stdout.splitlines()
    assert (first, last) == ("digraph plugins {", "}")
    assert [line for line in statements if not _STATEMENT.fullmatch(line)] == []


@pytest.mark.parametrize("output", ["--json", "--dot"])
def test_the_graph_does_not_depend_on_the_hash_seed(project: Project, output: str) -> None:
    project.install("acme-bank", BANK)
    for name in ("acme-a", "acme-b", "acme-c"):
        project.install(name, CLIENT % True, requires=["acme-d", "acme-bank"])
    project.install("acme-d")
    project.configure("plugins.order = ['acme__a before acme__c', 'acme__b before acme__c']\n")
    outputs = set()
    for seed in ("0", "1", "2"):
        project.environ["PYTHONHASHSEED"] = seed
        outputs.add(project.host("graph", output).stdout)
    assert len(outputs) == 1


def test_two_output_formats_at_once_are_refused(project: Project) -> None:
    assert project.host("graph", "--json", "--dot").code == 2


def test_invalid_settings_are_reported(project: Project) -> None:
    project.configure("plugins.order = ['acme__no before acme__one']\n")
    done = project.host("graph")
    assert done.code == 2
    assert "error[unknown-plugin]" in done.stderr
