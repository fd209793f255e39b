"""``host run``: serve all enabled plugins."""

from __future__ import annotations

import gc
import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from host.cli.common import command, read_settings

if TYPE_CHECKING:
    from host.cli.serve.artifact import Artifact
    from host.common.settings import Settings
    from host.database.embedded.lease import Lease


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The TCP port, 0 for any free port.")
@click.option("--reload", is_flag=True, help="Restart whenever code, settings or installed plugins change.")
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1), help="The number of processes that serve requests."
)
@click.option("--production", is_flag=True, help="Serve the artifact of host build: write nothing, exit if the plugins differ.")
@click.option(
    "--artifact", type=click.Path(path_type=Path, file_okay=False), help="Directory of the artifact (default: build.output)."
)
@click.option("--safe", is_flag=True, help="Serve without plugins: none is imported, and generated-config.ts is not written.")
@click.option("--report", is_flag=True, help="Print how long each step took, once all plugins have started.")
@click.option("--trace-hooks", is_flag=True, help="Log every hook call with argument names and result.")
@command
def run(
    host: str,
    port: int,
    reload: bool,
    workers: int,
    production: bool,
    artifact: Path | None,
    safe: bool,
    report: bool,
    trace_hooks: bool,
    traceback: bool,
) -> int:
    """Serve all enabled plugins; writes generated-config.ts first, unless --production is set."""
    gc.enable()
    _exclude(production=production, artifact=artifact is not None, reload=reload, safe=safe)
    settings = read_settings(safe=safe)
    built = _read(artifact or settings.artifact) if production else None
    with ExitStack() as stack:
        # In production nothing is created, not even a database, before it is certain that the artifact matches what is installed.
        lease = None if production else _early_database(settings)
        if lease is not None:
            stack.callback(lease.release)
        from host.cli.report import print_to_stderr
        from host.cli.serve.address import Address
        from host.cli.serve.granian_server import serve

        if safe:
            click.echo(f"Safe mode: no plugins are loaded, and {settings.frontend.output} is not written")
        address = stack.enter_context(Address(host, port).reserved())
        return serve(
            settings,
            address,
            workers=workers,
            reload=reload,
            traceback=traceback,
            early=lease,
            artifact=built,
            report=print_to_stderr if report else None,
            trace_hooks=trace_hooks,
        )


def _exclude(*, production: bool, artifact: bool, reload: bool, safe: bool) -> None:
    """Reject options that contradict each other.

    Raises:
        UsageError: Two options contradict each other.
    """
    if artifact and not production:
        raise click.UsageError("--artifact requires --production")
    for name, is_set in (("--reload", reload), ("--safe", safe)):
        if production and is_set:
            raise click.UsageError(f"--production and {name} exclude each other")


def _read(directory: Path) -> Artifact:
    from host.cli.serve.artifact import read_artifact

    return read_artifact(directory)


def _early_database(settings: Settings) -> Lease | None:
    """Start the embedded database while Python is still importing, if the source of a plugin looks as if it had models.

    It is a guess, which saves the time that mongod needs to start. The worker decides: it takes a lease of its own or none, and
    then this lease is released. If the database cannot be started, the worker reports that, provided that a plugin needs one.
    """
    from host.cli.serve.source_files import defines
    from host.common.errors import EmbeddedDatabaseError
    from host.database.embedded.lease import start
    from host.discovery.discover import discover

    if settings.database.url or os.name == "nt":
        return None
    discovery = discover(settings)
    if discovery.errors or not any(defines(plugin, "register_models") for plugin in discovery.enabled):
        return None
    try:
        return start(settings.state, mongod=settings.database.mongod)
    except EmbeddedDatabaseError:
        return None
