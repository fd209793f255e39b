"""Other host processes, what runs on their behalf, and a look at the clock."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import psutil
import pymongo
import pytest

#: A host process: takes a lease on the directory, says its URL, and leaves when its standard input ends.
HOST = """
import sys
from pathlib import Path
from host.database.embedded import start

with start(Path(sys.argv[1])) as lease:
    print(lease.wait(), flush=True)
    sys.stdin.read()
"""


def until(condition, timeout=10.0):
    """Wait until the condition gives something true, and return that."""
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout:g} s")
        time.sleep(0.02)
    return found


def running(word, directory):
    """The processes whose command line has the word and the directory."""
    found = []
    for process in psutil.process_iter():
        try:
            line = process.cmdline()
            if str(directory) in " ".join(line) and word in " ".join(line) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


class Home:
    """A directory with an embedded MongoDB, seen from outside."""

    def __init__(self, directory):
        self.directory = directory
        self.log = directory / "mongodb" / "mongod.log"

    def mongods(self):
        return running("--dbpath", self.directory)

    def supervisors(self):
        return running("host.database.supervisor", self.directory)

    def mongod(self):
        (process,) = self.mongods()
        return process

    def supervisor(self):
        (process,) = self.supervisors()
        return process

    def idle(self):
        return not self.mongods() and not self.supervisors()


class Host:
    """Another host process on the directory."""

    def __init__(self, directory):
        arguments = [sys.executable, "-c", HOST, str(directory)]
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self._url = ""

    @property
    def url(self):
        """Its URL, once it is ready."""
        self._url = self._url or self.process.stdout.readline().strip()
        return self._url

    def leave(self):
        """End it in order."""
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(10) == 0

    def kill(self):
        """End it by ``kill -9``."""
        self.process.kill()
        self.process.wait(10)
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def home(tmp_path):
    """An empty directory for an embedded MongoDB; nothing runs in it after the test."""
    found = Home(tmp_path)
    yield found
    for process in found.supervisors() + found.mongods():
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    until(found.idle)


@pytest.fixture
def host(home):
    """Starts another host process on the directory of the test."""
    hosts = []

    def begin():
        hosts.append(Host(home.directory))
        return hosts[-1]

    yield begin
    for one in hosts:
        if one.process.poll() is None:
            one.kill()


@pytest.fixture
def client():
    """Opens a pymongo client."""
    clients = []

    def connect(url):
        clients.append(pymongo.MongoClient(url, serverSelectionTimeoutMS=10_000))
        return clients[-1]

    yield connect
    for one in clients:
        one.close()
