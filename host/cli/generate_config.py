"""``host generate-config``: write the TypeScript."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from host.cli.common import command


@click.command("generate-config")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to, instead of frontend.output.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where the file is stale, and say which plugin drifted in what.")
@click.option("--stdout", is_flag=True, help="Print it instead of writing it.")
@click.option("--watch", is_flag=True, help="Write it again whenever the code, the settings or the installed plugins change.")
@command
def generate_config(output: Path | None, check: bool, stdout: bool, watch: bool) -> int:
    """Write generated-config.ts, without a database and without a network."""
    if check + stdout + watch > 1:
        raise click.UsageError("--check, --stdout and --watch exclude each other")
    if watch:
        from host.cli.regenerate import regenerate

        return regenerate(output)
    from host.cli.regenerate import generated_now, write_now

    if not (check or stdout):
        write_now(output)
        return 0
    path, generated = generated_now(output)
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
    click.echo(f"{path} is what the installed plugins give")
    return 0
