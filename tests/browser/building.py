"""Build the page of acme-todo: ``npm ci`` if that was not done, then its own script."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Final

import acme_todo

from tests.frontend.compile import install, node

ROOT: Final = Path(__file__).parents[2]
FRONTEND: Final = ROOT / "sample_plugins" / "todo" / "frontend"
#: The directory of the bundle in the package.
BUILT: Final = Path(acme_todo.__file__).parent / "page"


def bundle(output: Path) -> None:
    """Bundle the page into a directory, with the arguments of its script ``bundle``.

    Args:
        output: the directory.
    """
    script: str = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))["scripts"]["bundle"]
    arguments = [part for part in script.split()[1:] if not part.startswith("--outdir=")]
    install(FRONTEND)
    program = FRONTEND / "node_modules" / "esbuild" / "bin" / "esbuild"
    command = [node(), str(program), *arguments, f"--outdir={output}"]
    done = subprocess.run(command, cwd=FRONTEND, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
