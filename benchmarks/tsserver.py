"""An editor's side of ``tsserver``: requests in lines of JSON, answers behind a ``Content-Length``."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import psutil

from benchmarks.peers import MODULES, Cost
from benchmarks.processes import MeasurementError
from tests.frontend.compile import node

_SERVER: Final = MODULES / "typescript-6" / "lib" / "tsserver.js"


class Editor:
    """One tsserver.

    Args:
        directory: in which it works.
    """

    def __init__(self, directory: Path) -> None:
        self._start = time.perf_counter()
        self._number = 0
        self._log = (directory / "tsserver.log").open("wb")
        command = [node(), str(_SERVER), "--disableAutomaticTypingAcquisition", "--suppressDiagnosticEvents"]
        self._process = subprocess.Popen(command, cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
        self._log.close()

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.perf_counter() - self._start

    @property
    def processor(self) -> float:
        """Seconds of the processor that it has used so far."""
        used = psutil.Process(self._process.pid).cpu_times()
        return float(used.user + used.system)

    def tell(self, command: str, arguments: dict[str, Any]) -> int:
        """Send what has no answer."""
        self._number += 1
        request = {"seq": self._number, "type": "request", "command": command, "arguments": arguments}
        if self._process.stdin is None:
            raise MeasurementError("tsserver takes nothing")
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        return self._number

    def ask(self, command: str, arguments: dict[str, Any]) -> Any:
        """Send a request and wait for its answer.

        Raises:
            MeasurementError: it failed.
        """
        number = self.tell(command, arguments)
        while True:
            answer = self._read()
            if answer.get("type") == "response" and answer.get("request_seq") == number:
                if not answer["success"]:
                    raise MeasurementError(f"tsserver: {command}: {answer.get('message')}")
                return answer.get("body")

    def completions(self, file: Path, line: int, offset: int) -> set[str]:
        """The names that are offered.

        Args:
            file: an open one.
            line: from 1 on.
            offset: from 1 on.
        """
        found = self.ask("completionInfo", {"file": str(file), "line": line, "offset": offset})
        return {one["name"] for one in found["entries"]}

    def end(self) -> Cost:
        """Ask it to end: what it took in all."""
        self.tell("exit", {})
        _, status, used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return Cost(self.age, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)

    def _read(self) -> dict[str, Any]:
        pipe = self._process.stdout
        length = 0
        while pipe is not None and (header := pipe.readline()) not in (b"\r\n", b"\n"):
            if not header:
                raise MeasurementError("tsserver ended before it answered")
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if pipe is None or not length:
            raise MeasurementError("tsserver answers nothing that can be read")
        message: dict[str, Any] = json.loads(pipe.read(length))
        return message
