"""Run the tests' TypeScript in Node, bundled by esbuild because Node 20 does not strip types by itself."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.frontend.compile import HERE, install, node

#: The directory with the files to run.
RUNTIME: Final = HERE / "runtime"


def bundled(entry: Path, *arguments: str) -> Path:
    """Bundle a TypeScript file and everything that it imports into one JavaScript file.

    Args:
        entry: the TypeScript file.
        arguments: further arguments of esbuild.
    """
    install()
    output = entry.with_suffix(".mjs")
    command = [str(HERE / "node_modules" / ".bin" / "esbuild"), str(entry), "--bundle", "--format=esm", f"--outfile={output}"]
    done = subprocess.run([*command, "--log-level=warning", *arguments], check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return output


def run(script: Path, *arguments: str, environment: Mapping[str, str] | None = None, timeout: float = 60) -> str:
    """Return the output of a script, which must end by itself.

    Args:
        script: a JavaScript file.
        arguments: the arguments of the script.
        environment: all environment variables.
        timeout: in seconds.
    """
    done = subprocess.run(
        [node(), str(script), *arguments], check=False, capture_output=True, text=True, timeout=timeout, env=environment
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def project(directory: Path, text: str) -> Path:
    """Copy the files to run beside a generated file.

    Args:
        directory: the target directory.
        text: the text of the generated file.
    """
    for file in RUNTIME.glob("*.ts"):
        shutil.copy(file, directory)
    (directory / "generated-config.ts").write_text(text, encoding="utf-8")
    return directory


def names(file: str) -> list[str]:
    """Return the names of a file's cases, as far as they are string literals.

    Args:
        file: a file in ``runtime``.
    """
    text = (RUNTIME / file).read_text(encoding="utf-8")
    return [json.loads(quoted) for quoted in re.findall(r'^(?:test|fake)\(("(?:[^"\\]|\\.)*")', text, re.MULTILINE)]


def results(printed: str) -> dict[str, str]:
    """Return the results of the cases: name → error, "" for success."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in printed.splitlines()]
    return {line["name"]: line["error"] for line in lines}
