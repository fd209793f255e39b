"""The share of the generated file that ends up in the bundle of a page."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.frontend import running
from tests.serverkit import HOST

PAGE = """
import {{ {create}, {constants} }} from "./generated-config";
const api = {create}({{ {constants} }});
console.log(await api.acme__todo.task.getAll());
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the file of the sample plugins."""
    directory = tmp_path_factory.mktemp("bundle")
    command = [str(HOST), "generate-config", "--output", str(directory / "generated-config.ts")]
    subprocess.run(command, cwd=directory, check=True, capture_output=True, timeout=60)
    return directory


def page(directory: Path, text: str) -> str:
    """Bundle a page and return its text."""
    entry = directory / "page.ts"
    entry.write_text(text, encoding="utf-8")
    return running.bundled(entry, "--minify").read_text(encoding="utf-8")


def test_a_page_that_calls_one_plugin_is_small(directory: Path) -> None:
    shown = page(directory, PAGE.format(create="createCalls", constants="acme__todo"))
    assert len(shown.encode()) <= 5000


def test_a_page_that_also_subscribes_is_not_much_larger(directory: Path) -> None:
    shown = page(directory, PAGE.format(create="createApi", constants="acme__todo"))
    assert len(shown.encode()) <= 6500


def test_plugins_that_are_not_passed_to_create_api_are_not_in_the_bundle(directory: Path) -> None:
    shown = page(directory, PAGE.format(create="createApi", constants="acme__todo"))
    assert "acme__billing/" not in shown
    assert "acme__auth" not in shown


def test_importing_only_the_config_bundles_no_code(directory: Path) -> None:
    shown = page(directory, 'import { acme__billing } from "./generated-config"; console.log(acme__billing.version);')
    assert "WebSocket" not in shown
    assert "fetch" not in shown
    assert "acme__todo" not in shown


def test_the_socket_code_is_bundled_only_if_a_plugin_has_sockets(directory: Path) -> None:
    shown = page(directory, PAGE.format(create="createCalls", constants="acme__todo"))
    assert "WebSocket" not in shown


def test_an_unused_import_of_the_file_bundles_nothing(directory: Path) -> None:
    assert page(directory, 'import all from "./generated-config"; import "./generated-config";').strip() == ""
