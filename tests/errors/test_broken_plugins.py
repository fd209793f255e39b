"""Any kind of broken plugin: no recovery command imports it, and the fix in its error works."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable

import pytest

from tests.distributions import Project
from tests.errors.test_packages import MARK, imported

HOOK = MARK + "@hookimpl\n"
OPTIONS = """
from pydantic import BaseModel
class Options(BaseModel):
    size: int = 1
@hookimpl
def plugin_options(): return Options
"""


def installed(source: str = "", settings: str = "", **options: object) -> Callable[[Project], None]:
    """One broken plugin, and what the settings say of it."""

    def arrange(project: Project) -> None:
        project.install("shop-cart", MARK + source, **options)
        if settings:
            project.configure(settings)

    return arrange


def twice(project: Project) -> None:
    project.install("shop-cart", MARK)
    project.install("other-cart", key="shop__cart")


def ring(project: Project) -> None:
    project.install("shop-cart", MARK, requires=["shop-mail"])
    project.install("shop-mail", MARK, requires=["shop-cart"])


def needed(project: Project) -> None:
    project.install("shop-cart", MARK + "raise RuntimeError")
    project.install("shop-mail", MARK, requires=["shop-cart"])


def child(project: Project) -> None:
    inner = "class Inner:\n    @hookimpl\n    def register_services(self, scope): 1 / 0\n"
    project.install("shop-cart", f'{MARK}{inner}@hookimpl\ndef register_plugins(scope): return Child(Inner(), "inner")')


#: What is wrong → how it comes about. The plugin is always ``shop__cart``, unless its key is what is wrong.
BROKEN: dict[str, Callable[[Project], None]] = {
    "import raises": installed("raise RuntimeError"),
    "import exits": installed("import sys; sys.exit(0)"),
    "import raises no exception": installed("class Panic(BaseException): ...\nraise Panic"),
    "import of what is missing": installed("import nothing_such"),
    "syntax": installed("def ("),
    "no module": installed(target="nothing_such"),
    "no object": installed(target="shop_cart:nothing"),
    "key": installed(key="Shop Cart"),
    "key with a dash": installed(key="-shop"),
    "key with a dot": installed(key="shop__cart.inner"),
    "two with the same key": twice,
    "missing requirement": installed(requires=["nothing-such>=2"]),
    "wrong version of a requirement": installed(requires=["litestar>=99"]),
    "host version": installed(requires=["litestar-host>=99"]),
    "ring": ring,
    "needs a plugin that fails": needed,
    "options": installed(OPTIONS, "[plugins.shop__cart.options]\nsize = 'big'\n"),
    "options of a plugin without options": installed("", "[plugins.shop-cart]\noptions = { size = 1 }\n"),
    "misspelt hook": installed("@hookimpl\ndef register_rutes(scope): ..."),
    "hook that is not allowed": installed("@hookimpl\ndef on_ready(scope): ...", "[hooks.on_ready]\nallow = []\n"),
    "hook raises": installed("@hookimpl\ndef register_routes(scope): 1 / 0"),
    "hook returns nonsense": installed("@hookimpl\ndef register_channels(scope): return 42"),
    "missing contract": installed("@hookimpl\ndef register_contract(scope): return Uses(object, 'thing')"),
    "child fails": child,
}

#: Projects that cannot be checked: no plugin is at fault, or the check never ends.
WORSE: dict[str, Callable[[Project], None]] = {
    "import hangs": installed("import time; time.sleep(3600)"),
    "settings name what is not installed": installed("raise RuntimeError", "[plugins]\ndisabled = ['gone__plugin']\n"),
    "a table of what is not installed": installed("raise RuntimeError", "[plugins.gone__plugin]\nprefix = '/x'\n"),
    "rule for no hook": installed("raise RuntimeError", "[hooks.nonsense]\nallow = ['nobody']\n"),
    "order of an unknown plugin": installed("raise RuntimeError", "[plugins]\norder = ['nonsense']\n"),
}

#: Without ``host plugins``; the last word of some is the plugin's name.
COMMANDS = ["list", "list --json", "show NAME", "show --json NAME", "disable NAME", "enable NAME"]

#: Runs commands one after the other in one process, and prints the outcome of each and the modules that they imported.
RUN = """
    import io, json, sys
    from contextlib import redirect_stderr, redirect_stdout
    from host.cli import main
    outcomes = []
    for arguments in json.loads(sys.argv[1]):
        sys.argv[1:] = arguments
        out, err = io.StringIO(), io.StringIO()
        try:
            with redirect_stdout(out), redirect_stderr(err):
                main()
        except SystemExit as end:
            outcomes.append([end.code, out.getvalue(), err.getvalue()])
    print(json.dumps([outcomes, sorted(sys.modules)]))
"""

#: The command in an error's block.
_DISABLE = re.compile(r"host (plugins disable (?:-- )?(?:'[^']*'|[^\s;]+))")


def commands_for(name: str) -> list[list[str]]:
    """Return the arguments of ``host`` for a plugin."""
    after = {True: ["--", name], False: []}
    return [["plugins", *command.removesuffix("NAME").split(), *after["NAME" in command]] for command in COMMANDS]


@pytest.fixture(params=[*BROKEN, *WORSE])
def broken(request: pytest.FixtureRequest, project: Project) -> Project:
    """Return a project with a broken plugin."""
    (BROKEN | WORSE)[request.param](project)
    return project


def name_in(project: Project) -> str:
    """Return the key of the broken plugin."""
    return project.site.keys[0]


def test_no_command_imports_it_and_all_work(broken: Project) -> None:
    name = name_in(broken)
    done = broken.python(RUN, json.dumps(commands_for(name)))
    assert done.code == 0, done.stderr
    outcomes, modules = json.loads(done.stdout)
    for command, (code, out, err) in zip(COMMANDS, outcomes, strict=True):
        assert code == (2 if command.startswith("list") and "gone__plugin" in err else 0), f"{command}: {err}"
        assert name in out, command
        if "--json" in command:
            assert json.loads(out)["version"] == 1, command
    assert not {module for module in modules if module.startswith("shop_")}
    assert not imported(broken, "shop_cart")


@pytest.mark.parametrize("kind", BROKEN)
def test_every_error_names_the_command_that_disables_the_plugin_and_it_does(project: Project, kind: str) -> None:
    BROKEN[kind](project)
    done = project.host("plugins", "check")
    assert done.code in {2, 3}
    for _ in range(3):  # the dependents of a disabled plugin are named in the next round
        blocks = done.stderr.split("error[")[1:]
        assert [block for block in blocks if not _DISABLE.search(block)] == []
        for command in dict.fromkeys(_DISABLE.findall(done.stderr)):
            outcome = project.host(*shlex.split(command))
            assert outcome.code == 0, outcome.stderr
        (project.site.directory / "shop_cart.imported").unlink(missing_ok=True)
        done = project.host("plugins", "check")
        if done.code == 0:
            break
    assert done.code == 0, done.stderr
    assert kind == "two with the same key" or not imported(project, "shop_cart")


def test_a_list_with_settings_that_are_wrong_shows_both(project: Project) -> None:
    WORSE["settings name what is not installed"](project)
    done = project.host("plugins", "list", "--json")
    assert done.code == 2
    content = json.loads(done.stdout)
    assert [plugin["key"] for plugin in content["plugins"] if plugin["status"] == "enabled"] == ["shop__cart"]
    assert [error["code"] for error in content["errors"]] == ["unknown-plugin"]
    assert "error[unknown-plugin]" in done.stderr


def test_who_requires_what_is_disabled_is_named(project: Project) -> None:
    project.install("shop-stock")
    project.install("shop-cart", MARK, requires=["shop_stock>=1"])
    project.install("shop-mail", requires=["shop-cart"])
    done = project.host("plugins", "disable", "shop__stock")
    assert done.code == 0
    assert done.stdout == "shop__stock is disabled in host.toml\n"
    (line,) = done.stderr.splitlines()
    assert line.startswith("warning: shop__cart requires it and will fail")
    assert line.endswith("host plugins disable shop__cart")
    assert not imported(project, "shop_cart")


def test_no_plugin_is_named_if_all_are_disabled(project: Project) -> None:
    project.install("shop-stock")
    project.install("shop-cart", requires=["shop-stock"])
    assert project.host("plugins", "disable", "shop__cart").stderr == ""
    assert project.host("plugins", "disable", "shop__stock").stderr == ""


def test_no_plugin_is_named_as_long_as_a_plugin_of_the_distribution_is_left(project: Project) -> None:
    project.install("shop-stock", plugins={"shop__a": "shop_stock:a", "shop__b": "shop_stock:b"})
    project.install("shop-cart", requires=["shop-stock"])
    assert project.host("plugins", "disable", "shop__a").stderr == ""
    assert "shop__cart requires it" in project.host("plugins", "disable", "shop__b").stderr
