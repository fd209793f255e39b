"""``host generate-config``: write or check ``generated-config.ts``."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from host.cli.common import command


@click.command("generate-config")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="The file to write, instead of frontend.output.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the file is stale, and list what differs per plugin.")
@click.option("--stdout", is_flag=True, help="Print the content instead of writing the file.")
@click.option("--watch", is_flag=True, help="Write the file again whenever code, settings or installed plugins change.")
@command
def generate_config(output: Path | None, check: bool, stdout: bool, watch: bool) -> int:
    """Write generated-config.ts; needs neither a database nor a network."""
    if check + stdout + watch > 1:
        raise click.UsageError("--check, --stdout and --watch exclude each other")
    if watch:
        from host.cli.regenerate import regenerate

        return regenerate(output)
    from host.cli.regenerate import generate_current, write_now

    if not (check or stdout):
        write_now(output)
        return 0
    path, generated = generate_current(output)
    for warning in generated.warnings:
        click.echo(f"warning: {warning}", err=True)
    if stdout:
        click.echo(generated.text, nl=False)
        return 0
    from host.common.errors import StaleConfigError
    from host.lifecycle.generation import check_config

    try:
        check_config(path, generated)
    except StaleConfigError as error:
        for line in error.changes:
            click.echo(line)
        click.echo(error.diff, nl=False)
        raise
    click.echo(f"{path} is up to date with the installed plugins")
    return 0
