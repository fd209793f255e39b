"""The same plugins give the same result for any path, hash seed or install order; two hosts in one process are independent."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from host.lifecycle.boot import Boot
from tests.distributions import Project, Site

PLUGIN = """
    from litestar import get
    @get("/thing")
    async def handler() -> str: return "x"
    @hookimpl
    def register_routes(scope): return [handler]
    @hookimpl
    def register_services(scope): return {"name": scope.key}
    @hookimpl
    def register_channels(scope): return [Channel("created", str)]
"""

REQUIRES = {"shop-a": ["shop-z"], "shop-m": ["shop-a", "shop-q"], "shop-q": [], "shop-z": [], "shop-broken": []}

PROBE = """
import asyncio, json, sys
from pathlib import Path
from host.lifecycle.boot import Boot
from host.common.settings import load_settings
boot = Boot(load_settings(Path(sys.argv[1])))
asyncio.run(boot.register())
app = boot.assemble()
print(json.dumps({
    "order": boot.order,
    "routes": [route.path for route in app.routes if not route.path.startswith("/schema")],
    "failures": [[key, [error.message for error in boot.failures[key]]] for key in boot.failures],
}))
"""


@pytest.fixture
def sites(tmp_path: Path) -> list[Site]:
    """Return sites with one plugin each, so that the order of the path is that of the plugins."""
    sites = []
    for name, requires in REQUIRES.items():
        site = Site(tmp_path / name)
        site.install(name, "import nothing_such" if name == "shop-broken" else PLUGIN, requires=requires)
        sites.append(site)
    return sites


def outcome(project: Project, sites: list[Site], seed: str) -> dict[str, object]:
    environ = project.environment() | {
        "PYTHONPATH": ":".join(str(site.directory) for site in sites),
        "PYTHONHASHSEED": seed,
        "HOST_PLUGINS_ENABLED": ",".join(key for site in sites for key in site.keys),
        "HOST_PLUGINS_ON_FAILURE": "isolate",
    }
    command = [sys.executable, "-c", PROBE, str(project.directory)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_neither_path_nor_hash_seed_change_the_result(project: Project, sites: list[Site]) -> None:
    first = outcome(project, sites, "0")
    assert first["order"] == ["shop__q", "shop__z", "shop__a", "shop__m"]
    assert outcome(project, sites[::-1], "1") == first
    assert outcome(project, [*sites[2:], *sites[:2]], "4242") == first


def test_the_order_of_installation_does_not_change_the_result(tmp_path: Path) -> None:
    names = [name for name in REQUIRES if name != "shop-broken"]
    orders = set()
    for number, permutation in enumerate(itertools.islice(itertools.permutations(names), 0, 24, 5)):
        project = Project.at(tmp_path / str(number))
        with project.site.active():
            for name in permutation:
                project.install(name, PLUGIN, requires=REQUIRES[name])
            orders.add(tuple(booted(project).order))
    assert orders == {("shop__q", "shop__z", "shop__a", "shop__m")}


def booted(project: Project) -> Boot:
    boot = Boot(project.settings)
    asyncio.run(boot.register())
    return boot


def test_two_hosts_in_one_process_do_not_see_each_other(project: Project) -> None:
    project.install("shop-a", PLUGIN)
    project.install("shop-b", PLUGIN)
    project.configure("plugins.disabled = ['shop__b']\n")
    first = booted(project)
    project.configure("plugins.disabled = ['shop__a']\n")
    second = booted(project)
    assert (first.order, second.order) == (["shop__a"], ["shop__b"])
    apps = [boot.assemble() for boot in (first, second)]
    paths = [{route.path for route in app.routes if "shop" in route.path} for app in apps]
    assert paths == [{"/shop__a/thing"}, {"/shop__b/thing"}]
    assert first.contributions[0].scope.services is not second.contributions[0].scope.services


def test_a_plugin_can_be_in_two_hosts(project: Project) -> None:
    project.install("shop-a", PLUGIN)
    first, second = booted(project), booted(project)
    for boot in (first, second):
        app = boot.assemble()
        assert [route.path for route in app.routes if "shop" in route.path] == ["/shop__a/thing"]
    assert first.contributions[0].scope is not second.contributions[0].scope


def test_a_host_that_fails_does_not_affect_the_next_one(project: Project) -> None:
    project.install("shop-a", "@hookimpl\ndef register_rutes(scope): ...")
    project.install("shop-b", PLUGIN)
    assert "shop__a" in booted(project).failures
    project.configure("plugins.disabled = ['shop-a']\n")
    boot = booted(project)
    assert list(boot.failures) == []
    assert boot.order == ["shop__b"]
