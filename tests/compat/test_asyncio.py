"""An asyncio whose task groups do not show their tasks: limits hold, and the hook that was called is reported as the slow one."""

from __future__ import annotations

from tests.compat.renaming import rename_in, run_tests, warnings
from tests.distributions import Project

GROUPS = "asyncio:_tasks"
BILLING = """
    import asyncio
    async def pay(): await asyncio.sleep(60)
    @hookimpl
    def register_routes(): return []
"""
TODO = """
    import asyncio
    from acme_billing import pay
    @hookimpl
    async def on_startup():
        async with asyncio.TaskGroup() as group: group.create_task(pay())
"""
START = """
    import asyncio
    from host import Host
    from host.common.errors import BootError
    async def main():
        async with Host("."): pass
    try:
        asyncio.run(main())
    except BootError as error:
        (late,) = error.errors
        print(late.plugin, late.message)
"""


def test_the_missing_name_is_reported():
    (line,) = warnings(GROUPS, "asyncio")
    assert "has no TaskGroup._tasks: " in line


def test_the_hook_that_was_called_is_reported_as_slow(project: Project):
    project.configure("[plugins]\ntimeout = 0.3\n")
    project.install("acme-billing", BILLING)
    project.install("acme-todo", TODO, requires=["acme-billing"])
    rename_in(project, GROUPS)
    outcome = project.python(START)
    assert outcome.stdout == "acme__todo on_startup did not finish within 0.3 s\n", outcome


def test_limits_hold_without_it():
    # One test asserts that nothing is logged; here the host warns of the missing name.
    run_tests(GROUPS, "tests/host/test_limits.py", "-k", "not TaskGroup and not only_waits")
