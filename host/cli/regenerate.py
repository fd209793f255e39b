"""Writing the TypeScript, once, or again at each change: then in a new process, so that no old module is left (row R21)."""

from __future__ import annotations

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

#: What a new process has imported already: all but plugins. It would take longer than the rest.
_PRELOADED: Final = ["host.cli.regenerate", "host.lifecycle.generation"]
#: Seconds between two looks whether to stop waiting for a process.
_LOOK: Final = 0.05
#: Seconds that a process gets to end.
_PATIENCE: Final = 5.0


def generated_now(output: Path | None) -> tuple[Path, Generated]:
    """Where the file goes, and what it should be.

    Args:
        output: where to, instead of ``frontend.output``.

    Raises:
        SettingsError: the settings are malformed.
        BootError: a plugin failed whose policy is ``abort``.
    """
    from host.lifecycle.generation import booted, generate_for

    settings = read_settings()
    return output or settings.output, generate_for(*booted(settings))


def write_now(output: Path | None) -> None:
    """Write the file where it differs, and say so.

    Args:
        output: where to, instead of ``frontend.output``.

    Raises:
        SettingsError: the settings are malformed.
        BootError: a plugin failed whose policy is ``abort``.
        ConfigurationError: it cannot be written there.
    """
    _put(*generated_now(output), tell=True)


def _put(path: Path, generated: Generated, *, tell: bool) -> None:
    from host.common.files import write

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
    from host.cli.serve.editable_installs import Installed
    from host.cli.serve.watcher import changes

    settings = read_settings()
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    installed = Installed()
    writer = _Writer(output)
    writer.begin(installed.late)
    writer.wait(stop)
    click.echo(f"Watching {settings.directory}; Ctrl+C ends it")
    for _ in changes(settings, stop, installed):
        writer.begin(installed.late)
    writer.end()
    return 0


class _Writer:
    """Writes the file in a new process each time; one that is still at it is ended, for what it has read is old.

    Args:
        output: where to, instead of ``frontend.output``.
    """

    def __init__(self, output: Path | None) -> None:
        self._output = output
        forks = "forkserver" in multiprocessing.get_all_start_methods()
        self._context: Any = multiprocessing.get_context("forkserver" if forks else "spawn")
        if forks:
            self._context.set_forkserver_preload(_PRELOADED)
        self._process: Any = None

    def begin(self, late: Sequence[Path]) -> None:
        """Write, and tell of it where it differs or what was there before went wrong.

        Args:
            late: ``.pth`` files that came after the process which the new one is forked from.
        """
        tell = not self.end()
        self._process = self._context.Process(target=_write, args=(self._output, tell, late))
        self._process.start()

    def wait(self, stop: Event) -> None:
        """Wait until it is written, or ``stop`` is set."""
        while self._process.is_alive() and not stop.is_set():
            self._process.join(_LOOK)

    def end(self) -> bool:
        """End what is under way, and say whether it went well."""
        if self._process is None:
            return False
        self._process.terminate()
        self._process.join(_PATIENCE)
        self._process.kill()  # a plugin may keep SIGTERM for itself
        self._process.join()
        return bool(self._process.exitcode == 0)


def _write(output: Path | None, tell: bool, late: Sequence[Path]) -> None:
    """In the new process: Ctrl+C reaches it too, and is for the one that watches."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    check_bytecode()
    if late:
        from host.cli.serve.editable_installs import read_late

        read_late(late)
    try:
        path, generated = generated_now(output)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is a matter of a moment now, and ended in it leaves a file
        _put(path, generated, tell=tell)
    except HostError as error:
        from host.common.rendering import error_block

        click.echo(error_block(error), err=True)
        sys.exit(error.exit_code)
    finally:
        with suppress(OSError):  # whoever read it is gone
            sys.stdout.flush()
