"""Writing the TypeScript, once, or again at each change: then in a new process, so that no old module is left (row R21)."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from host.cli.common import read_settings
from host.errors import HostError

if TYPE_CHECKING:
    from host.frontend.model import Generated

#: What a new process has imported already: all but plugins. It would take longer than the rest.
_PRELOADED: Final = ["host.cli.regenerate", "host.generation"]
#: Seconds between two looks whether to stop waiting for a process.
_LOOK: Final = 0.05


def generated_now(output: Path | None) -> tuple[Path, Generated]:
    """Where the file goes, and what it should be.

    Args:
        output: where to, instead of ``frontend.output``.

    Raises:
        SettingsError: the settings are malformed.
        BootError: a plugin failed whose policy is ``abort``.
    """
    from host.generation import booted, generate_for

    settings = read_settings()
    return output or settings.output, generate_for(*booted(settings))


def write_now(output: Path | None, *, tell: bool = True) -> None:
    """Write the file where it differs, and say so.

    Args:
        output: where to, instead of ``frontend.output``.
        tell: say it too where the file did not differ.

    Raises:
        SettingsError: the settings are malformed.
        BootError: a plugin failed whose policy is ``abort``.
        ConfigurationError: it cannot be written there.
    """
    from host.files import write

    path, generated = generated_now(output)
    changed = write(path, generated.text)
    if changed or tell:
        for warning in generated.warnings:
            click.echo(f"warning: {warning}", err=True)
        click.echo(f"{path} {'written' if changed else 'unchanged'}")


def regenerate(output: Path | None) -> int:
    """Write the file now and after each change, until a signal comes. What goes wrong is shown, and mended by the next change.

    Args:
        output: where to, instead of ``frontend.output``.

    Returns:
        the exit code.

    Raises:
        SettingsError: the settings are malformed at the beginning, so it is not known where to look.
    """
    from host.watching import changes

    settings = read_settings()
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    run = _new_processes()
    failed = not run(_write, output, True, stop=stop)
    click.echo(f"Watching {settings.directory}; Ctrl+C ends it")
    for _ in changes(settings, stop):
        failed = not run(_write, output, failed, stop=stop)
    return 0


def _new_processes() -> Callable[..., bool]:
    """Gives a function that calls another one in a new process, and returns whether it went well."""
    forks = "forkserver" in multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("forkserver" if forks else "spawn")
    if forks:
        context.set_forkserver_preload(_PRELOADED)

    def run(function: Callable[..., object], *arguments: Any, stop: Event) -> bool:
        process = context.Process(target=function, args=arguments)
        process.start()
        while process.is_alive() and not stop.is_set():
            process.join(_LOOK)
        process.terminate()
        process.join()
        return bool(process.exitcode == 0)

    return run


def _write(output: Path | None, tell: bool) -> None:
    """In the new process: Ctrl+C reaches it too, and is for the one that watches."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        write_now(output, tell=tell)
    except HostError as error:
        from host.rendering import error_block

        click.echo(error_block(error), err=True)
        sys.exit(error.exit_code)
    finally:
        with suppress(OSError):  # whoever read it is gone
            sys.stdout.flush()
