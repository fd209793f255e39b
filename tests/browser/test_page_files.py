"""The files of the page: the package contains what its sources build, and the sources use only what they may use."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.browser.building import BUILT, FRONTEND, bundle
from tests.frontend.compile import COMPILERS, compile_files
from tests.serverkit import HOST

SOURCES = sorted((FRONTEND / "src").glob("*.ts"))


def test_the_bundle_in_the_package_is_built_from_the_sources(tmp_path: Path) -> None:
    bundle(tmp_path)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    packed = {path.name: path.read_bytes() for path in BUILT.iterdir()}
    assert sorted(built) == sorted(packed)
    assert [name for name in built if built[name] != packed[name]] == [], "npm run build in sample_plugins/todo/frontend"


def test_the_generated_file_is_up_to_date() -> None:
    done = subprocess.run(
        [HOST, "generate-config", "--check"], cwd=FRONTEND, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, f"npm run build in sample_plugins/todo/frontend\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_sources_are_clean_under_the_strict_flags(compiler: str) -> None:
    assert compile_files([*SOURCES, FRONTEND / "generated-config.ts"], compiler) == ""


def test_the_backend_is_only_used_through_the_generated_file() -> None:
    assert matches(r"\bfetch\(|WebSocket|EventSource|XMLHttpRequest|sendBeacon|acme__todo--|[\"'`]/") == []
    assert matches(r'from "(?!\./|\.\./generated-config")[^"]*"') == []


def test_no_source_creates_markup_from_strings() -> None:
    assert matches(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|: any\b|as any\b") == []


def matches(pattern: str) -> list[tuple[str, str]]:
    """Return each match in the sources with the name of its file."""
    return [(source.name, match) for source in SOURCES for match in re.findall(pattern, source.read_text(encoding="utf-8"))]
