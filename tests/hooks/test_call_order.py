"""A plugin that implements every hook sees them in the order, and in the roles, that the reference states."""

from __future__ import annotations

import asyncio

from host import Host
from host.lifecycle.generation import booted
from tests.channels.clients import socket
from tests.conformance.kit import in_host, journal
from tests.distributions import Project
from tests.hooks.specifications import ORDER, PHASES, specifications
from tests.inprocess import client_of

#: Results without which later hooks would not be called.
RESULTS = {"register_channels": 'Channel("noteCreated", str)'}


def source() -> str:
    """Return a plugin that notes each call of each hook."""
    hooks = (f"@hookimpl\ndef {name}():\n    note({name!r})\n    return {RESULTS.get(name)}\n" for name in ORDER)
    return "from journal import note\n\n" + "\n".join(hooks)


def in_role(role: str) -> list[str]:
    """Return the hooks that the reference says are called in a role, in its order."""
    return [specification.name for specification in specifications() if role in specification.facts["Roles"].split(", ")]


def test_the_order_of_the_page_follows_the_phases() -> None:
    phases = list(PHASES)
    ranks = [phases.index(specification.facts["Phase"]) for specification in specifications()]
    assert ranks == sorted(ranks)


def test_the_role_web_calls_the_hooks_in_the_stated_order(project: Project) -> None:
    calls = journal(project)
    project.install("acme-notes", source())

    async def serve(host: Host) -> None:
        async with client_of(host) as client, socket(host) as ws:
            await ws.subscribe("acme__notes--noteCreated")
            assert (await client.get("/health/ready")).status_code == 200

    in_host(project, serve)
    assert calls == in_role("web")


def test_the_role_build_calls_the_hooks_in_the_stated_order(project: Project) -> None:
    calls = journal(project)
    project.install("acme-notes", source())
    booted(project.settings)
    assert calls == in_role("build")


def test_a_hook_is_async_exactly_if_the_reference_says_so(project: Project) -> None:
    """A refused hook never runs, so each is tried in a plugin of its own."""
    project.configure('[plugins]\non_failure = "isolate"\n')
    for name in ORDER:
        project.install(f"acme-{name.replace('_', '-')}", f"@hookimpl\nasync def {name}(): pass", key=f"acme__{name}")
    host = Host(project.settings, role="build")
    asyncio.run(host.assemble())
    accepted = {name for name in ORDER if f"acme__{name}" not in host.boot.failures}
    assert accepted == {specification.name for specification in specifications() if specification.facts["Async"] == "yes"}
