"""Values that are not JSON, between the generated file and a real ``host run``: the cases in ``runtime/travel.ts``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.distributions import Project
from tests.frontend import running
from tests.frontend.compile import COMPILERS, compile_files, install
from tests.serverkit import Server

PLUGIN = Path(__file__).parent / "fixtures" / "fx_travel.py"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project.at(tmp_path_factory.mktemp("travel"))
    project.install("acme-travel", {"fx_travel.py": PLUGIN.read_text(encoding="utf-8")}, key="acme__travel", target="fx_travel")
    with project.cleanup:
        yield project


@pytest.fixture(scope="module")
def directory(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the cases beside the file that ``host generate-config`` writes."""
    outcome = project.host("generate-config", "--output", str(project.directory / "generated-config.ts"))
    assert outcome.code == 0, outcome.stderr
    assert "unknown" not in outcome.stderr
    text = (project.directory / "generated-config.ts").read_text(encoding="utf-8")
    return running.project(tmp_path_factory.mktemp("page"), text)


@pytest.fixture(scope="module")
def results(project: Project, directory: Path) -> Iterator[dict[str, str]]:
    """Return the result of each case."""
    install()
    script = running.bundled(directory / "travel.ts")
    server = Server(project.directory, [], project.environment())
    try:
        server.start()
        environment = {
            **project.environment(),
            "HOST_URL": server.url,
            "NODE_OPTIONS": f"--require={running.RUNTIME / 'websocket.cjs'}",
        }
        yield running.results(running.run(script, environment=environment, timeout=120))
    finally:
        server.close()


@pytest.mark.parametrize("name", running.names("travel.ts"))
def test_case(name: str, results: dict[str, str]) -> None:
    assert results[name] == ""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_cases_compile(compiler: str, directory: Path) -> None:
    assert compile_files([directory / "travel.ts"], compiler) == ""


def test_the_table_of_routes_names_sockets_too(project: Project) -> None:
    outcome = project.host("routes", "--json")
    assert outcome.code == 0, outcome.stderr
    named = {route["path"]: route["operation"] for route in json.loads(outcome.stdout)["routes"] if route["method"] == "WEBSOCKET"}
    assert {"/acme__travel/room/{id:int}": "room.talk", "/acme__travel/ticks": "ticks.connect"}.items() <= named.items()


def test_a_socket_does_not_miss_a_store_action(project: Project) -> None:
    outcome = project.host("plugins", "check", "--json")
    (lines,) = json.loads(outcome.stdout)["withoutStoreAction"].values()
    assert "POST /form" in lines
    assert not [line for line in lines if line.startswith("WEBSOCKET")]
