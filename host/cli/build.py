"""``host build``: write the artifact for production."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from host.cli.common import command, read_settings


@click.command()
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="The directory to write, instead of build.output.")
@command
def build(output: Path | None) -> int:
    """Write the artifact for host run --production: generated-config.ts and a manifest of the plugins in it."""
    from host.cli.serve.artifact import build_artifact
    from host.lifecycle.generation import booted, generate_for

    settings = read_settings()
    boot, app = booted(settings)
    generated = generate_for(boot, app)
    for warning in generated.warnings:
        click.echo(f"warning: {warning}", err=True)
    directory = output or settings.artifact
    changed = build_artifact(directory, boot, generated)
    click.echo(f"{directory} {'written' if changed else 'unchanged'}: {len(boot.order)} plugins, {generated.digest}")
    return 0
