"""``host plugins``: list, show, check, enable and disable plugins. Only ``check`` imports them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import rich_click as click

from host.cli.common import as_json, command, print_json, read_settings
from host.cli.describe import describe_plugin, displayed_version
from host.cli.tables import Table

if TYPE_CHECKING:
    from host.common.errors import SettingsError


@click.group()
def plugins() -> None:
    """List, show, check, enable and disable plugins."""


@plugins.command("list")
@as_json
@command
def list_(json_output: bool) -> int:
    """List the installed plugins; imports none of them."""
    from host.common.rendering import error_block, error_data
    from host.discovery.discover import discover

    problems: list[SettingsError] = []
    discovery = discover(read_settings(), problems)
    described = [describe_plugin(plugin, discovery) for plugin in discovery.installed]
    if json_output:
        errors = [data for error in problems for data in error_data(error)]
        print_json({"plugins": described} | ({"errors": errors} if errors else {}))
    else:
        _print(described)
    for error in problems:
        click.echo(error_block(error), err=True)
    return problems[0].exit_code if problems else 0


def _print(described: list[dict[str, Any]]) -> None:
    if not described:
        click.echo("No plugins are installed. Install one with pip.")
        return
    table = Table("plugin", "distribution", "version", "status", "about")
    for plugin in described:
        about = "; ".join(plugin["problems"]) or plugin["summary"]
        table.add_row(plugin["key"], plugin["distribution"], displayed_version(plugin), plugin["status"], about)
    table.print()


@plugins.command()
@click.argument("name")
@as_json
@command
def show(name: str, json_output: bool) -> int:
    """Show a plugin and its collections in the database, even if it was uninstalled; imports no plugin."""
    from host.cli.leftovers import show_plugin

    return show_plugin(name, read_settings(), json_output=json_output)


@plugins.command()
@as_json
@command
def check(json_output: bool, traceback: bool) -> int:
    """Import and register all enabled plugins, and report how long each step took; exits with 0 if no plugin fails."""
    from host.cli.report import print_report
    from host.common.errors import BootError
    from host.common.rendering import error_block, error_data
    from host.lifecycle.generation import booted_in_full

    settings = read_settings()
    logging.disable()  # failures under the policy `isolate` are printed below, with the others
    boot = booted_in_full(settings)
    failed = BootError(boot.failures.all())
    exit_code = failed.exit_code if failed.errors else 0
    report = boot.report()
    silent = {plugin.key: [route.endpoint for route in plugin.operations if route.is_silent] for plugin in boot.contributions}
    if json_output:
        without = {key: routes for key, routes in silent.items() if routes}
        print_json({"plugins": boot.order, "errors": error_data(failed), "report": report.to_data(), "withoutStoreAction": without})
        return exit_code
    for key in boot.order:
        note = f"  (no store action: {', '.join(silent[key])})" if silent.get(key) else ""
        click.echo(f"ok  {key}{note}")
    if failed.errors:
        click.echo(error_block(failed, traceback=traceback), err=True)
    print_report(report)
    return exit_code


@plugins.command()
@click.argument("name")
@command
def disable(name: str) -> int:
    """Disable a plugin, by key or distribution; works even if the plugin is broken."""
    from host.cli.switch import switch

    return switch(name, read_settings(), on=False)


@plugins.command()
@click.argument("name")
@command
def enable(name: str) -> int:
    """Enable a plugin again, by key or distribution."""
    from host.cli.switch import switch

    return switch(name, read_settings(), on=True)
