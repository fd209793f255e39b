"""``host generate-config --watch`` in a real process: plugins really change, and the file is regenerated."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.distributions import Project, host_command
from tests.e2e.developing import develop, only_developed, uninstall, write_source, write_source_with_fixed_time
from tests.serverkit import until

#: The limit in seconds on a machine that is busy with other tests; otherwise it takes a quarter of a second.
PATIENCE = 60.0


class Watcher:
    """A process of ``host generate-config --watch``.

    Args:
        project: the project it runs in.
    """

    def __init__(self, project: Project) -> None:
        self.file = project.directory / "generated-config.ts"
        self._log = project.directory.with_name("watch.log")
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [host_command(), "generate-config", "--watch"],
                cwd=project.directory,
                env=project.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def has(self, text: str) -> float:
        """Wait until the file contains a text, and return how many seconds that took."""
        begun = time.perf_counter()
        until(lambda: self.file.is_file() and text in self.file.read_text(encoding="utf-8"), PATIENCE, f"{text!r}\n{self.output}")
        return time.perf_counter() - begun

    def prints(self, text: str) -> None:
        until(lambda: text in self.output, PATIENCE, f"the output {text!r}\n{self.output}")

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def project(project: Project, tmp_path: Path) -> Project:
    """Return a project with one plugin that is installed from a directory of its own."""
    return only_developed(project, tmp_path / "duty")


@pytest.fixture
def watch(project: Project) -> Iterator[Callable[[], Watcher]]:
    watchers: list[Watcher] = []

    def begin() -> Watcher:
        watchers.append(Watcher(project))
        watchers[-1].prints("Watching")
        return watchers[-1]

    yield begin
    for watcher in watchers:
        if watcher.process.poll() is None:
            watcher.process.kill()
            watcher.process.wait()


def test_a_change_of_an_editable_plugin_is_written(
    watch: Callable[[], Watcher], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    watcher = watch()
    assert "interface Task {" in watcher.file.read_text(encoding="utf-8")
    for number in range(5):
        write_source(tmp_path / "duty", "acme_duty", f"Duty{number}", f"duty/{number}")
        record_property(f"seconds until change {number} is written", watcher.has(f"interface Duty{number} {{"))
    assert "interface Task {" not in watcher.file.read_text(encoding="utf-8")


def test_a_change_that_keeps_size_and_time_is_written(watch: Callable[[], Watcher], tmp_path: Path) -> None:
    watcher = watch()
    for name in ("Chore", "Stint", "Labor"):
        write_source_with_fixed_time(tmp_path / "duty", "acme_duty", name, name.lower())
        watcher.has(f"interface {name} {{")


def test_no_module_of_an_earlier_generation_is_left(watch: Callable[[], Watcher], tmp_path: Path) -> None:
    watcher = watch()
    (tmp_path / "duty" / "acme_duty" / "names.py").unlink()
    watcher.prints("No module named 'acme_duty.names'")


def test_an_error_is_printed_and_can_be_fixed(watch: Callable[[], Watcher], tmp_path: Path) -> None:
    watcher = watch()
    source = tmp_path / "duty" / "acme_duty" / "__init__.py"
    text = source.read_text(encoding="utf-8")
    source.write_text("def (\n", encoding="utf-8")
    watcher.prints("error[import-failed]")
    watcher.prints("SyntaxError")
    assert "interface Task {" in watcher.file.read_text(encoding="utf-8")
    source.write_text(text.replace('"/task"', '"/duty"'), encoding="utf-8")
    watcher.has("/acme__duty/duty")


def test_a_plugin_of_the_project_itself_is_watched(watch: Callable[[], Watcher], project: Project) -> None:
    (project.directory / "plugins").mkdir()
    watcher = watch()
    local = project.directory / "plugins" / "acme__local.py"
    local.write_text("from hookspecs import hookimpl\n", encoding="utf-8")
    watcher.has('pluginKey: "acme__local"')
    local.unlink()
    until(lambda: "acme__local" not in watcher.file.read_text(encoding="utf-8"), PATIENCE, "acme__local to be gone")


def test_a_package_that_appears_with_its_directory_is_watched(
    watch: Callable[[], Watcher], project: Project, tmp_path: Path
) -> None:
    """Its files exist before the directory could be watched, as with ``git switch``; and it disappears as a whole."""
    watcher = watch()
    plugins = project.directory / "plugins"
    for name in ("first", "second"):
        package = tmp_path / name / f"acme__{name}"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("from hookspecs import hookimpl\n", encoding="utf-8")
        (tmp_path / name).rename(plugins) if not plugins.exists() else package.rename(plugins / package.name)
        watcher.has(f'pluginKey: "acme__{name}"')
    (plugins / "acme__first").rename(tmp_path / "away")
    until(lambda: "acme__first" not in watcher.file.read_text(encoding="utf-8"), PATIENCE, "acme__first to be gone")


def test_a_plugin_behind_a_link_is_watched(watch: Callable[[], Watcher], project: Project, tmp_path: Path) -> None:
    source = tmp_path / "elsewhere" / "acme__local.py"
    source.parent.mkdir()
    text = (
        "from hookspecs import Frontend, hookimpl\n@hookimpl\ndef generate_frontend(scope): return Frontend(custom={{'n': {}}})\n"
    )
    source.write_text(text.format(1), encoding="utf-8")
    (project.directory / "plugins").mkdir()
    watcher = watch()
    (project.directory / "plugins" / source.name).symlink_to(source)
    watcher.has("n: 1")
    source.write_text(text.format(2), encoding="utf-8")
    watcher.has("n: 2")


def test_the_next_change_replaces_a_module_that_never_ends(watch: Callable[[], Watcher], tmp_path: Path) -> None:
    watcher = watch()
    source = tmp_path / "duty" / "acme_duty" / "__init__.py"
    text = source.read_text(encoding="utf-8")
    source.write_text("while True: pass\n", encoding="utf-8")
    watcher.prints("still starting: waiting for the import of acme__duty")
    source.write_text(text.replace('"/task"', '"/duty"'), encoding="utf-8")
    watcher.has("/acme__duty/duty")


def test_the_settings_are_watched(watch: Callable[[], Watcher], project: Project) -> None:
    watcher = watch()
    project.configure('[plugins.acme__duty]\nprefix = "/duties"\n')
    watcher.has("/duties/task")
    project.configure("[plugins.acme__duty\n")
    watcher.prints("error[settings]")
    project.configure('[plugins.acme__duty]\nprefix = "/jobs"\n')
    watcher.has("/jobs/task")


def test_installing_and_uninstalling_plugins_is_watched(watch: Callable[[], Watcher], project: Project, tmp_path: Path) -> None:
    watcher = watch()
    project.install("acme-notes")
    watcher.has('pluginKey: "acme__notes"')
    write_source(tmp_path / "more", "acme_more", "More", "more")
    develop(project, "acme-more", tmp_path / "more")
    watcher.has("interface More {")
    write_source(tmp_path / "more", "acme_more", "Less", "more")
    watcher.has("interface Less {")
    for name in ("acme-notes", "acme-more"):
        uninstall(project, name)
    text = watcher.file.read_text
    until(lambda: not {"acme__notes", "acme__more"} & set(text(encoding="utf-8").split('"')), PATIENCE, watcher.output)
    assert 'pluginKey: "acme__duty"' in text(encoding="utf-8")


def test_a_package_found_by_a_finder_is_watched(watch: Callable[[], Watcher], project: Project, tmp_path: Path) -> None:
    """``pip install -e`` of a package directly beside its pyproject.toml; then the same from another directory."""
    watcher = watch()
    for folder in ("more", "moved"):
        write_source(tmp_path / folder, "acme_more", folder.title(), "more")
        develop(project, "acme-more", tmp_path / folder, finder=True)
        watcher.has(f"interface {folder.title()} {{")
    write_source(tmp_path / "moved", "acme_more", "Less", "more")
    watcher.has("interface Less {")
    uninstall(project, "acme-more")
    until(lambda: "acme__more" not in watcher.file.read_text(encoding="utf-8"), PATIENCE, watcher.output)


def test_a_change_that_does_not_affect_the_file_writes_nothing(watch: Callable[[], Watcher], tmp_path: Path) -> None:
    watcher = watch()
    before = watcher.file.stat()
    source = tmp_path / "duty" / "acme_duty" / "names.py"
    source.write_text(source.read_text(encoding="utf-8") + "\n# a comment\n", encoding="utf-8")
    source = tmp_path / "duty" / "acme_duty" / "__init__.py"
    source.write_text(source.read_text(encoding="utf-8").replace("async def read", "async def read_again"), encoding="utf-8")
    (tmp_path / "duty" / "acme_duty" / "last.py").write_text("def (\n", encoding="utf-8")
    source.write_text(f"from . import last\n{source.read_text(encoding='utf-8')}", encoding="utf-8")
    watcher.prints("error[import-failed]")
    after = watcher.file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert "written" not in watcher.output.partition("Watching")[2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_command(watch: Callable[[], Watcher], number: int) -> None:
    watcher = watch()
    assert watcher.end(number) == 0
    assert "Traceback" not in watcher.output


def test_a_killed_command_leaves_no_process(watch: Callable[[], Watcher]) -> None:
    watcher = watch()
    family = psutil.Process(watcher.process.pid).children(recursive=True)
    watcher.end(signal.SIGKILL)
    until(
        lambda: not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family),
        PATIENCE,
        "its processes to end",
    )


@pytest.mark.parametrize("other", ["--check", "--stdout"])
def test_watch_excludes_options_that_end_at_once(project: Project, other: str) -> None:
    done = project.host("generate-config", "--watch", other)
    assert done.code == 2
    assert "exclude each other" in done.stderr
    assert list(project.directory.iterdir()) == []
