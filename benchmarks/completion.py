"""Time the first completion inside a call in an editor, against openapi-typescript and openapi-fetch.

The time runs from the start of a fresh tsserver to the names of the body's fields, as when a page is opened; the application has
2,000 routes. Later completions are measured too. The memory is the peak of the server's process.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.generated_app import PLUGINS
from benchmarks.peers import MODULES, describe, install_peers, openapi_typescript, write_application, write_project
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
export const created = api.bench__p00.item0.create({ <here> });
"""
_THEIRS: Final = """import createClient from "openapi-fetch";
import type { paths } from "./openapi";

const client = createClient<paths>();
export const created = client.POST("/bench__p00/item0", { body: { <here> } });
"""


@dataclass(frozen=True, slots=True)
class _Session:
    """The measurements of one editor session.

    Args:
        first: seconds until the first completion.
        processor: processor seconds until then.
        later: the median time of the following completions in seconds.
        memory: the peak memory in MB.
    """

    first: float
    processor: float
    later: float
    memory: float


def measure(*, quick: bool = False) -> list[Figure]:
    """Open a page of each kind, alternately."""
    install_peers()
    rounds = 1 if quick else 7
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
        application = write_application(Path(name, str(ROUTES)), ROUTES)
        progress(f"completion: describing {ROUTES} routes")
        describe(application, "host")
        describe(application, "openapi")
        openapi_typescript(application)
        ours, theirs = _write_page(application.host, _OURS), _write_page(application.types, _THEIRS)
        sessions = []
        for number in range(rounds):
            progress(f"completion: round {number + 1} of {rounds}")
            sessions.append((_edit(ours, _OURS), _edit(theirs, _THEIRS)))
    return _figures([host for host, _ in sessions], [peer for _, peer in sessions])


def _write_page(types: Path, page: str) -> Path:
    """Write a project with the types and a page that uses them, and return the page."""
    directory = types.with_suffix("")
    directory.mkdir()
    (directory / types.name).write_bytes(types.read_bytes())
    (directory / "node_modules").symlink_to(MODULES)
    return write_project(directory, page.replace(_CURSOR, ""))


def _edit(page: Path, text: str) -> _Session:
    before = text[: text.index(_CURSOR)]
    line, offset = before.count("\n") + 1, len(before) - before.rindex("\n")
    with Editor(page.parent) as editor:
        editor.notify("open", {"file": str(page), "fileContent": text.replace(_CURSOR, ""), "projectRootPath": str(page.parent)})
        _check(editor.completions(page, line, offset), page)
        first, processor = editor.age, editor.processor
        later = [_complete_again(editor, page, line, offset) for _ in range(_LATER)]
        memory = editor.end().memory
    return _Session(first, processor, statistics.median(later), memory)


def _complete_again(editor: Editor, page: Path, line: int, offset: int) -> float:
    """Type a space, request completions again, and return how many seconds that took."""
    edit = {"line": line, "offset": offset, "endLine": line, "endOffset": offset, "insertString": " "}
    start = time.perf_counter()
    editor.notify("change", {"file": str(page), **edit})
    _check(editor.completions(page, line, offset + 1), page)
    return time.perf_counter() - start


def _check(names: set[str], page: Path) -> None:
    if not names >= _FIELDS:
        raise MeasurementError(f"in {page.parent.name} the editor offers {sorted(names)[:10]}, not {sorted(_FIELDS)}")


def _figures(ours: list[_Session], theirs: list[_Session]) -> list[Figure]:
    first, later, processor = (
        ([getattr(session, kind) for session in ours], [getattr(session, kind) for session in theirs])
        for kind in ("first", "later", "processor")
    )
    memory = statistics.median(session.memory for session in ours)
    peer_memory = statistics.median(session.memory for session in theirs)
    return [
        Figure(
            f"first completion, {ROUTES} routes : openapi-typescript + openapi-fetch",
            f"{seconds(first[0])} : {seconds(first[1])}",
            median_ratio(*first),
            at_most=LIMIT,
        ),
        Figure("  the same, processor", _sides(*processor), median_ratio(*processor), at_most=LIMIT),
        Figure("  a later completion", _sides(*later), median_ratio(*later)),
        Figure("  peak memory of the server", f"{memory:.0f} MB : {peer_memory:.0f} MB", memory / peer_memory),
    ]


def _sides(ours: list[float], theirs: list[float]) -> str:
    return f"{seconds(ours)} : {seconds(theirs)}"
