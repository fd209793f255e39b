"""``host run``: serve."""

from __future__ import annotations

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
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The TCP port, 0 for a free one.")
@click.option("--reload", is_flag=True, help="Start again whenever the code, the settings or the installed plugins change.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="How many processes serve.")
@click.option("--production", is_flag=True, help="Serve what host build has built: write nothing, stop where plugins differ.")
@click.option("--artifact", type=click.Path(path_type=Path, file_okay=False), help="Of --production, instead of build.output.")
@click.option("--safe", is_flag=True, help="Serve without plugins: none is imported, and the TypeScript stays as it is.")
@click.option("--report", is_flag=True, help="Tell what took how long, once all have started.")
@click.option(
    "--trace-hooks", is_flag=True, help="Write each call of a hook of a plugin to the standard error: arguments' names, result."
)
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
    """Serve all enabled plugins; writes generated-config.ts first, or with --production nothing."""
    _exclude(production=production, artifact=artifact is not None, reload=reload, safe=safe)
    settings = read_settings(safe=safe)
    built = _read(artifact or settings.artifact) if production else None
    with ExitStack() as stack:
        # In production nothing is made, no database either, before it is certain that what was built is installed.
        lease = None if production else _early_database(settings)
        if lease is not None:
            stack.callback(lease.release)
        from host.cli.report import print_to_stderr
        from host.cli.serve.address import Address
        from host.cli.serve.granian_server import serve

        if safe:
            click.echo(f"Safe mode: no plugin is looked at, and {settings.frontend.output} stays as it is")
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
    """Refuse options that contradict each other.

    Raises:
        UsageError: there are such.
    """
    if artifact and not production:
        raise click.UsageError("--artifact is an option of --production")
    for name, given in (("--reload", reload), ("--safe", safe)):
        if production and given:
            raise click.UsageError(f"--production and {name} exclude each other")


def _read(directory: Path) -> Artifact:
    from host.cli.serve.artifact import read_artifact

    return read_artifact(directory)


def _early_database(settings: Settings) -> Lease | None:
    """Start the embedded database while Python is still importing, where a plugin looks as if it had models.

    It is a guess. The worker decides: it takes a lease of its own, or none, and then this one is released; and where the
    database cannot be started, it is the worker that says so, if a plugin needs one.
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
