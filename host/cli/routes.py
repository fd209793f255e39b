"""``host routes``: list the assembled routes with their plugins."""

from __future__ import annotations

import rich_click as click

from host.cli.common import as_json, command, print_json, read_settings
from host.cli.tables import Table


@click.command()
@as_json
@command
def routes(json_output: bool) -> int:
    """List the routes of all enabled plugins with plugin, operation and channels."""
    from host.lifecycle.generation import booted, described_routes

    boot, app = booted(read_settings())
    described = described_routes(boot, app)
    if json_output:
        print_json({"routes": described})
        return 0
    table = Table("method", "path", "plugin", "operation", "channels")
    for route in described:
        table.add_row(route["method"], route["path"], route["plugin"], route["operation"] or "", ", ".join(route["channels"]))
    table.print()
    return 0
