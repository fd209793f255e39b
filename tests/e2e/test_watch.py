"""``host generate-config --watch``: a real process, plugins that really change, and the file that follows them."""

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

#: Seconds that it may take on a machine that is busy with other tests; alone it takes a quarter of a second.
PATIENCE = 60.0


class Watcher:
    """A ``host generate-config --watch``.

    Args:
        project: where it runs.
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
        """Wait until the file has a text, and return how many seconds that took."""
        begun = time.perf_counter()
        until(lambda: self.file.is_file() and text in self.file.read_text(encoding="utf-8"), PATIENCE, f"{text!r}\n{self.output}")
        return time.perf_counter() - begun

    def says(self, text: str) -> None:
        until(lambda: text in self.output, PATIENCE, f"the output {text!r}\n{self.output}")

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def project(project: Project, tmp_path: Path) -> Project:
    """A project with one plugin that is installed from a directory of its own."""
    return only_developed(project, tmp_path / "duty")


@pytest.fixture
def watch(project: Project) -> Iterator[Callable[[], Watcher]]:
    made: list[Watcher] = []

    def begin() -> Watcher:
        made.append(Watcher(project))
        made[-1].says("Watching")
        return made[-1]

    yield begin
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


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
    watcher.says("No module named 'acme_duty.names'")


def test_a_mistake_is_shown_and_mended(watch: Callable[[], Watcher], tmp_path: Path) -> None:
    watcher = watch()
    source = tmp_path / "duty" / "acme_duty" / "__init__.py"
    text = source.read_text(encoding="utf-8")
    source.write_text("def (\n", encoding="utf-8")
    watcher.says("error[import-failed]")
    watcher.says("SyntaxError")
    assert "interface Task {" in watcher.file.read_text(encoding="utf-8")
    source.write_text(text.replace('"/task"', '"/duty"'), encoding="utf-8")
    watcher.has("/acme__duty/duty")


def test_a_plugin_of_the_project_itself_is_followed(watch: Callable[[], Watcher], project: Project) -> None:
    (project.directory / "plugins").mkdir()
    watcher = watch()
    local = project.directory / "plugins" / "acme__local.py"
    local.write_text("from hookspecs import hookimpl\n", encoding="utf-8")
    watcher.has('pluginKey: "acme__local"')
    local.unlink()
    until(lambda: "acme__local" not in watcher.file.read_text(encoding="utf-8"), PATIENCE, "acme__local to be gone")


def test_a_package_that_comes_with_its_directory_is_followed(
    watch: Callable[[], Watcher], project: Project, tmp_path: Path
) -> None:
    """Its files are there before anybody could look at the directory, as with ``git switch``; and it goes as a whole."""
    watcher = watch()
    plugins = project.directory / "plugins"
    for name in ("first", "second"):
        made = tmp_path / name / f"acme__{name}"
        made.mkdir(parents=True)
        (made / "__init__.py").write_text("from hookspecs import hookimpl\n", encoding="utf-8")
        (tmp_path / name).rename(plugins) if not plugins.exists() else made.rename(plugins / made.name)
        watcher.has(f'pluginKey: "acme__{name}"')
    (plugins / "acme__first").rename(tmp_path / "away")
    until(lambda: "acme__first" not in watcher.file.read_text(encoding="utf-8"), PATIENCE, "acme__first to be gone")


def test_a_plugin_behind_a_link_is_followed(watch: Callable[[], Watcher], project: Project, tmp_path: Path) -> None:
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


def test_a_module_that_never_ends_is_mended_by_the_next_change(watch: Callable[[], Watcher], tmp_path: Path) -> None:
    watcher = watch()
    source = tmp_path / "duty" / "acme_duty" / "__init__.py"
    text = source.read_text(encoding="utf-8")
    source.write_text("while True: pass\n", encoding="utf-8")
    watcher.says("still starting: acme__duty")
    source.write_text(text.replace('"/task"', '"/duty"'), encoding="utf-8")
    watcher.has("/acme__duty/duty")


def test_the_settings_are_followed(watch: Callable[[], Watcher], project: Project) -> None:
    watcher = watch()
    project.configure('[plugins.acme__duty]\nprefix = "/duties"\n')
    watcher.has("/duties/task")
    project.configure("[plugins.acme__duty\n")
    watcher.says("error[settings]")
    project.configure('[plugins.acme__duty]\nprefix = "/jobs"\n')
    watcher.has("/jobs/task")


def test_plugins_that_are_installed_and_uninstalled_are_followed(
    watch: Callable[[], Watcher], project: Project, tmp_path: Path
) -> None:
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


def test_a_package_that_is_found_by_a_finder_is_followed(watch: Callable[[], Watcher], project: Project, tmp_path: Path) -> None:
    """``pip install -e`` of a package that lies beside its pyproject.toml; then the same from another directory."""
    watcher = watch()
    for place in ("more", "moved"):
        write_source(tmp_path / place, "acme_more", place.title(), "more")
        develop(project, "acme-more", tmp_path / place, finder=True)
        watcher.has(f"interface {place.title()} {{")
    write_source(tmp_path / "moved", "acme_more", "Less", "more")
    watcher.has("interface Less {")
    uninstall(project, "acme-more")
    until(lambda: "acme__more" not in watcher.file.read_text(encoding="utf-8"), PATIENCE, watcher.output)


def test_what_changes_nothing_writes_nothing(watch: Callable[[], Watcher], tmp_path: Path) -> None:
    watcher = watch()
    before = watcher.file.stat()
    source = tmp_path / "duty" / "acme_duty" / "names.py"
    source.write_text(source.read_text(encoding="utf-8") + "\n# a comment\n", encoding="utf-8")
    other = tmp_path / "duty" / "acme_duty" / "__init__.py"
    other.write_text(other.read_text(encoding="utf-8").replace("async def read", "async def read_again"), encoding="utf-8")
    (tmp_path / "duty" / "acme_duty" / "last.py").write_text("def (\n", encoding="utf-8")
    other.write_text(f"from . import last\n{other.read_text(encoding='utf-8')}", encoding="utf-8")
    watcher.says("error[import-failed]")
    after = watcher.file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert "written" not in watcher.output.partition("Watching")[2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(watch: Callable[[], Watcher], number: int) -> None:
    watcher = watch()
    assert watcher.end(number) == 0
    assert "Traceback" not in watcher.output


def test_nothing_is_left_when_it_is_killed(watch: Callable[[], Watcher]) -> None:
    watcher = watch()
    family = psutil.Process(watcher.process.pid).children(recursive=True)
    watcher.end(signal.SIGKILL)
    until(
        lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family),
        PATIENCE,
        "its processes to end",
    )


@pytest.mark.parametrize("other", ["--check", "--stdout"])
def test_it_excludes_what_ends_at_once(project: Project, other: str) -> None:
    done = project.host("generate-config", "--watch", other)
    assert done.code == 2
    assert "exclude each other" in done.stderr
    assert list(project.directory.iterdir()) == []
