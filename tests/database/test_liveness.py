"""The lifetimes of hosts, mongod and its supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import pytest

from host.database.embedded.lease import start
from tests.database.processes import DEADLINE, FORKING_HOST, Home, Host, leased, opened, stays, until

Begin = Callable[..., Host]


def test_a_second_process_in_the_directory_uses_the_same_mongod(home: Home, host: Begin) -> None:
    first, second = host(), host()
    assert first.url == second.url
    assert home.mongod
    assert home.supervisor


def test_concurrent_first_starts_start_one_mongod(home: Home, host: Begin) -> None:
    hosts = [host() for _ in range(4)]
    assert len({each.url for each in hosts}) == 1
    assert home.mongod


@pytest.mark.parametrize("ending", [Host.leave, Host.kill], ids=["in order", "kill -9"])
def test_mongod_ends_with_the_last_host_and_the_data_stay(home: Home, host: Begin, ending: Callable[[Host], None]) -> None:
    first = host()
    with opened(first.url) as client:
        client.host.one.insert_one({"_id": 1})
    ending(first)
    until(home.idle)
    with leased(home.directory) as client:
        assert client.host.one.count_documents({}) == 1


def test_a_host_killed_while_mongod_is_starting_leaves_nothing_running(home: Home, host: Begin) -> None:
    first = host()
    until(home.mongods)
    first.kill()
    until(home.idle)


def test_a_killed_host_does_not_affect_another(home: Home, host: Begin) -> None:
    first, second = host(), host()
    with opened(second.url) as client:
        before = home.mongod.pid
        assert first.url
        first.kill()
        assert stays(lambda: client.host.one.insert_one({}).acknowledged)
        assert home.mongod.pid == before


def test_a_host_that_starts_while_the_last_one_ends_gets_a_database(home: Home, host: Begin) -> None:
    first = host()
    with opened(first.url) as client:
        client.host.one.insert_one({"_id": 1})
    first.leave()
    with leased(home.directory) as client:
        assert client.host.one.count_documents({}) == 1


def test_mongod_comes_back_on_its_port_after_kill_9_and_the_client_recovers(home: Home) -> None:
    with leased(home.directory) as client:
        client.host.one.insert_many([{"_id": number} for number in range(100)])
        address, before = client.address, home.mongod.pid
        home.mongod.kill()
        assert client.host.one.count_documents({}) == 100
        client.host.one.insert_one({"_id": 100})
        assert client.address == address
        assert home.mongod.pid != before


def test_after_kill_9_of_the_supervisor_mongod_is_gone(home: Home, host: Begin) -> None:
    assert host().url
    home.supervisor.kill()
    until(home.idle)


def test_after_kill_9_of_the_supervisor_the_next_host_starts_both_on_the_same_data(home: Home, host: Begin) -> None:
    first = host()
    with opened(first.url) as client:
        client.host.one.insert_one({"_id": 1})
        home.supervisor.kill()
        until(lambda: not home.supervisors())
        with leased(home.directory) as again:
            assert again.host.one.count_documents({}) == 1
            assert client.host.one.count_documents({}) == 1, "the client of the host that was there before"


def test_after_kill_9_of_everything_all_acknowledged_writes_are_stored(home: Home, host: Begin) -> None:
    first = host()
    with opened(first.url) as client:
        client.host.one.insert_many([{"_id": number} for number in range(100)])
    supervisor, mongod = home.supervisor, home.mongod
    mongod.suspend()
    supervisor.kill()
    mongod.kill()
    first.kill()
    until(home.idle)
    with leased(home.directory) as client:
        assert client.host.one.count_documents({}) == 100


def test_a_mongod_that_outlives_its_supervisor_is_replaced(home: Home, host: Begin) -> None:
    url = host().url
    before = home.mongod
    before.suspend()
    home.supervisor.kill()
    until(lambda: not home.supervisors())
    with start(home.directory) as lease:
        until(home.supervisors)
        before.resume()
        assert lease.wait() == url
        assert home.mongod.pid != before.pid


def test_waiting_again_restarts_what_was_killed(home: Home) -> None:
    with start(home.directory) as lease:
        lease.wait()
        home.supervisor.kill()
        until(home.idle)
        with opened(lease.wait()) as client:
            assert client.admin.command("ping")["ok"]


def test_ctrl_c_in_the_terminal_of_a_host_does_not_reach_it(home: Home, host: Begin) -> None:
    first = host(start_new_session=True)
    with start(home.directory) as lease, opened(lease.wait()) as client:
        assert first.url
        before = home.mongod.pid
        os.killpg(first.process.pid, signal.SIGINT)
        first.process.wait(DEADLINE)
        assert stays(lambda: client.admin.command("ping")["ok"])
        assert home.mongod.pid == before


def test_the_supervisor_does_not_end_by_sigterm(home: Home) -> None:
    with leased(home.directory) as client:
        before = home.supervisor.pid
        home.supervisor.terminate()
        assert stays(lambda: client.admin.command("ping")["ok"])
        assert home.supervisor.pid == before


def test_a_forked_worker_keeps_the_database_after_its_parent_has_ended(host: Begin) -> None:
    first = host(FORKING_HOST)
    with opened(first.url) as client:
        assert first.process.wait(DEADLINE) == 0
        assert stays(lambda: client.admin.command("ping")["ok"])


def _work(directory: Path, answers: SimpleQueue[str]) -> None:
    with start(directory) as lease:
        answers.put(lease.wait())


def test_a_spawned_worker_takes_its_own_lease(home: Home) -> None:
    context = get_context("spawn")
    answers = context.SimpleQueue()
    with start(home.directory) as lease:
        worker = context.Process(target=_work, args=(home.directory, answers))
        worker.start()
        assert answers.get() == lease.wait()
        worker.join()
        assert home.mongod


def test_a_host_without_standard_streams_can_start_it(home: Home) -> None:
    code = (
        "import os; os.closerange(0, 3)\nfrom host.database.embedded.lease import start\nfrom pathlib import Path\nimport sys\n"
        "with start(Path(sys.argv[1])) as lease: lease.wait()"
    )
    assert subprocess.run([sys.executable, "-c", code, str(home.directory)], check=False).returncode == 0
