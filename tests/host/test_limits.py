"""A plugin delays a start or a stop by at most its limit, and the plugin that is waited for is blamed."""

from __future__ import annotations

import asyncio
import logging
import re
from time import monotonic

import pytest

from host import Host
from host.common.errors import HookTimeoutError
from host.loading.timeouts import Limit
from tests.distributions import Project
from tests.errors.driving import Life, live
from tests.inprocess import running

ISOLATE = '[plugins]\ntimeout = 0.3\non_failure = "isolate"\n'
HANGS = """
    import asyncio
    @hookimpl
    async def {}(scope): await asyncio.sleep(60)
"""
STUBBORN = """
    import asyncio
    async def stubborn():
        for _ in range(2):  # the second time asyncio.run cancels the remaining tasks
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                pass
    @hookimpl
    async def on_startup(scope): {}
"""


@pytest.fixture
def limited(project: Project) -> Project:
    project.configure("[plugins]\ntimeout = 0.2\n")
    return project


def timed(project: Project, below: float) -> Life:
    """Run a whole life of a host, which takes less than some seconds."""
    began = monotonic()
    life = live(project)
    assert monotonic() - began < below
    return life


def timeout_of(project: Project, below: float = 10.0) -> HookTimeoutError:
    """Return the only error of a whole life, which is a timeout."""
    error = timed(project, below).only
    assert isinstance(error, HookTimeoutError)
    return error


BILLING = """
    import asyncio
    from typing import Protocol
    class Billing(Protocol):
        async def pay(self) -> None: ...
    class Bank:
        async def pay(self) -> None:
            await asyncio.sleep(60)
    @hookimpl
    def register_contract(scope): return Contract(Billing, Bank(), "1.0")
"""
TODO = """
    import asyncio
    from acme_billing import Billing
    @hookimpl
    def register_contract(scope): return Uses(Billing, "billing")
    @hookimpl
    async def on_startup(scope):
        billing = scope.use(Billing)
        {}
"""


@pytest.mark.parametrize(
    "waits",
    [
        "await billing.pay()",
        "await asyncio.create_task(billing.pay())",
        "await asyncio.gather(asyncio.sleep(0), billing.pay())",
        "await asyncio.wait_for(billing.pay(), 60)",
        "async with asyncio.timeout(60): await billing.pay()",
        "await asyncio.wait([asyncio.create_task(billing.pay())])",
        "async with asyncio.TaskGroup() as group: group.create_task(billing.pay())",
    ],
)
def test_the_innermost_plugin_that_waits_is_blamed(limited: Project, waits: str) -> None:
    limited.install("acme-billing", BILLING)
    limited.install("acme-todo", TODO.format(waits), requires=["acme-billing"])
    error = timeout_of(limited)
    assert (error.plugin, error.distribution, error.hook) == ("acme__billing", "acme-billing", "on_startup")
    assert error.message == "on_startup of acme__todo did not finish within 0.2 s; it waits in Bank.pay of acme__billing"
    assert "host plugins disable acme__billing;" in error.fix


def test_the_plugin_that_had_to_wait_failed(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("acme-billing", BILLING)
    project.install("acme-todo", TODO.format("await billing.pay()"), requires=["acme-billing"])
    life = live(project)
    assert life.served
    assert list(life.boot.failures) == ["acme__todo"]
    assert life.boot.order == ["acme__billing"]


def test_a_plugin_that_calls_its_own_code_through_another_plugin_is_blamed_itself(limited: Project) -> None:
    limited.install("acme-tools", "async def through(function): return await function()")
    source = """
        import asyncio, acme_tools
        async def slow(): await asyncio.sleep(60)
        @hookimpl
        async def on_startup(scope): await acme_tools.through(slow)
    """
    limited.install("acme-todo", source, requires=["acme-tools"])
    error = timeout_of(limited)
    assert (error.plugin, error.message) == ("acme__todo", "on_startup did not finish within 0.2 s")


NESTED = {
    "acme_billing/__init__.py": "",
    "acme_billing/plugin.py": """
from hookspecs import Child, Service, hookimpl
from acme_billing.bank import Bank
from acme_billing.invoices import Invoices

@hookimpl
def register_services(scope): return {"bank": Bank()}

@hookimpl
def register_plugins(scope): return Child(Invoices, "invoice")
""",
    "acme_billing/bank.py": """
import asyncio

class Bank:
    async def pay(self): await asyncio.sleep(60)
""",
    "acme_billing/invoices/__init__.py": """
import asyncio
from hookspecs import hookimpl

class Invoices:
    @hookimpl
    async def on_startup(self, scope): WAITS
""",
}


@pytest.mark.parametrize(
    ("waits", "blamed", "message"),
    [
        (
            "await scope.services['bank'].pay()",
            "acme__billing",
            "on_startup of acme__billing.invoice did not finish within 0.2 s; it waits in Bank.pay of acme__billing",
        ),
        ("await asyncio.sleep(60)", "acme__billing.invoice", "on_startup did not finish within 0.2 s"),
    ],
)
def test_of_a_plugin_and_its_child_the_one_that_waits_is_blamed(limited: Project, waits: str, blamed: str, message: str) -> None:
    files = {path: content.replace("WAITS", waits) for path, content in NESTED.items()}
    limited.install("acme-billing", files, target="acme_billing.plugin")
    error = timeout_of(limited)
    assert (error.plugin, error.message) == (blamed, message)
    assert "host plugins disable acme__billing;" in error.fix


@pytest.mark.parametrize("waits", ["await stubborn()", "await asyncio.create_task(stubborn())", "await asyncio.gather(stubborn())"])
def test_a_hook_that_swallows_its_cancellation_is_abandoned(limited: Project, waits: str, caplog: pytest.LogCaptureFixture) -> None:
    limited.install("acme-todo", STUBBORN.format(waits))
    error = timeout_of(limited)
    assert (error.plugin, error.message) == ("acme__todo", "on_startup did not finish within 0.2 s")
    assert "on_startup of acme__todo went on after it was cancelled; it was abandoned" in caplog.messages


def test_a_hook_that_cannot_be_closed_is_abandoned(limited: Project, caplog: pytest.LogCaptureFixture) -> None:
    source = STUBBORN.format("await stubborn()").replace("except asyncio.CancelledError", "except BaseException")
    limited.install("acme-todo", source.replace("range(2)", "range(3)"))
    assert timeout_of(limited).plugin == "acme__todo"
    assert (
        "on_startup was abandoned, and raised when it was closed: RuntimeError: coroutine ignored GeneratorExit" in caplog.messages
    )


def test_the_plugin_that_swallows_a_cancellation_is_blamed(limited: Project) -> None:
    limited.install("acme-billing", STUBBORN.format("pass"))
    source = """
        import acme_billing
        @hookimpl
        async def on_startup(scope): await acme_billing.stubborn()
    """
    limited.install("acme-todo", source, requires=["acme-billing"])
    error = timeout_of(limited)
    assert error.plugin == "acme__billing"
    assert error.message.endswith("it waits in stubborn of acme__billing")


@pytest.mark.parametrize("then", ["pass", "raise OSError('no disk')", "await asyncio.sleep(0.01)"])
def test_the_outcome_does_not_depend_on_what_a_cancelled_hook_does(limited: Project, then: str) -> None:
    source = f"""
        import asyncio
        @hookimpl
        async def on_startup(scope):
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                {then}
    """
    limited.install("acme-todo", source)
    error = timeout_of(limited)
    assert error.message == "on_startup did not finish within 0.2 s"
    assert error.facts.get("cause") == ("OSError: no disk" if "OSError" in then else None)


def test_a_hook_can_clean_up_after_its_limit(limited: Project) -> None:
    source = """
        import asyncio
        cleaned = []
        @hookimpl
        async def on_startup(scope):
            try:
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(0.01)
                cleaned.append(True)
    """
    limited.install("acme-todo", source)
    life = timed(limited, 10)
    assert isinstance(life.only, HookTimeoutError)
    (loaded,) = [node.plugin for node in life.boot.tree.nodes.values()]
    assert loaded.target.cleaned == [True]


@pytest.mark.parametrize("hook", ["configure", "on_startup", "on_ready", "on_shutdown"])
def test_every_async_hook_has_a_limit(limited: Project, hook: str) -> None:
    limited.install("acme-todo", HANGS.format(hook))
    assert timeout_of(limited).hook == hook


@pytest.mark.parametrize(
    ("service", "message"),
    [
        ("Service(hang)", "the factory of the service 'pool' did not finish within 0.2 s"),
        ("Service(list, close=hang)", "close of the service 'pool' did not finish within 0.2 s"),
    ],
)
def test_services_have_a_limit(limited: Project, service: str, message: str) -> None:
    source = f"""
        import asyncio
        async def hang(*_): await asyncio.sleep(60)
        @hookimpl
        def register_services(scope): return {{"pool": {service}}}
    """
    limited.install("acme-todo", source)
    assert timeout_of(limited).message == message


BLOCKS = {
    "import": "import time; time.sleep(0.3)",
    "plugin_options": "@hookimpl\ndef plugin_options(): import time; time.sleep(0.3)",
    "register_plugins": "@hookimpl\ndef register_plugins(scope): import time; time.sleep(0.3)",
    "register_routes": "@hookimpl\ndef register_routes(scope): import time; time.sleep(0.3); yield from ()",
    "register_services": "@hookimpl\ndef register_services(scope): import time; time.sleep(0.3)",
    "app_built": "@hookimpl\ndef app_built(scope, app): import time; time.sleep(0.3)",
    "configure": "@hookimpl\ndef configure(scope): import time; time.sleep(0.3)",
    "on_startup": "@hookimpl\nasync def on_startup(scope): import time; time.sleep(0.3)",
    "on_ready": "@hookimpl\nasync def on_ready(scope): import asyncio, time; await asyncio.sleep(0); time.sleep(0.3)",
    "on_shutdown": "@hookimpl\ndef on_shutdown(scope): import time; time.sleep(0.3)",
    "service pool": "def make(): import time; time.sleep(0.3)\n"
    "@hookimpl\ndef register_services(scope): return {'pool': Service(make)}",
}


def without_time(text: str) -> str:
    """Return a text without the time that a function blocked for, at least 0.3 s; on a busy machine it is longer."""
    (seconds,) = re.findall(r"blocked the event loop for (\d+\.\d) s", text)
    assert float(seconds) >= 0.3
    return text.replace(f"for {seconds} s", "for … s")


@pytest.mark.parametrize("call", BLOCKS)
def test_a_call_that_blocks_without_awaiting_is_named_once(limited: Project, call: str, caplog: pytest.LogCaptureFixture) -> None:
    limited.install("acme-todo", BLOCKS[call])
    assert live(limited).errors == ()
    (line,) = [message for message in caplog.messages if "blocked" in message]
    assert (
        without_time(line) == f"{call} of acme__todo blocked the event loop for … s; plugins.timeout, 0.2 s, ends only what awaits"
    )


def test_a_hook_that_only_waits_is_not_reported_as_blocking(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.configure("[plugins]\ntimeout = 0.5\n")
    project.install("acme-todo", "@hookimpl\nasync def on_startup(scope): import asyncio; await asyncio.sleep(0.3)")
    assert live(project).errors == ()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_hook_that_blocked_and_then_hangs_is_blamed_for_blocking(limited: Project, caplog: pytest.LogCaptureFixture) -> None:
    limited.install("acme-billing", BILLING)
    limited.install("acme-todo", TODO.format("import time; time.sleep(0.3); await billing.pay()"), requires=["acme-billing"])
    error = timeout_of(limited)
    reported = (error.plugin, without_time(error.message))
    assert reported == ("acme__todo", "on_startup blocked the event loop for … s; the limit is 0.2 s")
    assert not [message for message in caplog.messages if "blocked" in message]


def test_a_plugin_that_hangs_delays_the_start_by_its_limit_and_no_more(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("acme-todo", HANGS.format("on_startup"))
    route = "from litestar import get\n@get('/', sync_to_thread=False)\ndef root() -> str: return 'here'\n"
    project.install("acme-works", f"{route}@hookimpl\ndef register_routes(scope): return root")

    async def start() -> tuple[float, str, int]:
        began = monotonic()
        async with running(project) as (host, client):
            took = monotonic() - began
            assert list(host.boot.failures) == ["acme__todo"]
            return took, (await client.get("/acme__works")).text, (await client.get("/acme__todo")).status_code

    took, text, status = asyncio.run(start())
    assert 0.3 <= took < 10
    assert (text, status) == ("here", 503)


def test_a_hook_cannot_keep_a_start_from_being_cancelled(project: Project) -> None:
    project.install("acme-todo", STUBBORN.format("await stubborn()").replace("pass", "return"))
    project.install("acme-zoo", "started = []\n@hookimpl\ndef on_startup(scope): started.append(1)", requires=["acme-todo"])

    async def start() -> Host:
        host = Host(project.settings)
        starting = asyncio.create_task(host.start())
        async with asyncio.timeout(60):
            while host.state == "new" or not any(span.what == "on_startup" for span in host.boot.timeline.open):  # noqa: ASYNC110 - there is no event for this
                await asyncio.sleep(0.01)
        starting.cancel()
        await asyncio.wait({starting})
        assert starting.cancelled()
        return host

    host = asyncio.run(start())
    assert host.state == "stopped"
    assert [contribution.plugin.target.started for contribution in host.boot.contributions if contribution.key == "acme__zoo"] == [
        []
    ]


def test_the_hooks_of_a_plugin_run_in_one_task(project: Project) -> None:
    """What anyio opens in one hook can only be closed in another hook if both run in the same task."""
    source = """
        from anyio import create_task_group
        @hookimpl
        async def on_startup(scope):
            global group
            group = await create_task_group().__aenter__()
        @hookimpl
        async def on_shutdown(scope):
            group.cancel_scope.cancel()
            await group.__aexit__(None, None, None)
    """
    project.install("acme-todo", source)
    assert live(project).errors == ()


@pytest.mark.parametrize(("seconds", "grace"), [(0.2, 0.2), (1.0, 1.0), (1.5, 1.0), (60.0, 1.0)])
def test_the_time_for_clean_up_is_the_limit_itself_and_at_most_a_second(seconds: float, grace: float) -> None:
    assert Limit(seconds).grace == grace


def test_clean_up_beyond_that_time_is_abandoned(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    """Under a limit of 1.5 s, clean-up of 1.2 s is too long: it must end within a second."""
    source = """
        import asyncio
        cleaned = []
        @hookimpl
        async def on_startup(scope):
            try:
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(1.2)
                cleaned.append(True)
    """
    project.configure("[plugins]\ntimeout = 1.5\n")
    project.install("acme-todo", source)
    life = live(project)
    assert life.only.message == "on_startup did not finish within 1.5 s"
    (loaded,) = [contributions.plugin for contributions in life.boot.tree.nodes.values()]
    assert loaded.target.cleaned == []
    assert "on_startup of acme__todo went on after it was cancelled; it was abandoned" in caplog.messages
