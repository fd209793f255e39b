"""From a registered host to its TypeScript and its table of routes; no database, no network (row R22)."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from host.assembly.routing import STATIC, AssembledRoute, assembled_routes
from host.contracts import Contracts, contract_name
from host.contributions import Contributions
from host.errors import BootError, StaleConfigError
from host.files import write
from host.frontend.drift import drift
from host.frontend.emit import generate
from host.frontend.model import Generated, PluginInput, Route, UsedContract
from host.lifecycle import Boot
from host.naming import join_paths
from host.routes import label_of

if TYPE_CHECKING:
    from litestar import Litestar

    from host.settings import Settings


def booted(settings: Settings) -> tuple[Boot, Litestar]:
    """Register and assemble without starting anything.

    Raises:
        BootError: a plugin failed whose policy is ``abort``.
    """
    with _without_collection():
        boot = Boot(settings, "build")
        asyncio.run(boot.register())
        return boot, boot.assemble()


def booted_in_full(settings: Settings) -> Boot:
    """Register and assemble without starting anything, whatever fails; the failures are in the answer."""
    with _without_collection():
        boot = Boot(settings, "build")
        asyncio.run(boot.register())
        with suppress(BootError):  # the caller reads boot.failures
            boot.assemble()
    return boot


@contextmanager
def _without_collection() -> Iterator[None]:
    """Leave garbage where it is: what booting makes stays, and with 1,000 plugins looking through it costs a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def generate_for(boot: Boot, app: Litestar) -> Generated:
    """The TypeScript of the plugins that have not failed."""
    by_owner: dict[str, list[AssembledRoute]] = {}
    for route in assembled_routes(app):
        if STATIC in route.handler.opt:
            continue
        by_owner.setdefault(route.owner, []).append(route)
    return generate([_input(one, by_owner.get(one.key, []), boot.contracts) for one in boot.contributions])


def write_config(boot: Boot, app: Litestar) -> tuple[str, ...]:
    """Write the file where it differs.

    Returns:
        a warning for each type that could not be told.
    """
    generated = generate_for(boot, app)
    write(boot.settings.output, generated.text)
    return generated.warnings


def check_config(path: Path, generated: Generated) -> None:
    """Compare the file with what it should be.

    Raises:
        StaleConfigError: it is missing or differs; names the plugins whose part differs.
    """
    old = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    if old == generated.text:
        return
    found = drift(old, generated)
    what = (
        f"{path.name} is missing" if not old else f"{path.name} is stale; drifted: {', '.join(found.plugins) or 'the host itself'}"
    )
    raise StaleConfigError(what, drifted=found.plugins, diff=found.diff, fix="host generate-config")


def described_routes(boot: Boot, app: Litestar) -> list[dict[str, Any]]:
    """One object a route: method, path, plugin, operation, channels, handler."""
    found = []
    named = {
        (one.key, operation.method, join_paths(one.scope.prefix, operation.path)): operation
        for one in boot.contributions
        for operation in one.operations
    }
    for route in assembled_routes(app):
        operation = named.get((route.owner, route.method, join_paths(route.path)))
        found.append(
            {
                "method": route.method,
                "path": route.path,
                "plugin": route.owner,
                "operation": f"{operation.entity}.{operation.name}" if operation else None,
                "storeAction": operation.store_action if operation else None,
                "channels": [f"{route.owner}--{key}" for key in operation.broadcast] if operation else [],
                "handler": label_of(route.handler),
            }
        )
    return found


def _outwards(one: Contributions | None) -> Iterator[Contributions]:
    """A plugin, and those that it lies in."""
    while one is not None:
        yield one
        one = one.parent


def _input(one: Contributions, routes: list[AssembledRoute], contracts: Contracts) -> PluginInput:
    used = [contracts.provided[uses.protocol] for uses in one.uses if contracts.provider(uses)]
    return PluginInput(
        key=one.key,
        author=one.scope.author,
        name=one.scope.name,
        version=one.scope.version,
        prefix=one.scope.prefix,
        package=one.plugin.module,
        routes=tuple(Route(one.key, route.method, route.path, route.handler) for route in routes),
        channels=one.channels,
        payloads=tuple(handler for plugin in _outwards(one) for handler in plugin.payloads),
        provides=one.contracts,
        uses=tuple(UsedContract(contract_name(contract), contract.owner, contract.protocol) for contract in used),
        frontend=one.frontend,
    )
