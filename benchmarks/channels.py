"""Measure broadcasts to 1,000 WebSocket clients against Litestar's own channels, and the effect of clients that do not read.

The delivery time is the time from the broadcast, which the message contains, to its arrival at a client. Client and server run
on one machine and share its clock. A round is one broadcast to all clients; the two servers alternate.
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
#: The factor by which clients that do not read may delay the others.
SLOW_LIMIT: Final = 1.2
#: MiB by which the server may grow while it broadcasts to clients that do not read.
GROWTH_LIMIT: Final = 64.0

_SAMPLES: Final = ROOT / "benchmarks" / "samples"
_CHANNEL: Final = "bench__ticks--tick"
_PATH: Final = "/bench__ticks/tick"
_CLIENTS: Final = 1_000
_SLOW: Final = 200
#: Number of messages that fill the kernel's buffers for clients that do not read, and the size of each in bytes.
_FILLING, _LARGE = 70, 65_536
_BUFFER: Final = 4_096
#: Messages that may wait for a client, chosen so that clients that do not read are dropped during the rounds.
_BACKLOG: Final = 60
_PATIENCE: Final = 60.0


class Audience:
    """The clients of one server.

    Args:
        port: the port of the server.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._delays: list[float] = []
        self._expected = 0
        self._complete = asyncio.Event()
        self.sockets: list[Socket] = []

    async def join(self, count: int) -> None:
        """Open connections and subscribe them."""
        self.sockets = await open_sockets(self._port, "/channels", count, self._received)
        self._subscribe(self.sockets)
        await self._all_listen()

    async def join_slow(self, count: int) -> list[Socket]:
        """Open connections that subscribe and then stop reading."""
        slow = await open_sockets(self._port, "/channels", count, lambda _socket, _now, _text: None, buffer=_BUFFER)
        self._subscribe(slow)
        for socket in slow:
            socket.stop_reading()
        return slow

    async def broadcast(self, size: int = 64) -> list[float]:
        """Send one message to all clients.

        Returns:
            The seconds until each client received it.
        """
        self._delays, self._expected = [], len(self.sockets)
        self._complete.clear()
        await self.ask(size)
        async with asyncio.timeout(_PATIENCE):
            await self._complete.wait()
        return self._delays

    def leave(self) -> None:
        """Close all connections."""
        for socket in self.sockets:
            socket.transport.close()

    def _received(self, _socket: Socket, now: float, text: bytes) -> None:
        message = json.loads(text)
        sent = message.get("data", message).get("sent")
        if sent is None:  # a heartbeat or a reply
            return
        self._delays.append(now - sent)
        if len(self._delays) == self._expected:
            self._complete.set()

    @staticmethod
    def _subscribe(sockets: Sequence[Socket]) -> None:
        for socket in sockets:
            socket.send_json({"subscribe": _CHANNEL})

    async def _all_listen(self) -> None:
        """Broadcast until a message reaches all clients: only those that are subscribed already receive it."""
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
        """Request a broadcast without waiting for its delivery."""
        reader, writer = await asyncio.open_connection(LOOPBACK, self._port)
        writer.write(f"GET {_PATH}?size={size} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        if not answer.startswith(b"HTTP/1.1 20"):
            raise MeasurementError(f"asked for a broadcast, the server answers {answer[:200]!r}")


def measure(*, quick: bool = False) -> list[Figure]:
    """Run both measurements."""
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
    """Start both servers and broadcast alternately."""
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
    """Broadcast to clients of which some do not read, and to as many clients that all read, alternately."""
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
    """The effect of clients that do not read.

    Args:
        times: the 99th percentile of each round in seconds, for the server with such clients and for the one without.
        growth: how many MiB more the server with such clients grew than the other.
        dropped: how many such clients were disconnected.
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
    """Resume reading, and count the clients that the server disconnected for being too slow."""
    for socket in slow:
        socket.transport.resume_reading()
    await asyncio.wait([socket.closed for socket in slow], timeout=_PATIENCE)
    dropped = sum(socket.closed.done() for socket in slow)
    for socket in slow:
        socket.transport.abort()
    return dropped


def memory(pid: int) -> float:
    """Return the resident memory of a process and its children in MiB."""
    main = psutil.Process(pid)
    return sum(process.memory_info().rss for process in (main, *main.children(recursive=True))) / 2**20


def p99(values: Sequence[float]) -> float:
    """Return the 99th percentile."""
    return statistics.quantiles(values, n=100)[98]


def _serve(stack: ExitStack, directory: Path, ports: dict[str, int], host: Sequence[str] = ("host",)) -> dict[str, int]:
    """Start a server on each port and return their process ids.

    Args:
        stack: ends the servers.
        directory: an empty directory.
        ports: name → port.
        host: the names of the servers that are hosts; the others are the hand-written application.
    """
    site = directory / "site"
    site.mkdir()
    install_plugin(site, "bench-ticks", "bench_ticks_plugin")
    env = environment([site, _SAMPLES], {"HOST_CHANNELS_BACKLOG": str(_BACKLOG)})
    pids = {}
    for name, port in ports.items():
        home = directory / name
        home.mkdir()
        twin = [script("granian"), "--interface", "asgi", "--no-log", "--port", str(port), "bench_ticks_twin:app"]
        command = [script("host"), "run", "--port", str(port)] if name in host else twin
        process = stack.enter_context(started(command, directory=home, env=env))
        wait_for_answer(process, port, _PATH, directory=home)
        pids[name] = process.pid
    return pids


def _milliseconds(values: Sequence[float]) -> str:
    return f"{statistics.median(values) * 1000:.1f} ms ({min(values) * 1000:.1f}-{max(values) * 1000:.1f})"
