"""The first completion inside a call, in the editor: our file in TypeScript's server, against openapi-typescript and openapi-fetch.

From the start of a fresh server to the names of the body's fields, as when a page is opened; the application has 2,000 routes.
What is typed afterwards is measured too. The memory is the peak of the server's process.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.generated_app import PLUGINS
from benchmarks.peers import MODULES, describe, described, install_peers, openapi_typescript, write_project
from benchmarks.processes import MeasurementError
from benchmarks.report import Figure, median_ratio, progress, seconds
from benchmarks.tsserver import Editor

ROUTES: Final = max(PLUGINS)
LIMIT: Final = 0.7

_LATER: Final = 10
_FIELDS: Final = frozenset({"title", "part", "amount", "state", "due", "mode", "extra"})
_CURSOR: Final = "<here>"
_OURS: Final = """import { bench__p00, createApi } from "./generated-config";

const api = createApi({ bench__p00 });
export const made = api.bench__p00.item0.create({ <here> });
"""
_THEIRS: Final = """import createClient from "openapi-fetch";
import type { paths } from "./openapi";

const client = createClient<paths>();
export const made = client.POST("/bench__p00/item0", { body: { <here> } });
"""


@dataclass(frozen=True, slots=True)
class _Typed:
    """One editor's life.

    Args:
        first: seconds until the first completion.
        processor: the same, of the processor.
        later: the median of seconds of the following ones.
        memory: the peak, in MB.
    """

    first: float
    processor: float
    later: float
    memory: float


def measure(*, quick: bool = False) -> list[Figure]:
    """Open a page of each kind, in turns."""
    install_peers()
    rounds = 1 if quick else 7
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
        what = described(Path(name, str(ROUTES)), ROUTES)
        progress(f"completion: describing {ROUTES} routes")
        describe(what, "host")
        describe(what, "openapi")
        openapi_typescript(what)
        ours, theirs = _place(what.host, _OURS), _place(what.types, _THEIRS)
        told = []
        for number in range(rounds):
            progress(f"completion: round {number + 1} of {rounds}")
            told.append((_typed(ours, _OURS), _typed(theirs, _THEIRS)))
    return _figures([one for one, _ in told], [other for _, other in told])


def _place(types: Path, page: str) -> Path:
    """A project of the file and a page that uses it: the page."""
    place = types.with_suffix("")
    place.mkdir()
    (place / types.name).write_bytes(types.read_bytes())
    (place / "node_modules").symlink_to(MODULES)
    return write_project(place, page.replace(_CURSOR, ""))


def _typed(page: Path, text: str) -> _Typed:
    before = text[: text.index(_CURSOR)]
    line, offset = before.count("\n") + 1, len(before) - before.rindex("\n")
    with Editor(page.parent) as editor:
        editor.tell("open", {"file": str(page), "fileContent": text.replace(_CURSOR, ""), "projectRootPath": str(page.parent)})
        _check(editor.completions(page, line, offset), page)
        first, processor = editor.age, editor.processor
        later = [_next(editor, page, line, offset) for _ in range(_LATER)]
        memory = editor.end().memory
    return _Typed(first, processor, statistics.median(later), memory)


def _next(editor: Editor, page: Path, line: int, offset: int) -> float:
    """Type a space and ask again: how many seconds until the answer."""
    place = {"line": line, "offset": offset, "endLine": line, "endOffset": offset, "insertString": " "}
    start = time.perf_counter()
    editor.tell("change", {"file": str(page), **place})
    _check(editor.completions(page, line, offset + 1), page)
    return time.perf_counter() - start


def _check(names: set[str], page: Path) -> None:
    if not names >= _FIELDS:
        raise MeasurementError(f"in {page.parent.name} the editor offers {sorted(names)[:10]}, not {sorted(_FIELDS)}")


def _figures(ours: list[_Typed], theirs: list[_Typed]) -> list[Figure]:
    first, later, processor = (
        ([getattr(one, kind) for one in ours], [getattr(one, kind) for one in theirs]) for kind in ("first", "later", "processor")
    )
    memory = statistics.median(one.memory for one in ours)
    other = statistics.median(one.memory for one in theirs)
    return [
        Figure(
            f"first completion, {ROUTES} routes : openapi-typescript + openapi-fetch",
            f"{seconds(first[0])} : {seconds(first[1])}",
            median_ratio(*first),
            at_most=LIMIT,
        ),
        Figure("  the same, processor", _sides(*processor), median_ratio(*processor), at_most=LIMIT),
        Figure("  a later completion", _sides(*later), median_ratio(*later)),
        Figure("  peak memory of the server", f"{memory:.0f} MB : {other:.0f} MB", memory / other),
    ]


def _sides(ours: list[float], theirs: list[float]) -> str:
    return f"{seconds(ours)} : {seconds(theirs)}"
