"""``host plugins``: what is installed, enabled, failing, and why. No command but ``check`` imports a plugin (probes P1, P2)."""

from __future__ import annotations

import logging

import rich_click as click

from host.cli.common import as_json, command, print_json, read_settings
from host.cli.describe import describe
from host.cli.tables import Table


@click.group()
def plugins() -> None:
    """What is installed, enabled, failing, and why."""


@plugins.command("list")
@as_json
@command
def list_(json_output: bool) -> int:
    """List the installed plugins, without importing one."""
    from host.discovery import discover

    discovery = discover(read_settings())
    found = [describe(plugin, discovery) for plugin in discovery.installed]
    if json_output:
        print_json({"plugins": found})
        return 0
    if not found:
        click.echo("No plugin is installed; pip install one.")
        return 0
    table = Table("plugin", "distribution", "version", "status", "about")
    for one in found:
        table.add_row(one["key"], one["distribution"], one["version"], one["status"], "; ".join(one["problems"]) or one["summary"])
    table.print()
    return 0


@plugins.command()
@click.argument("name")
@as_json
@command
def show(name: str, json_output: bool) -> int:
    """Show one plugin, installed or not, and the data that it keeps or has left behind; imports no plugin."""
    from host.cli.leftovers import show_plugin

    return show_plugin(name, read_settings(), json_output=json_output)


@plugins.command()
@as_json
@command
def check(json_output: bool) -> int:
    """Import and register all enabled plugins; exit 0 where all are well."""
    from host.errors import BootError
    from host.generation import booted_in_full
    from host.rendering import error_data

    logging.disable()  # what is isolated is told below, with the rest
    boot = booted_in_full(read_settings())
    errors = boot.failures.all()
    if json_output:
        print_json({"plugins": boot.order, "errors": [data for error in errors for data in error_data(error)]})
        return BootError(errors).exit_code if errors else 0
    for key in boot.order:
        click.echo(f"ok  {key}")
    if errors:
        raise BootError(errors)
    return 0


@plugins.command()
@click.argument("name")
@command
def disable(name: str) -> int:
    """Leave a plugin out, by key or distribution; works also while it is broken."""
    from host.cli.switch import switch

    return switch(name, read_settings(), on=False)


@plugins.command()
@click.argument("name")
@command
def enable(name: str) -> int:
    """Take a plugin in again, by key or distribution."""
    from host.cli.switch import switch

    return switch(name, read_settings(), on=True)
