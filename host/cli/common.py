"""Shared by all commands: reading the settings, error output and exit codes, JSON output."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec

import rich_click as click

from host.common.errors import HostError

if TYPE_CHECKING:
    from host.common.settings import Settings

P = ParamSpec("P")

#: The version of all JSON output; it changes when a key is renamed or removed.
JSON_VERSION: Final = 1

#: The format of log records of every command.
LOG_FORMAT: Final = "%(levelname)s %(name)s: %(message)s"

as_json = click.option("--json", "json_output", is_flag=True, help="Print JSON.")


def command(function: Callable[P, int | None]) -> Callable[..., None]:
    """Turn a function into the body of a command: it prints errors of the host and exits with their exit code.

    The command gets the option ``--traceback``, which is passed on if the function has a parameter of that name.
    """

    @wraps(function)
    def run(*arguments: P.args, **options: P.kwargs) -> None:
        traceback = bool(options.get("traceback"))
        if "traceback" not in function.__code__.co_varnames:
            options.pop("traceback", None)
        try:
            sys.exit(function(*arguments, **options) or 0)
        except HostError as error:
            from host.common.rendering import error_block, error_data

            if options.get("json_output"):
                print_json({"errors": error_data(error)})
            click.echo(error_block(error, traceback=traceback), err=True)
            sys.exit(error.exit_code)

    return click.option("--traceback", is_flag=True, help="Show the traceback of an error.")(run)


def read_settings(*, safe: bool = False) -> Settings:
    """Return the settings of the working directory; from here on the log goes to the standard error output.

    Args:
        safe: Whether to leave out everything about plugins.

    Raises:
        SettingsError: The settings are malformed.
    """
    from host.common.settings import load_settings

    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT, stream=sys.stderr)
    return load_settings(Path.cwd(), safe=safe)


def print_json(data: dict[str, Any]) -> None:
    """Print versioned JSON."""
    click.echo(json.dumps({"version": JSON_VERSION, **data}, indent=2, ensure_ascii=False))
