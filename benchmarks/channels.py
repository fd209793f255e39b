"""One broadcast to 1,000 WebSocket clients, against Litestar's channels used by hand; and what clients do that do not read.

The delivery time of a message to one client is from the broadcast, which the message tells, to its arrival; client and server
are on one machine and so on one clock. A round is one broadcast to all, after which the other server has its turn.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks.distributions import install_plugin
from benchmarks.processes import LOOPBACK, ROOT, MeasurementError, environment, free_port, script, started, wait_for_answer
from benchmarks.report import Figure, median_ratio, progress
from benchmarks.sockets import Socket, open_sockets

LIMIT: Final = 1.2
#: How much slower the fast clients may become by the slow ones.
SLOW_LIMIT: Final = 1.2
#: MiB by which the server may grow while it broadcasts to clients that do not read.
GROWTH_LIMIT: Final = 64.0

_SAMPLES: Final = ROOT / "benchmarks" / "samples"
_CHANNEL: Final = "bench__ticks--tick"
_PATH: Final = "/bench__ticks/tick"
_CLIENTS: Final = 1_000
_SLOW: Final = 200
#: Messages that fill what the kernel keeps for clients that do not read, and the bytes of each.
_FILLING, _LARGE = 70, 65_536
_BUFFER: Final = 4_096
#: Messages that may wait for a client: so many that clients which do not read are dropped in the midst of the rounds.
_BACKLOG: Final = 60
_PATIENCE: Final = 60.0


class Audience:
    """Many clients of one server.

    Args:
        port: of the server.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._delays: list[float] = []
        self._expected = 0
        self._complete = asyncio.Event()
        self.sockets: list[Socket] = []

    async def join(self, count: int) -> None:
        """Open connections that listen."""
        self.sockets = await open_sockets(self._port, "/channels", count, self._received)
        self._subscribe(self.sockets)
        await self._all_listen()

    async def join_slow(self, count: int) -> list[Socket]:
        """Open connections that listen and do not read."""
        slow = await open_sockets(self._port, "/channels", count, lambda _socket, _now, _text: None, buffer=_BUFFER)
        self._subscribe(slow)
        for one in slow:
            one.stop_reading()
        return slow

    async def broadcast(self, size: int = 64) -> list[float]:
        """Have one message sent to all.

        Returns:
            the seconds until each client had it.
        """
        self._delays, self._expected = [], len(self.sockets)
        self._complete.clear()
        await self.ask(size)
        async with asyncio.timeout(_PATIENCE):
            await self._complete.wait()
        return self._delays

    def leave(self) -> None:
        """Close all."""
        for one in self.sockets:
            one.transport.close()

    def _received(self, _socket: Socket, now: float, text: bytes) -> None:
        message = json.loads(text)
        sent = message.get("data", message).get("sent")
        if sent is None:  # a heartbeat or an answer
            return
        self._delays.append(now - sent)
        if len(self._delays) == self._expected:
            self._complete.set()

    @staticmethod
    def _subscribe(sockets: Sequence[Socket]) -> None:
        for one in sockets:
            one.send_json({"subscribe": _CHANNEL})

    async def _all_listen(self) -> None:
        """A broadcast reaches who listens already: send until one reaches all."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            self._delays, self._expected = [], len(self.sockets)
            self._complete.clear()
            await self.ask(64)
            try:
                async with asyncio.timeout(2):
                    await self._complete.wait()
            except TimeoutError:
                continue
            return
        raise MeasurementError(f"a broadcast reached {len(self._delays)} of {self._expected} clients")

    async def ask(self, size: int) -> None:
        """Have one message sent, and do not wait for it."""
        reader, writer = await asyncio.open_connection(LOOPBACK, self._port)
        writer.write(f"GET {_PATH}?size={size} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        if not answer.startswith(b"HTTP/1.1 20"):
            raise MeasurementError(f"asked for a broadcast, the server answers {answer[:200]!r}")


def measure(*, quick: bool = False) -> list[Figure]:
    """Both measurements."""
    starts, rounds = (1, 10) if quick else (4, 30)
    ours: list[float] = []
    theirs: list[float] = []
    for start in range(starts):
        progress(f"channels: start {start + 1} of {starts}, {rounds} broadcasts to {_CLIENTS} clients of each server")
        _compare(rounds, ours, theirs)
    sides = f"{_milliseconds(ours)} : {_milliseconds(theirs)}"
    name = f"p99 of the delivery to {_CLIENTS} sockets, host : Litestar"
    return [Figure(name, sides, median_ratio(ours, theirs), at_most=LIMIT), *_slow(quick=quick)]


def _compare(rounds: int, ours: list[float], theirs: list[float]) -> None:
    """Start both servers, and broadcast in turns."""
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name, ExitStack() as stack:
        ports = {"host": free_port(), "twin": free_port()}
        _serve(stack, Path(name), ports)
        asyncio.run(_in_turns(ports, rounds, {"host": ours, "twin": theirs}))


async def _in_turns(ports: dict[str, int], rounds: int, times: dict[str, list[float]]) -> None:
    audiences = {side: Audience(port) for side, port in ports.items()}
    for audience in audiences.values():
        await audience.join(_CLIENTS)
    for number in range(rounds):
        for side in sorted(ports, reverse=number % 2 == 1):
            times[side].append(p99(await audiences[side].broadcast()))
    for audience in audiences.values():
        audience.leave()


def _slow(*, quick: bool) -> list[Figure]:
    """Broadcast to clients some of which do not read, and to as many that all do, in turns."""
    rounds = 80 if quick else 300
    progress(f"channels: {rounds} broadcasts to {_CLIENTS} clients, of which {_SLOW} or none do not read")
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name, ExitStack() as stack:
        ports = {"slow": free_port(), "fast": free_port()}
        pids = _serve(stack, Path(name), ports, host=tuple(ports))
        outcome = asyncio.run(_beside_slow(ports, pids, rounds))
    times = outcome.times
    unread = _FILLING * _LARGE * _SLOW / 2**20
    return [
        Figure(
            f"p99 of the delivery to {_CLIENTS - _SLOW} sockets, {_SLOW} more slow : as fast",
            f"{_milliseconds(times['slow'])} : {_milliseconds(times['fast'])}",
            median_ratio(times["slow"], times["fast"]),
            at_most=SLOW_LIMIT,
        ),
        Figure(
            f"memory for {_SLOW} sockets that do not read, of which {outcome.dropped} were dropped",
            f"{unread:.0f} MiB unread",
            outcome.growth,
            "MiB",
            at_most=GROWTH_LIMIT,
        ),
    ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of clients that do not read.

    Args:
        times: the p99 of each round, in seconds: of the server that has such clients, and of the other.
        growth: the MiB by which the one has grown more than the other.
        dropped: how many such clients it has closed.
    """

    times: dict[str, list[float]]
    growth: float
    dropped: int


async def _beside_slow(ports: dict[str, int], pids: dict[str, int], rounds: int) -> Outcome:
    audiences = {side: Audience(port) for side, port in ports.items()}
    beside = Audience(ports["fast"])
    await beside.join(_SLOW)
    slow = await audiences["slow"].join_slow(_SLOW)
    before = {side: memory(pid) for side, pid in pids.items()}
    highest = dict(before)
    for _ in range(_FILLING):
        await beside.broadcast(_LARGE)
        await audiences["slow"].ask(_LARGE)
        highest = {side: max(highest[side], memory(pid)) for side, pid in pids.items()}
    filled = {side: memory(pid) for side, pid in pids.items()}
    for audience in audiences.values():
        await audience.join(_CLIENTS - _SLOW)
    joined = {side: memory(pid) for side, pid in pids.items()}
    times: dict[str, list[float]] = {side: [] for side in ports}
    for number in range(rounds):
        for side in sorted(ports, reverse=number % 2 == 1):
            times[side].append(p99(await audiences[side].broadcast()))
            highest[side] = max(highest[side], memory(pids[side]) - joined[side] + filled[side])
    growth = {side: highest[side] - before[side] for side in ports}
    dropped = await count_dropped(slow)
    for audience in (*audiences.values(), beside):
        audience.leave()
    return Outcome(times, growth["slow"] - growth["fast"], dropped)


async def count_dropped(slow: Sequence[Socket]) -> int:
    """Read at last, and count those that the server has told that they are too slow."""
    for one in slow:
        one.transport.resume_reading()
    await asyncio.wait([one.closed for one in slow], timeout=_PATIENCE)
    dropped = sum(one.closed.done() for one in slow)
    for one in slow:
        one.transport.abort()
    return dropped


def memory(pid: int) -> float:
    """The resident memory of a process and those that it started, in MiB."""
    main = psutil.Process(pid)
    return sum(one.memory_info().rss for one in (main, *main.children(recursive=True))) / 2**20


def p99(values: Sequence[float]) -> float:
    """The 99th percentile."""
    return statistics.quantiles(values, n=100)[98]


def _serve(stack: ExitStack, directory: Path, ports: dict[str, int], host: Sequence[str] = ("host",)) -> dict[str, int]:
    """Start a server a port, and give their process ids.

    Args:
        stack: ends them.
        directory: an empty one.
        ports: name → port.
        host: the names of those that are hosts; the others are written by hand.
    """
    site = directory / "site"
    site.mkdir()
    install_plugin(site, "bench-ticks", "bench_ticks_plugin")
    env = environment([site, _SAMPLES], {"HOST_CHANNELS_BACKLOG": str(_BACKLOG)})
    pids = {}
    for name, port in ports.items():
        home = directory / name
        home.mkdir()
        hand = [script("granian"), "--interface", "asgi", "--no-log", "--port", str(port), "bench_ticks_twin:app"]
        command = [script("host"), "run", "--port", str(port)] if name in host else hand
        process = stack.enter_context(started(command, directory=home, env=env))
        wait_for_answer(process, port, _PATH, directory=home)
        pids[name] = process.pid
    return pids


def _milliseconds(values: Sequence[float]) -> str:
    return f"{statistics.median(values) * 1000:.1f} ms ({min(values) * 1000:.1f}-{max(values) * 1000:.1f})"
