"""What a page bundles of ``generated-config.ts``, minified by esbuild: nothing of the plugins that it does not use.

Sizes do not depend on the machine, so each is taken once.
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
    del quick  # there is nothing to repeat
    install_peers()
    progress("bundles: generating three files")
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
        many = _generated(Path(name, "many"), PLUGINS)
        alone = _generated(Path(name, "alone"), 1)
        ours, one = (len(_bundle(place, "bench__p00")) for place in (many, alone))
        todo = _bundle(_generated(Path(name, "todo"), 0), "acme__todo")
    packed = len(gzip.compress(todo, 9, mtime=0))
    return [
        Figure(f"bundle of a page, one of {PLUGINS} plugins : that plugin alone", f"{ours} B : {one} B", ours / one, at_most=LIMIT),
        Figure("bundle of a page that uses todo alone", f"{packed} B packed by gzip", len(todo), "B", at_most=TODO_LIMIT),
    ]


def _generated(place: Path, plugins: int) -> Path:
    """A directory with the file of so many plugins; of none, that of todo and what it requires."""
    place.mkdir()
    site = install(place / "site", plugins, ROUTES)
    env = environment([site])
    if not plugins:
        env["HOST_PLUGINS_DISABLED"] = ",".join(one.name for one in entry_points(group="host.plugins") if one.name not in _TODO)
    output([script("host"), "generate-config", "--output", "generated-config.ts"], directory=place, env=env)
    return place


def _bundle(place: Path, plugin: str) -> bytes:
    """The page's script, minified."""
    (place / "page.ts").write_text(_PAGE.format(plugin=plugin), encoding="utf-8")
    esbuild = MODULES / ".bin" / "esbuild"
    flags = ["--bundle", "--minify", "--format=esm", "--target=es2022", "--outfile=page.js", "--log-level=error"]
    output([str(esbuild), "page.ts", *flags], directory=place, env=dict(os.environ))
    return (place / "page.js").read_bytes()
