"""``host generate-config``: write the TypeScript."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from host.cli.common import command, read_settings


@click.command("generate-config")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to, instead of frontend.output.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where the file is stale, and say which plugin drifted.")
@click.option("--stdout", is_flag=True, help="Print it instead of writing it.")
@command
def generate_config(output: Path | None, check: bool, stdout: bool) -> int:
    """Write generated-config.ts, without a database and without a network."""
    if check and stdout:
        raise click.UsageError("--check and --stdout exclude each other")
    from host.errors import StaleConfigError
    from host.files import write
    from host.generation import booted, check_config, generate_for

    settings = read_settings()
    boot, app = booted(settings)
    generated = generate_for(boot, app)
    for warning in generated.warnings:
        click.echo(f"warning: {warning}", err=True)
    path = output or settings.output
    if stdout:
        click.echo(generated.text, nl=False)
    elif check:
        try:
            check_config(path, generated)
        except StaleConfigError as error:
            click.echo(error.diff, nl=False)
            raise
        click.echo(f"{path} is what the installed plugins give")
    else:
        changed = write(path, generated.text)
        click.echo(f"{path} {'written' if changed else 'unchanged'}")
    return 0
