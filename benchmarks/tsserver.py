"""The editor's side of ``tsserver``: requests as lines of JSON, responses with a ``Content-Length`` header."""

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
    """A session with one tsserver.

    Args:
        directory: its working directory.
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
        """The seconds since its start."""
        return time.perf_counter() - self._start

    @property
    def processor(self) -> float:
        """The processor time that it has used so far, in seconds."""
        used = psutil.Process(self._process.pid).cpu_times()
        return float(used.user + used.system)

    def notify(self, command: str, arguments: dict[str, Any]) -> int:
        """Send a command that has no response, and return its number."""
        self._number += 1
        request = {"seq": self._number, "type": "request", "command": command, "arguments": arguments}
        if self._process.stdin is None:
            raise MeasurementError("tsserver takes nothing")
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        return self._number

    def ask(self, command: str, arguments: dict[str, Any]) -> Any:
        """Send a request and return its response.

        Raises:
            MeasurementError: it failed.
        """
        number = self.notify(command, arguments)
        while True:
            answer = self._read()
            if answer.get("type") == "response" and answer.get("request_seq") == number:
                if not answer["success"]:
                    raise MeasurementError(f"tsserver: {command}: {answer.get('message')}")
                return answer.get("body")

    def completions(self, file: Path, line: int, offset: int) -> set[str]:
        """Return the names that are offered.

        Args:
            file: an open file.
            line: the line, counted from 1.
            offset: the column, counted from 1.
        """
        completions = self.ask("completionInfo", {"file": str(file), "line": line, "offset": offset})
        return {entry["name"] for entry in completions["entries"]}

    def end(self) -> Cost:
        """Ask it to exit, and return its total cost."""
        self.notify("exit", {})
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
