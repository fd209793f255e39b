"""Package metadata is the manifest, installing a package enables its plugin, and one file has the settings (rows R31 to R33)."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from host import Host
from host.common.errors import HostVersionError, MissingDependencyError, SettingsError
from tests.conformance.kit import ANSWERING, error, get, in_host, response_texts
from tests.distributions import Project


def listed(project: Project, key: str) -> Any:
    """Return a plugin as ``host plugins list --json`` lists it, in a separate process."""
    done = project.host("plugins", "list", "--json")
    assert done.code == 0, done.stderr
    return next(plugin for plugin in json.loads(done.stdout)["plugins"] if plugin["key"] == key)


def test_R31_name_version_summary_and_requirements_come_from_the_distribution(project: Project) -> None:
    """``raclette.plugin.ts`` repeats them; here the metadata that pip installed is the manifest, and is read without an import."""
    project.install("acme-base", "raise RuntimeError('imported')")
    project.install("acme-todo", "raise RuntimeError('imported')", version="0.4.1", requires=["acme-base>=1"])
    plugin = listed(project, "acme__todo")
    assert {name: plugin[name] for name in ("distribution", "version", "summary", "requires", "status")} == {
        "distribution": "acme-todo",
        "version": "0.4.1",
        "summary": "The acme-todo plugin",
        "requires": ["acme__base"],
        "status": "enabled",
    }


def test_R31_versions_follow_pythons_rules(project: Project) -> None:
    """PEP 440 instead of raclette's semver, so the host can compare any version that pip installs."""
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
    failure = error(project)
    assert isinstance(failure, kind)
    assert (failure.plugin, failure.distribution) == ("acme__todo", "acme-todo")
    assert says in failure.message
    assert "acme_todo" not in sys.modules


def test_K8_R31_default_options_come_from_the_plugins_own_class(project: Project) -> None:
    """raclette has them in the manifest, untyped."""
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


def test_R32_an_installed_plugin_is_discovered(project: Project) -> None:
    """raclette also needs an entry in its configuration file; here nothing but pip writes anything."""
    project.only_own = False
    project.configure('[plugins]\ndisabled = ["acme__todo", "acme__billing"]\n')  # those of this environment
    project.install("acme-added", ANSWERING)
    assert response_texts(project, "/acme__added") == ["acme__added"]


def test_R32_an_uninstalled_plugin_is_gone(project: Project) -> None:
    project.install("acme-added", ANSWERING)
    project.install("acme-stays", ANSWERING)
    assert response_texts(project, "/acme__added", "/acme__stays") == ["acme__added", "acme__stays"]
    for file in sorted(project.site.directory.glob("acme_added*/*")):
        file.unlink()
    project.site.keys.remove("acme__added")
    assert [answer.status_code for answer in get(project, "/acme__added", "/acme__stays")] == [404, 200]


@pytest.mark.parametrize("name", ["acme__off", "acme-off"])
def test_R32_a_disabled_plugin_is_never_imported(project: Project, name: str) -> None:
    project.install("acme-todo", ANSWERING)
    project.install("acme-off", ANSWERING)
    project.configure(f'[plugins]\ndisabled = ["{name}"]\n')
    assert [answer.status_code for answer in get(project, "/acme__todo", "/acme__off")] == [200, 404]
    assert "acme_off" not in sys.modules


def test_R32_only_enabled_plugins_are_imported_if_there_is_a_list(project: Project) -> None:
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
    """Return what two plugins see of the settings."""
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


def test_R33_the_settings_may_be_in_pyproject(project: Project) -> None:
    text = SETTINGS.replace("[plugins", "[tool.host.plugins").replace("environment", "[tool.host]\nenvironment", 1)
    project.configure(text, "pyproject.toml")
    assert seen(project) == EXPECTED


def test_R33_without_a_file_the_defaults_apply(project: Project) -> None:
    assert seen(project) == {
        "order": ["acme__a", "acme__b"],
        "environment": "development",
        "prefixes": ["/acme__a", "/acme__b"],
        "sizes": [3, 3],
        "timeout": 10.0,
    }


def test_R33_environment_variables_override_the_file(project: Project) -> None:
    """raclette has tables per environment in its file. Here the file is the same everywhere, and what differs between machines
    is in their environment variables; a plugin reads ``scope.environment``.
    """
    project.configure(SETTINGS)
    project.environ |= {"HOST_ENVIRONMENT": "staging", "HOST_PLUGINS_TIMEOUT": "7", "HOST_PLUGINS_ORDER": "acme__a before acme__b"}
    expected = {"environment": "staging", "timeout": 7.0, "order": ["acme__a", "acme__b"]}
    assert seen(project) == EXPECTED | expected


def test_R33_an_unknown_variable_is_refused(project: Project) -> None:
    project.environ["HOST_PLUGINS_TIMEOUTS"] = "7"
    with pytest.raises(SettingsError) as caught:
        _ = project.settings
    assert caught.value.fix == "did you mean 'HOST_PLUGINS_TIMEOUT'?"
