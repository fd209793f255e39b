"""Write ``generated-config.ts`` once, or after each change: then in a new process, which has imported no old module."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from host.cli.common import read_settings
from host.common.bytecode import check_bytecode
from host.common.errors import HostError

if TYPE_CHECKING:
    from host.frontend.model import Generated

#: Imported before a process is forked: everything except plugins, since these imports take longer than the rest.
_PRELOADED: Final = ["host.cli.regenerate", "host.lifecycle.generation"]
#: Seconds between two checks whether to stop waiting for a process.
_POLL_INTERVAL: Final = 0.05
#: Seconds until a process that was asked to end is killed.
_GRACE: Final = 5.0


def generate_current(output: Path | None) -> tuple[Path, Generated]:
    """Return the path of the file and its content.

    Args:
        output: The path, instead of ``frontend.output``.

    Raises:
        SettingsError: The settings are malformed.
        BootError: A plugin failed whose policy is ``abort``.
    """
    from host.lifecycle.generation import booted, generate_for

    settings = read_settings()
    return output or settings.output, generate_for(*booted(settings))


def write_now(output: Path | None) -> None:
    """Write the file if it differs, and print whether it was written.

    Args:
        output: The path, instead of ``frontend.output``.

    Raises:
        SettingsError: The settings are malformed.
        BootError: A plugin failed whose policy is ``abort``.
        ConfigurationError: The file cannot be written.
    """
    _write(*generate_current(output), always_report=True)


def _write(path: Path, generated: Generated, *, always_report: bool) -> None:
    from host.common.files import write

    changed = write(path, generated.text)
    if changed or always_report:
        for warning in generated.warnings:
            click.echo(f"warning: {warning}", err=True)
        click.echo(f"{path} {'written' if changed else 'unchanged'}")


def regenerate(output: Path | None) -> int:
    """Write the file now and after each change, until a signal arrives. An error is printed and does not end the loop.

    Args:
        output: The path, instead of ``frontend.output``.

    Returns:
        The exit code.

    Raises:
        SettingsError: The settings are malformed at the beginning, so the directories to watch are unknown.
    """
    from host.cli.serve.editable_installs import Installed
    from host.cli.serve.watcher import changes

    gc.enable()
    settings = read_settings()
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    installed = Installed()
    writer = _Writer(output)
    writer.begin(installed.late)
    writer.wait(stop)
    click.echo(f"Watching {settings.directory}; press Ctrl+C to stop")
    for _ in changes(settings, stop, installed):
        writer.begin(installed.late)
    writer.end()
    return 0


class _Writer:
    """Writes the file in a new process each time; a process that is still running is ended, since it has read old code.

    Args:
        output: The path, instead of ``frontend.output``.
    """

    def __init__(self, output: Path | None) -> None:
        self._output = output
        forks = "forkserver" in multiprocessing.get_all_start_methods()
        self._context: Any = multiprocessing.get_context("forkserver" if forks else "spawn")
        if forks:
            self._context.set_forkserver_preload(_PRELOADED)
        self._process: Any = None

    def begin(self, late: Sequence[Path]) -> None:
        """Write the file, and report it if it differs or if the last attempt failed.

        Args:
            late: ``.pth`` files that are newer than the process from which the new one is forked.
        """
        always_report = not self.end()
        self._process = self._context.Process(target=_write_in_process, args=(self._output, always_report, late))
        self._process.start()

    def wait(self, stop: Event) -> None:
        """Wait until the file is written or ``stop`` is set."""
        while self._process.is_alive() and not stop.is_set():
            self._process.join(_POLL_INTERVAL)

    def end(self) -> bool:
        """End the running process, and return whether the last one succeeded."""
        if self._process is None:
            return False
        self._process.terminate()
        self._process.join(_GRACE)
        self._process.kill()  # a plugin may have a handler of SIGTERM
        self._process.join()
        return bool(self._process.exitcode == 0)


def _write_in_process(output: Path | None, always_report: bool, late: Sequence[Path]) -> None:
    """Write the file; runs in the new process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all processes, but only the parent handles it
    check_bytecode()
    if late:
        from host.cli.serve.editable_installs import read_late

        read_late(late)
    try:
        path, generated = generate_current(output)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # writing is quick, and interrupting it would leave a temporary file
        _write(path, generated, always_report=always_report)
    except HostError as error:
        from host.common.rendering import error_block

        click.echo(error_block(error), err=True)
        sys.exit(error.exit_code)
    finally:
        with suppress(OSError):  # the reader of the output may be gone
            sys.stdout.flush()
