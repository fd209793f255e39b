"""Package metadata is the manifest, an installation is the registration, and one file holds the settings."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from host import Host
from host.common.errors import HostVersionError, MissingDependencyError, SettingsError
from tests.conformance.kit import ANSWERING, error, get, in_host, texts
from tests.distributions import Project


def listed(project: Project, key: str) -> Any:
    """One plugin as ``host plugins list --json`` tells it, in a process of its own."""
    done = project.host("plugins", "list", "--json")
    assert done.code == 0, done.stderr
    return next(one for one in json.loads(done.stdout)["plugins"] if one["key"] == key)


def test_R31_name_version_summary_and_requirements_come_from_the_distribution(project: Project) -> None:
    """``raclette.plugin.ts`` says them a second time; here what pip installed is the manifest, and read without an import."""
    project.install("acme-base", "raise RuntimeError('imported')")
    project.install("acme-todo", "raise RuntimeError('imported')", version="0.4.1", requires=["acme-base>=1"])
    found = listed(project, "acme__todo")
    assert {name: found[name] for name in ("distribution", "version", "summary", "requires", "status")} == {
        "distribution": "acme-todo",
        "version": "0.4.1",
        "summary": "The acme-todo plugin",
        "requires": ["acme__base"],
        "status": "enabled",
    }


def test_R31_versions_are_those_of_python(project: Project) -> None:
    """PEP 440 where raclette has semver, so what pip installs the host can compare."""
    project.install("acme-base", version="2.0rc1")
    project.install("acme-todo", version="1!4.1.post2", requires=["acme-base>=2.0rc1"])

    async def version(host: Host) -> str:
        return host.plugins["acme__todo"].scope.version

    assert in_host(project, version) == "1!4.1.post2"


@pytest.mark.parametrize(
    ("requires", "kind", "says"),
    [
        ("acme-gone>=1", MissingDependencyError, "acme-gone>=1, which is not installed"),
        ("acme-base>=2", MissingDependencyError, "acme-base>=2, but acme-base 1.0.0 is installed"),
        ("litestar-host>=99", HostVersionError, "litestar-host>=99"),
    ],
)
def test_R31_requirements_are_checked_before_any_import(project: Project, requires: str, kind: type[Exception], says: str) -> None:
    project.install("acme-base")
    project.install("acme-todo", "raise RuntimeError('imported')", requires=[requires])
    found = error(project)
    assert isinstance(found, kind)
    assert (found.plugin, found.distribution) == ("acme__todo", "acme-todo")
    assert says in found.message
    assert "acme_todo" not in sys.modules


def test_R31_default_options_are_the_plugins_own_class(project: Project) -> None:
    """raclette writes them into the manifest, untyped."""
    source = """
    from pydantic import BaseModel
    class Options(BaseModel):
        size: int = 3
    @hookimpl
    def plugin_options(): return Options
    """
    project.install("acme-todo", source)

    async def size(host: Host) -> int:
        return host.plugins["acme__todo"].scope.options.size

    assert in_host(project, size) == 3


def test_R32_what_is_installed_is_discovered(project: Project) -> None:
    """raclette wants it in its config file too; here nothing is written but what pip writes."""
    project.only_own = False
    project.configure('[plugins]\ndisabled = ["acme__todo", "acme__billing"]\n')  # those of this environment
    project.install("acme-found", ANSWERING)
    assert texts(project, "/acme__found") == ["acme__found"]


def test_R32_what_is_uninstalled_is_gone(project: Project) -> None:
    project.install("acme-found", ANSWERING)
    project.install("acme-stays", ANSWERING)
    assert texts(project, "/acme__found", "/acme__stays") == ["acme__found", "acme__stays"]
    for file in sorted(project.site.directory.glob("acme_found*/*")):
        file.unlink()
    project.site.keys.remove("acme__found")
    assert [answer.status_code for answer in get(project, "/acme__found", "/acme__stays")] == [404, 200]


@pytest.mark.parametrize("name", ["acme__off", "acme-off"])
def test_R32_what_is_disabled_is_never_imported(project: Project, name: str) -> None:
    project.install("acme-todo", ANSWERING)
    project.install("acme-off", ANSWERING)
    project.configure(f'[plugins]\ndisabled = ["{name}"]\n')
    assert [answer.status_code for answer in get(project, "/acme__todo", "/acme__off")] == [200, 404]
    assert "acme_off" not in sys.modules


def test_R32_only_what_is_enabled_is_imported_where_there_is_a_list(project: Project) -> None:
    project.only_own = False
    project.install("acme-todo", ANSWERING)
    project.install("acme-off", ANSWERING)
    project.configure('[plugins]\nenabled = ["acme__todo"]\n')
    assert [answer.status_code for answer in get(project, "/acme__todo", "/acme__off")] == [200, 404]
    assert "acme_off" not in sys.modules


SETTINGS = """
environment = "production"

[plugins]
timeout = 3.5
order = ["acme__b before acme__a"]

[plugins.acme__a]
prefix = "/first"
options = { size = 9 }
"""

SIZED = """
    from pydantic import BaseModel
    class Options(BaseModel):
        size: int = 3
    @hookimpl
    def plugin_options(): return Options
"""


def seen(project: Project) -> dict[str, Any]:
    """What two plugins get of the settings."""
    project.install("acme-a", SIZED)
    project.install("acme-b", SIZED)

    async def look(host: Host) -> dict[str, Any]:
        a, b = host.plugins["acme__a"].scope, host.plugins["acme__b"].scope
        return {
            "order": list(host.plugins),
            "environment": a.environment,
            "prefixes": [a.prefix, b.prefix],
            "sizes": [a.options.size, b.options.size],
            "timeout": host.settings.plugins.timeout,
        }

    return in_host(project, look)


EXPECTED = {
    "order": ["acme__b", "acme__a"],
    "environment": "production",
    "prefixes": ["/first", "/acme__b"],
    "sizes": [9, 3],
    "timeout": 3.5,
}


def test_R33_one_file_has_a_table_for_each_plugin(project: Project) -> None:
    project.configure(SETTINGS)
    assert seen(project) == EXPECTED


def test_R33_it_may_be_a_part_of_pyproject(project: Project) -> None:
    text = SETTINGS.replace("[plugins", "[tool.host.plugins").replace("environment", "[tool.host]\nenvironment", 1)
    project.configure(text, "pyproject.toml")
    assert seen(project) == EXPECTED


def test_R33_without_a_file_the_defaults_hold(project: Project) -> None:
    assert seen(project) == {
        "order": ["acme__a", "acme__b"],
        "environment": "development",
        "prefixes": ["/acme__a", "/acme__b"],
        "sizes": [3, 3],
        "timeout": 10.0,
    }


def test_R33_variables_of_the_environment_override_the_file(project: Project) -> None:
    """raclette has tables by environment in its file. Here the file is the same everywhere, and what differs between machines
    is in their variables; a plugin reads ``scope.environment``.
    """
    project.configure(SETTINGS)
    project.environ |= {"HOST_ENVIRONMENT": "staging", "HOST_PLUGINS_TIMEOUT": "7", "HOST_PLUGINS_ORDER": "acme__a before acme__b"}
    expected = {"environment": "staging", "timeout": 7.0, "order": ["acme__a", "acme__b"]}
    assert seen(project) == EXPECTED | expected


def test_R33_a_variable_that_sets_nothing_is_refused(project: Project) -> None:
    project.environ["HOST_PLUGINS_TIMEOUTS"] = "7"
    with pytest.raises(SettingsError) as caught:
        _ = project.settings
    assert caught.value.fix == "did you mean 'HOST_PLUGINS_TIMEOUT'?"
