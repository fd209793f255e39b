"""From a registered host to its TypeScript and its table of routes; no database, no network (row R22)."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from host.common.errors import BootError, ConfigurationError, StaleConfigError
from host.common.naming import join_paths
from host.frontend.drift import drift
from host.frontend.emit import MARK, generate
from host.frontend.model import Generated, PluginInput, Route, UsedContract
from host.lifecycle.boot import Boot
from host.loading.import_packages import Packages
from host.registration.contracts.contracts import Contracts, contract_name
from host.registration.contributions import Contributions
from host.registration.routes import label_of
from host.web.litestar.routing import STATIC, AssembledRoute, assembled_routes

if TYPE_CHECKING:
    from litestar import Litestar

    from host.common.settings import Settings


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
    with _without_collection():
        return generate(inputs_of(boot, app))


def inputs_of(boot: Boot, app: Litestar) -> list[PluginInput]:
    """All that the file is made from: what the plugins that have not failed registered, in load order."""
    by_owner: dict[str, list[AssembledRoute]] = {}
    for route in assembled_routes(app):
        if STATIC in route.handler.opt:
            continue
        by_owner.setdefault(route.owner, []).append(route)
    packages = Packages(boot.discovery.installed)
    return [_input(one, by_owner.get(one.key, []), boot.contracts, packages) for one in boot.contributions]


def check_config(path: Path, generated: Generated) -> None:
    """Compare the file with what it should be.

    Raises:
        StaleConfigError: it is missing or differs; says which plugins drifted, and in what.
        ConfigurationError: it cannot be read.
    """
    old = _text_of(path)
    if old == generated.text:
        return
    found = drift(old or "", generated.text)
    keys = [one.plugin for one in found.plugins]
    fix = "host generate-config"
    if old is None:
        what = f"{path.name} is missing"
    elif found.line_ends:
        what = f"{path.name} is stale; its lines end in CRLF"
        fix += f"; where Git makes them so, put into .gitattributes: {path.name} text eol=lf"
    elif not old.startswith(MARK):
        what = f"{path.name} is no file that the host has generated, or its beginning was edited"
        fix += ", which replaces it; or another --output or frontend.output"
    else:
        what = f"{path.name} is stale; drifted: {', '.join(keys) or 'the host itself'}"
    told, diff = (found.lines if found.plugins else (), found.diff) if old is not None else ((), "")
    raise StaleConfigError(what, drifted=keys, changes=told, diff=diff, fix=fix)


def _text_of(path: Path) -> str | None:
    """The file's text, with what is no UTF-8 replaced; ``None`` where there is no file."""
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise ConfigurationError(message, fix="make it a readable file, or choose another --output or frontend.output") from None


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


def _input(one: Contributions, routes: list[AssembledRoute], contracts: Contracts, packages: Packages) -> PluginInput:
    used = [(uses, contracts.provided[uses.protocol]) for uses in one.uses if contracts.provider(uses)]
    extended = {contracts.host_of(extension) for extension in one.extensions if not extension.optional}
    return PluginInput(
        key=one.key,
        author=one.scope.author,
        name=one.scope.name,
        version=one.scope.version,
        prefix=one.scope.prefix,
        package=packages.package_of(one.plugin),
        routes=tuple(Route(one.key, route.method, route.path, route.handler) for route in routes),
        channels=one.channels,
        payloads=tuple(handler for plugin in _outwards(one) for handler in plugin.payloads),
        provides=one.contracts,
        uses=tuple(UsedContract(contract_name(what), what.owner, what.protocol, uses.optional) for uses, what in used),
        frontend=one.frontend,
        requires=tuple(sorted({*packages.sure_of(one.plugin), *(key for key in extended if key is not None)})),
    )
