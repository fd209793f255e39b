"""Measure ``crud``'s get and create against equivalent handlers written by hand with Litestar and Beanie.

Both applications run in one process on one MongoDB and are called through ASGI without a server: its share of the time is the
same for both and would hide part of the difference. The two alternate in short rounds.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from benchmarks.distributions import install_plugin
from benchmarks.processes import ROOT, environment, output
from benchmarks.report import Figure, median_ratio, progress

LIMIT: Final = 0.9

_SAMPLES: Final = ROOT / "benchmarks" / "samples"
_ROUTE: Final = "/bench__jobs/job"
#: Requests of each operation in a round of one side.
_REQUESTS: Final = 200
_BODY: Final = b'{"title": "some job", "points": 3, "tags": ["a", "b"]}'

Application = Callable[[Any, Any, Any], Awaitable[None]]


def measure(*, quick: bool = False) -> list[Figure]:
    """Run the measurement in a process of its own."""
    rounds = 10 if quick else 40
    progress(f"crud: {rounds} rounds of {_REQUESTS} requests for each of two operations")
    with tempfile.TemporaryDirectory(prefix="host-bench-", ignore_cleanup_errors=True) as name:
        site = Path(name, "site")
        site.mkdir()
        install_plugin(site, "bench-jobs", "bench_jobs_plugin")
        command = [sys.executable, "-m", "benchmarks.crud", name, str(rounds)]
        rates = json.loads(output(command, directory=Path(name), env=environment([site, _SAMPLES, ROOT])))
    return [_figure(operation, rates[operation]) for operation in ("get", "create")]


def _figure(operation: str, rates: dict[str, list[float]]) -> Figure:
    sides = " : ".join(f"{statistics.median(rates[side]):.0f}/s" for side in ("host", "twin"))
    return Figure(
        f"crud {operation}s per second, plugin : by hand", sides, median_ratio(rates["host"], rates["twin"]), at_least=LIMIT
    )


async def _rates(directory: Path, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Start both applications and load them alternately."""
    from beanie import init_beanie
    from bench_jobs_twin import Job, app
    from pymongo import AsyncMongoClient

    from host import Host
    from host.common.settings import load_settings
    from host.database.embedded.lease import start

    rates: dict[str, dict[str, list[float]]] = {operation: {"host": [], "twin": []} for operation in ("get", "create")}
    with start(directory / "database") as lease:
        url = await lease.wait_async()
        (directory / "host.toml").write_text(f'[database]\nurl = "{url}"\n', encoding="utf-8")
        async with Host(load_settings(directory)) as host, AsyncMongoClient(url, tz_aware=True) as client:
            await init_beanie(database=client["twin"], document_models=[Job])
            sides: dict[str, Application] = {"host": host.app, "twin": app}
            for number in range(rounds + 1):
                for side in sorted(sides, reverse=number % 2 == 1):
                    for operation, rate in (await _round(sides[side])).items():
                        rates[operation][side] += [rate] if number else []  # the first round warms up
    return rates


async def _round(application: Application) -> dict[str, float]:
    identifiers = [str(uuid4()) for _ in range(_REQUESTS)]
    bodies = [_BODY.replace(b"{", f'{{"id": "{identifier}", '.encode(), 1) for identifier in identifiers]
    begin = time.perf_counter()
    for body in bodies:
        await _ask(application, "POST", _ROUTE, body, 201)
    middle = time.perf_counter()
    for identifier in identifiers:
        await _ask(application, "GET", f"{_ROUTE}/{identifier}", b"", 200)
    return {"create": _REQUESTS / (middle - begin), "get": _REQUESTS / (time.perf_counter() - middle)}


async def _ask(application: Application, method: str, path: str, body: bytes, expected: int) -> None:
    """Send one request as a server would.

    Raises:
        RuntimeError: the response has another status.
    """
    headers = [(b"host", b"bench"), (b"content-type", b"application/json"), (b"x-broadcast", b"false")]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [*headers, (b"content-length", str(len(body)).encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: dict[str, Any]) -> None:
        if event["type"] == "http.response.start":
            statuses.append(event["status"])

    await application(scope, receive, send)
    if statuses != [expected]:
        raise RuntimeError(f"{method} {path} answered {statuses}")


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_rates(Path(sys.argv[1]), int(sys.argv[2])))))
