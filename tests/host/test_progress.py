"""While a plugin is slow, the log names it; a fast start logs nothing, and the watching thread ends."""

from __future__ import annotations

import asyncio
import re
import threading
from itertools import islice

import pytest

from host import Host
from host.lifecycle.progress import ages
from tests.distributions import Project
from tests.errors.driving import live

SLOW = 1.3
POOL = "@hookimpl\ndef register_services(scope): return {'pool': Service(make)}"


def lines(caplog: pytest.LogCaptureFixture, doing: str = "starting") -> list[str]:
    """Return the log lines, without the fraction of a second by which they were late."""
    messages = [message for message in caplog.messages if message.startswith(f"still {doing}: ")]
    return [re.sub(r"\((\d+)\.[0-4] s so far\)", r"(\1.0 s so far)", line) for line in messages]


@pytest.mark.parametrize(
    ("call", "source"),
    [
        ("the import", f"import time; time.sleep({SLOW})"),
        ("on_startup", f"@hookimpl\ndef on_startup(scope): import time; time.sleep({SLOW})"),
        ("configure", f"@hookimpl\nasync def configure(scope): import asyncio; await asyncio.sleep({SLOW})"),
        (
            "service pool",
            f"async def make(): import asyncio; await asyncio.sleep({SLOW})\n{POOL}",
        ),
    ],
    ids=["import", "plain function", "async function", "factory"],
)
def test_a_slow_plugin_is_named(project: Project, call: str, source: str, caplog: pytest.LogCaptureFixture) -> None:
    project.install("acme-slow", source)
    assert live(project).errors == ()
    assert lines(caplog) == [f"still starting: waiting for {call} of acme__slow (1.0 s so far)"]


@pytest.mark.parametrize(
    "waits", ["import time; time.sleep({})", "await asyncio.sleep({})", "await asyncio.wait_for(asyncio.sleep({}), 9)"]
)
def test_the_plugin_that_a_hook_waits_in_is_named(project: Project, waits: str, caplog: pytest.LogCaptureFixture) -> None:
    project.install("acme-billing", f"import asyncio\nasync def pay():\n    {waits.format(SLOW)}")
    source = "import acme_billing\n@hookimpl\nasync def on_startup(scope): await acme_billing.pay()"
    project.install("acme-todo", source, requires=["acme-billing"])
    assert live(project).errors == ()
    assert lines(caplog) == ["still starting: waiting for on_startup of acme__todo (1.0 s so far), in pay of acme__billing"]


def test_a_slow_stop_is_logged_too(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install("acme-slow", f"@hookimpl\ndef on_shutdown(scope): import time; time.sleep({SLOW})")
    assert live(project).errors == ()
    assert lines(caplog, "stopping") == ["still stopping: waiting for on_shutdown of acme__slow (1.0 s so far)"]


def test_a_fast_start_logs_nothing(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install("acme-fast", "@hookimpl\nasync def on_startup(scope): import asyncio; await asyncio.sleep(0.1)")
    assert live(project).errors == ()
    assert lines(caplog) == []


def watches() -> list[threading.Thread]:
    """Return the threads that watch a start."""
    return [thread for thread in threading.enumerate() if thread.name == "host-progress"]


@pytest.mark.parametrize("then", ["pass", "raise OSError('no disk')"])
def test_no_thread_is_left_after_the_start(project: Project, then: str) -> None:
    project.configure('[plugins]\non_failure = "isolate"\n')
    source = f"""
        import threading
        @hookimpl
        def on_startup(scope):
            assert "host-progress" in [thread.name for thread in threading.enumerate()]
            {then}
    """
    project.install("acme-todo", source)

    async def start() -> None:
        async with Host(project.settings) as host:
            assert watches() == []
            assert [error.facts["cause"] for error in host.boot.failures.all()] == (
                ["OSError: no disk"] if "OSError" in then else []
            )

    asyncio.run(start())


def test_a_plugin_that_stays_slow_is_named_again(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install("acme-slow", "@hookimpl\ndef on_startup(scope): import time; time.sleep(2.3)")
    assert live(project).errors == ()
    assert lines(caplog) == [f"still starting: waiting for on_startup of acme__slow ({age}.0 s so far)" for age in (1, 2)]


def test_the_interval_between_lines_grows() -> None:
    assert list(islice(ages(), 7)) == [1, 2, 3, 5, 8, 13, 21]
