"""TypeScript of the tests, run by Node: bundled by esbuild, since Node 20 does not leave types away by itself."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.frontend.compile import HERE, install, node

#: Where the files lie that are run.
RUNTIME: Final = HERE / "runtime"


def bundled(entry: Path, *arguments: str) -> Path:
    """One JavaScript file of a TypeScript file and all that it imports.

    Args:
        entry: the TypeScript file.
        arguments: further ones for esbuild.
    """
    install()
    output = entry.with_suffix(".mjs")
    command = [str(HERE / "node_modules" / ".bin" / "esbuild"), str(entry), "--bundle", "--format=esm", f"--outfile={output}"]
    done = subprocess.run([*command, "--log-level=warning", *arguments], check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return output


def run(script: Path, *arguments: str, environment: Mapping[str, str] | None = None, timeout: float = 60) -> str:
    """What a script prints, which must end by itself.

    Args:
        script: JavaScript.
        arguments: of the script.
        environment: all variables.
        timeout: seconds.
    """
    done = subprocess.run(
        [node(), str(script), *arguments], check=False, capture_output=True, text=True, timeout=timeout, env=environment
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def project(directory: Path, text: str) -> Path:
    """A copy of the files that are run, beside a generated file.

    Args:
        directory: where to.
        text: of the generated file.
    """
    for file in RUNTIME.glob("*.ts"):
        shutil.copy(file, directory)
    (directory / "generated-config.ts").write_text(text, encoding="utf-8")
    return directory


def names(file: str) -> list[str]:
    """The cases in a file, as far as they are named in one piece.

    Args:
        file: beside the others in ``runtime``.
    """
    text = (RUNTIME / file).read_text(encoding="utf-8")
    return [json.loads(quoted) for quoted in re.findall(r'^(?:test|fake)\(("(?:[^"\\]|\\.)*")', text, re.MULTILINE)]


def results(printed: str) -> dict[str, str]:
    """What the cases said: name → error, "" where there is none."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in printed.splitlines()]
    return {line["name"]: line["error"] for line in lines}
