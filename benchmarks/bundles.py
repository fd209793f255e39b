"""Bundle a page that uses ``generated-config.ts``: esbuild must drop the plugins that the page does not use.

Sizes do not depend on the machine, so each is measured once.
"""

from __future__ import annotations

import gzip
import os
import tempfile
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from benchmarks.generated_app import install
from benchmarks.peers import MODULES, install_peers
from benchmarks.processes import environment, output, script
from benchmarks.report import Figure, progress

PLUGINS: Final = 50
ROUTES: Final = 5
LIMIT: Final = 1.2
TODO_LIMIT: Final = 5000.0

_TODO: Final = frozenset({"acme__todo", "acme__billing"})
_PAGE: Final = """import {{ {plugin}, createApi }} from "./generated-config";

Object.assign(globalThis, {{ api: createApi({{ {plugin} }}) }});
"""


def measure(*, quick: bool = False) -> list[Figure]:
    """Bundle each page."""
    del quick  # sizes are the same in every round
    install_peers()
    progress("bundles: generating three files")
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
        many = _generated(Path(name, "many"), PLUGINS)
        alone = _generated(Path(name, "alone"), 1)
        some, single = (len(_bundle(directory, "bench__p00")) for directory in (many, alone))
        todo = _bundle(_generated(Path(name, "todo"), 0), "acme__todo")
    packed = len(gzip.compress(todo, 9, mtime=0))
    return [
        Figure(
            f"bundle of a page that uses one of {PLUGINS} plugins : that plugin alone",
            f"{some} B : {single} B",
            some / single,
            at_most=LIMIT,
        ),
        Figure("bundle of a page that uses todo alone", f"{packed} B packed by gzip", len(todo), "B", at_most=TODO_LIMIT),
    ]


def _generated(directory: Path, plugins: int) -> Path:
    """Generate the file of this many plugins, or of todo and its dependencies if 0, and return its directory."""
    directory.mkdir()
    site = install(directory / "site", plugins, ROUTES)
    env = environment([site])
    if not plugins:
        env["HOST_PLUGINS_DISABLED"] = ",".join(
            entry_point.name for entry_point in entry_points(group="host.plugins") if entry_point.name not in _TODO
        )
    output([script("host"), "generate-config", "--output", "generated-config.ts"], directory=directory, env=env)
    return directory


def _bundle(directory: Path, plugin: str) -> bytes:
    """Bundle and minify a page that uses one plugin."""
    (directory / "page.ts").write_text(_PAGE.format(plugin=plugin), encoding="utf-8")
    esbuild = MODULES / ".bin" / "esbuild"
    flags = ["--bundle", "--minify", "--format=esm", "--target=es2022", "--outfile=page.js", "--log-level=error"]
    output([str(esbuild), "page.ts", *flags], directory=directory, env=dict(os.environ))
    return (directory / "page.js").read_bytes()
