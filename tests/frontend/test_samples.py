"""A frontend for the sample plugins compiles, its ``@ts-expect-error`` lines hold, and it runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.frontend import running
from tests.frontend.compile import COMPILERS, compile_files
from tests.serverkit import HOST


@pytest.fixture(scope="module")
def usage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the frontend beside the file of the sample plugins."""
    directory = tmp_path_factory.mktemp("samples")
    file = directory / "generated-config.ts"
    subprocess.run(
        [str(HOST), "generate-config", "--output", str(file)], cwd=directory, check=True, capture_output=True, timeout=60
    )
    return running.project(directory, file.read_text(encoding="utf-8")) / "samples.ts"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_it_compiles(usage: Path, compiler: str) -> None:
    assert compile_files([usage], compiler) == ""


def test_it_runs(usage: Path) -> None:
    assert running.run(running.bundled(usage)) == "all claims hold\n"
