"""The command line: a group of commands, each in its own file."""

from __future__ import annotations

import rich_click as click

from host.cli.build import build
from host.cli.generate_config import generate_config
from host.cli.graph import graph
from host.cli.plugins import plugins
from host.cli.routes import routes
from host.cli.run import run
from host.common.version import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="litestar-host")
def cli() -> None:
    """A plugin host: pip install a plugin, and it becomes part of one Litestar backend and one generated-config.ts."""


for command in (run, generate_config, build, plugins, routes, graph):
    cli.add_command(command)
