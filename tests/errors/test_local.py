"""Plugins without packaging: files and packages directly in ``plugins/``."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from host import Host
from host.common.errors import DuplicatePluginError, InvalidKeyError, PluginImportError
from tests.distributions import Project
from tests.errors.driving import live
from tests.errors.test_packages import MARK
from tests.inprocess import running
from tests.serverkit import Server, until

ROUTE = """
from litestar import get
from hookspecs import hookimpl

@get("/word")
async def word() -> str:
    return "{0}"

@hookimpl
def register_routes(scope):
    return [word]
"""

#: Tries to import a file beside it.
HELPLESS = """
import sys
path = list(sys.path)
try:
    import _helper
except ImportError:
    _helper = None
"""


@pytest.fixture
def local(project: Project) -> Iterator[Project]:
    """A project with a directory ``plugins/``, whose modules are forgotten afterwards."""
    (project.directory / "plugins").mkdir()
    yield project
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(str(project.directory) + os.sep):
            del sys.modules[name]


def put(project: Project, name: str, source: str = "", *, key: str | None = None) -> Path:
    """Write a file of ``plugins/``, and enable the plugin in it."""
    file = project.directory / "plugins" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(source, encoding="utf-8")
    project.site.keys.append(key or name.partition("/")[0].removesuffix(".py"))
    return file


def keys(project: Project) -> list[str]:
    """Return the keys of the local plugins that ``host plugins list`` prints."""
    project.only_own = False
    project.environ["HOST_PLUGINS_ENABLED"] = ""
    done = project.host("plugins", "list", "--json")
    assert done.code == 0, done.stderr
    return [plugin["key"] for plugin in json.loads(done.stdout)["plugins"] if plugin["distribution"].startswith("plugins/")]


def answer(project: Project, path: str) -> str:
    """Return what the plugins of a project answer."""

    async def ask() -> str:
        async with running(project) as (_, client):
            return (await client.get(path)).text

    return asyncio.run(ask())


def test_a_file_is_a_plugin(local: Project) -> None:
    put(local, "acme__greet.py", ROUTE.format("hello"))
    assert answer(local, "/acme__greet/word") == "hello"


def test_a_package_is_a_plugin_and_may_import_its_own(local: Project) -> None:
    put(local, "acme__greet/words.py", ROUTE.format("hello"))
    put(local, "acme__greet/__init__.py", "from .words import register_routes\nimport acme__greet.words\n")
    assert answer(local, "/acme__greet/word") == "hello"


def test_they_are_found_in_order_and_nothing_deeper(local: Project) -> None:
    for name in ("b__b.py", "a__a.py", "_shared.py", ".hidden.py", "c__c.txt", "d__d.pyc"):
        put(local, name)
    put(local, "e__e/__init__.py")
    put(local, "e__e/f__f.py")
    put(local, "data/file.py")
    put(local, "_g__g/__init__.py")
    assert keys(local) == ["a__a", "b__b", "e__e"]


def test_a_project_without_the_directory_has_none(project: Project) -> None:
    assert keys(project) == []


def test_a_file_of_that_name_is_no_directory(project: Project) -> None:
    (project.directory / "plugins").write_text("")
    assert keys(project) == []


def test_it_lies_beside_pyproject_toml_too(local: Project) -> None:
    put(local, "acme__greet.py")
    local.configure("[tool.host]\n", "pyproject.toml")
    assert keys(local) == ["acme__greet"]


@pytest.mark.parametrize("name", ["helper.py", "acme-greet.py", "Acme__Greet.py", "acme__.py", "tool/__init__.py"])
def test_another_name_is_refused_and_the_right_one_told(local: Project, name: str) -> None:
    file = put(local, name, MARK)
    error = live(local).only
    assert isinstance(error, InvalidKeyError)
    top = name.partition("/")[0]
    assert f"plugins/{top} 0" == error.facts["distribution"]
    assert ("plugins/author__name.py" if top.endswith(".py") else "plugins/author__name;") in error.fix
    assert not file.with_suffix(".imported").exists()


def test_a_directory_that_is_named_as_a_plugin_and_is_no_package_is_told(local: Project) -> None:
    put(local, "acme__greet/plugin.py")
    error = live(local).only
    assert isinstance(error, PluginImportError)
    assert "__init__.py" in error.facts["cause"]


def test_what_its_import_raises_is_its_own_failure(local: Project) -> None:
    put(local, "acme__greet.py", "raise RuntimeError('no')")
    error = live(local).only
    assert isinstance(error, PluginImportError)
    assert error.facts["plugin"] == "acme__greet"
    assert error.facts["distribution"] == "plugins/acme__greet.py 0"
    assert error.facts["cause"] == "RuntimeError: no"
    assert "acme__greet" not in sys.modules


def test_a_key_that_pip_has_installed_too_is_refused_with_both(local: Project) -> None:
    local.install("acme-greet", MARK)
    put(local, "acme__greet.py", MARK)
    error = live(local).only
    assert isinstance(error, DuplicatePluginError)
    assert "acme-greet 1.0.0 and plugins/acme__greet.py 0" in error.message
    assert "pip uninstall plugins" not in error.fix


def test_of_two_with_one_key_the_file_can_be_disabled(local: Project) -> None:
    local.install("acme-greet")
    file = put(local, "acme__greet.py", MARK)
    assert local.host("plugins", "disable", "plugins/acme__greet.py").code == 0
    assert live(local).errors == ()
    assert not file.with_suffix(".imported").exists()


def test_a_file_and_a_package_of_one_key_are_refused(local: Project) -> None:
    put(local, "acme__greet.py", MARK)
    put(local, "acme__greet/__init__.py", MARK)
    error = live(local).only
    assert isinstance(error, DuplicatePluginError)
    assert "plugins/acme__greet 0 and plugins/acme__greet.py 0" in error.message


def test_nothing_else_can_be_imported_from_there(local: Project) -> None:
    (local.directory / "plugins" / "_helper.py").touch()
    put(local, "acme__greet.py", HELPLESS)
    before = list(sys.path)
    assert live(local).errors == ()
    module = sys.modules["acme__greet"]
    assert (module.path, module._helper) == (before, None)


def test_its_classes_can_be_pickled(local: Project) -> None:
    source = "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int\n"
    put(local, "acme__greet.py", source)
    assert live(local).errors == ()
    point = sys.modules["acme__greet"].Point(3)
    assert pickle.loads(pickle.dumps(point)) == point


def test_two_hosts_in_one_process_have_each_their_own(local: Project, tmp_path: Path) -> None:
    other = Project(tmp_path / "other", local.site)
    (other.directory / "plugins").mkdir(parents=True)
    put(local, "acme__greet.py", ROUTE.format("hello"))
    put(other, "acme__greet.py", ROUTE.format("goodbye"))

    async def ask() -> list[str]:
        async with running(local) as (_, first), running(other) as (_, second):
            return [(await client.get("/acme__greet/word")).text for client in (first, second)]

    assert asyncio.run(ask()) == ["hello", "goodbye"]


def test_two_hosts_of_one_project_share_the_module(local: Project) -> None:
    put(local, "acme__greet.py")

    async def objects() -> list[object]:
        async with Host(local.settings) as first_host, Host(local.settings) as second_host:
            return [host.plugins["acme__greet"].object for host in (first_host, second_host)]

    first, second = asyncio.run(objects())
    assert first is second


def test_settings_name_it_by_key(local: Project) -> None:
    put(local, "acme__greet.py", ROUTE.format("hello"))
    local.configure("[plugins.acme__greet]\nprefix = '/hi'\n")
    assert answer(local, "/hi/word") == "hello"


def test_it_is_listed_shown_and_switched_without_an_import(local: Project) -> None:
    file = put(local, "acme__greet.py", f"{MARK}raise RuntimeError")
    for command in ("list", "show acme__greet", "disable acme__greet", "enable plugins/acme__greet.py", "disable acme__greet"):
        done = local.host("plugins", *shlex.split(command))
        assert done.code == 0, done.stderr
        assert "acme__greet" in done.stdout
    assert not file.with_suffix(".imported").exists()
    assert live(local).errors == ()
    assert not file.with_suffix(".imported").exists()


def test_it_is_shown_with_its_path(local: Project) -> None:
    put(local, "acme__greet.py")
    (shown,) = json.loads(local.host("plugins", "show", "acme__greet", "--json").stdout)["plugins"]
    assert (shown["distribution"], shown["version"], shown["status"]) == ("plugins/acme__greet.py", "0", "enabled")


def test_tables_show_that_it_is_local_instead_of_a_version(local: Project) -> None:
    put(local, "acme__greet.py")
    (row,) = [line for line in local.host("plugins", "list").stdout.splitlines() if line.startswith("acme__greet")]
    assert row.split()[:4] == ["acme__greet", "plugins/acme__greet.py", "local", "enabled"]
    (shown,) = [line for line in local.host("plugins", "show", "acme__greet").stdout.splitlines() if line.startswith("version")]
    assert shown.split() == ["version", "local"]


def test_it_is_in_the_generated_file(local: Project) -> None:
    put(local, "acme__greet.py", ROUTE.format("hello"))
    done = local.host("generate-config", "--stdout")
    assert done.code == 0, done.stderr
    assert "export const acme__greet" in done.stdout
    assert str(local.directory) not in done.stdout


def test_a_change_of_it_restarts_a_reloading_server(local: Project) -> None:
    file = put(local, "acme__greet.py", ROUTE.format("hello"))
    server = Server(local.directory, ["--reload"], local.variables)
    local.cleanup.callback(server.close)
    server.start()
    assert httpx.get(f"{server.url}/acme__greet/word").text == "hello"
    file.write_text(ROUTE.format("good morning"), encoding="utf-8")
    until(lambda: _answer(server) == "good morning", 60, "the new answer")


def _answer(server: Server) -> str:
    """Return what it answers, "" while it restarts."""
    try:
        return httpx.get(f"{server.url}/acme__greet/word").text
    except httpx.TransportError:
        return ""
