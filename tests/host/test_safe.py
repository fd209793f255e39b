"""``host run --safe``: the host serves without plugins, whichever are installed and whatever the settings contain about them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from host.common.settings import Settings, load_settings
from host.discovery.discover import discover
from tests.distributions import Project
from tests.errors.test_packages import MARK, imported
from tests.serverkit import Server, until

BROKEN = """
[plugins]
enabled = ["no__such"]
disabled = 3
colour = "red"
[plugins.gone__plugin]
prefix = "/health"
[hooks.no_such_hook]
allow = ["nobody__at_all"]
"""


def begin(project: Project, *arguments: str) -> Server:
    """Start ``host run --safe`` in a project."""
    project.environ["PYTHONPATH"] = os.pathsep.join([str(project.site.directory), *filter(None, [os.environ.get("PYTHONPATH")])])
    server = Server(project.directory, ["--safe", *arguments], project.environ)
    project.cleanup.callback(server.close)
    return server.start()


@pytest.fixture
def mess(project: Project) -> Project:
    """Return a project with plugins that must not be imported, and settings that are wrong about them in every way."""
    project.install("shop-cart", MARK + "raise RuntimeError")
    project.install("shop-exit", MARK + "import sys; sys.exit(7)")
    project.install("shop-bad", MARK, key="Shop Bad")
    project.install("shop-twin", MARK, key="shop__cart")
    project.install("shop-need", MARK, requires=["no-such-thing", "litestar-host>=99"])
    project.configure(BROKEN)
    project.environ["HOST_PLUGINS_COLOUR"] = "red"
    project.environ["HOST_PLUGINS_TIMEOUT"] = "soon"
    return project


def test_safe_mode_serves_although_every_plugin_is_broken(mess: Project) -> None:
    server = begin(mess)
    safe, serving = server.stdout.splitlines()
    assert safe.startswith("Safe mode: ")
    assert serving == f"Serving 0 plugins on {server.url}"
    assert httpx.get(f"{server.url}/schema/openapi.json").status_code == 200
    assert [httpx.get(f"{server.url}/health/{name}").status_code for name in ("live", "ready")] == [200, 200]
    assert httpx.get(f"{server.url}/shop__cart").status_code == 404
    assert not [name for name in ("cart", "exit", "bad", "twin", "need") if imported(mess, f"shop_{name}")]
    assert server.stop() == 0
    assert server.stderr.count("error[") == 0


def test_safe_mode_does_not_change_the_generated_file(mess: Project) -> None:
    file = mess.directory / "generated-config.ts"
    file.write_text("// of better days\n")
    begin(mess).stop()
    assert file.read_text() == "// of better days\n"


def test_safe_mode_writes_no_generated_file_and_starts_no_database(mess: Project) -> None:
    begin(mess).stop()
    assert sorted(path.name for path in mess.directory.iterdir()) == ["host.toml"]


def test_safe_mode_can_be_combined_with_reload(mess: Project) -> None:
    server = begin(mess, "--reload")
    (mess.directory / "anything.py").touch()
    until(lambda: server.stdout.count("Serving 0 plugins") > 1, 20, "a second start")
    assert server.stdout.count("Safe mode") == 1


def test_safe_mode_applies_the_other_settings(project: Project) -> None:
    project.configure("environment = 'staging'\n[frontend]\noutput = 'x.ts'\n" + BROKEN)
    settings = load_settings(project.directory, {}, safe=True)
    assert (settings.environment, settings.frontend.output) == ("staging", "x.ts")


def test_safe_mode_does_not_read_the_metadata_of_plugins(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.install("shop-cart")
    looked: list[str] = []
    real = Path.read_text

    def look(path: Path, *rest: Any, **more: Any) -> str:
        looked.append(path.name)
        return real(path, *rest, **more)

    monkeypatch.setattr(Path, "read_text", look)
    assert discover(Settings()).installed
    assert looked, "the patch has no effect"
    looked.clear()
    discovery = discover(Settings(directory=project.directory, safe=True))
    assert (discovery.installed, discovery.enabled, discovery.errors) == ((), (), ())
    assert looked == []
