"""``host build`` and ``host run --production``: what was built is served, is never written, and is what is installed, or else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.distributions import Project
from tests.serverkit import Server

TODO = """
    import msgspec
    from litestar import get, post

    class Task(msgspec.Struct):
        title: str

    @get("/task")
    async def tasks() -> list[Task]: return []
    @post("/task")
    async def create(title: str) -> Task: return Task(title)
    @hookimpl
    def register_routes(scope): return [tasks, create]
"""
NOTES = """
    from litestar import get

    @get("/note")
    async def notes() -> list[str]: return []
    @hookimpl
    def register_routes(scope): return notes
"""
MODEL = """
    from host.data import Document

    class Note(Document):
        text: str

    @hookimpl
    def register_models(scope): return Note
"""
#: Notes each file below a directory that Python is about to change, in any process that starts with it.
WITNESS = """
import os, sys

_INSIDE, _LOG = {inside!r}, {log!r}
_CHANGES = {{"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.utime",
             "tempfile.mkstemp", "tempfile.mkdtemp"}}

def _note(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        arguments = [path]
        if not (set(mode or "") & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
            return
    elif event not in _CHANGES:
        return
    for path in arguments:
        if isinstance(path, (str, os.PathLike)) and os.path.abspath(path).startswith(_INSIDE):
            log = os.open(_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(log, f"{{event}} {{os.fspath(path)}}\\n".encode())
            os.close(log)

sys.addaudithook(_note)
"""


@pytest.fixture
def built(project: Project) -> Project:
    """A project with a plugin, and its artifact."""
    project.install("acme-todo", TODO, version="0.4.1")
    done = project.host("build")
    assert done.code == 0, done.stderr
    return project


@pytest.fixture
def serve(project: Project) -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def begin(*arguments: str) -> Server:
        made.append(Server(project.directory, ["--production", *arguments], project.environment()))
        return made[-1].start()

    yield begin
    for one in made:
        one.close()


def refused(project: Project, *arguments: str, code: int = 1) -> str:
    """What is said where it does not start."""
    done = project.host("run", "--production", "--port", "0", *arguments)
    assert done.code == code, done.stderr
    assert "Serving" not in done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def state(directory: Path) -> dict[str, tuple[int, int, int]]:
    return {
        str(path.relative_to(directory)): ((at := path.lstat()).st_ino, at.st_mtime_ns, at.st_size)
        for path in [directory, *directory.rglob("*")]
    }


def test_the_manifest_says_what_is_in_it(built: Project) -> None:
    artifact = built.directory / "artifact"
    assert sorted(path.name for path in artifact.iterdir()) == ["generated-config.ts", "manifest.json"]
    text = (artifact / "generated-config.ts").read_text(encoding="utf-8")
    manifest = json.loads((artifact / "manifest.json").read_text(encoding="utf-8"))
    lock = manifest["plugins"]["acme__todo"]
    assert (lock["distribution"], lock["version"]) == ("acme-todo", "0.4.1")
    assert f'  schema: "{lock["schema"]}",\n' in text
    assert f'schemaHash = "{manifest["schemaHash"]}"' in text


def test_the_file_of_development_is_not_touched_by_a_build(built: Project) -> None:
    assert not (built.directory / "generated-config.ts").exists()


def test_the_directory_is_chosen_by_a_setting_and_by_an_option(built: Project, serve: Callable[..., Server]) -> None:
    built.configure('[build]\noutput = "out/one"\n')
    assert built.host("build").code == 0
    assert (built.directory / "out" / "one" / "manifest.json").is_file()
    assert built.host("build", "--output", "two").code == 0
    server = serve("--artifact", "two")
    assert httpx.get(f"{server.url}/acme__todo/task").json() == []


def test_a_build_with_a_failing_plugin_is_none(project: Project) -> None:
    project.configure('[plugins]\non_failure = "isolate"\n')
    project.install("acme-todo", TODO)
    project.install("acme-broken", "raise RuntimeError('broken')\n")
    done = project.host("build")
    assert done.code == 3
    assert "acme__broken" in done.stderr
    assert not (project.directory / "artifact").exists()


def test_it_serves_and_writes_nothing_in_the_project(built: Project, tmp_path: Path, serve: Callable[..., Server]) -> None:
    """The directory is read-only, which does not bind root; so Python's own audit is asked too, and the files are compared."""
    log = tmp_path / "changes.log"
    plugins = built.directory / "plugins"
    plugins.mkdir()
    (plugins / "acme__local.py").write_text("from hookspecs import hookimpl\n", encoding="utf-8")
    built.site.keys.append("acme__local")
    assert built.host("build").code == 0
    (built.directory / "generated-config.ts").write_text("// of an earlier day\n", encoding="utf-8")
    source = WITNESS.format(inside=str(built.directory) + os.sep, log=str(log))
    (built.site.directory / "sitecustomize.py").write_text(source, encoding="utf-8")
    paths = [path for path in (built.directory, *built.directory.rglob("*")) if path.is_dir()]
    for path in paths:
        path.chmod(0o555)
    before = state(built.directory)
    try:
        server = serve("--workers", "2")
        assert httpx.get(f"{server.url}/acme__todo/task").json() == []
        assert server.stop() == 0
        assert state(built.directory) == before
    finally:
        for path in paths:
            path.chmod(0o755)
    assert not log.exists(), log.read_text(encoding="utf-8")


def test_the_witness_of_the_test_above_sees_what_development_writes(built: Project, tmp_path: Path) -> None:
    log = tmp_path / "changes.log"
    source = WITNESS.format(inside=str(built.directory) + os.sep, log=str(log))
    (built.site.directory / "sitecustomize.py").write_text(source, encoding="utf-8")
    assert built.host("generate-config").code == 0
    assert "generated-config.ts" in log.read_text(encoding="utf-8")


def test_no_database_is_made_where_it_does_not_start(built: Project) -> None:
    built.install("acme-notes", MODEL)
    before = state(built.directory)
    assert "acme__notes: installed, but not in the artifact" in refused(built)
    assert state(built.directory) == before


def test_data_that_are_kept_beside_the_program_are_warned_of(built: Project, serve: Callable[..., Server]) -> None:
    built.install("acme-notes", MODEL)
    assert built.host("build").code == 0
    server = serve("--workers", "2")
    assert server.stderr.count("set database.url to a MongoDB") == 1
    assert str(built.directory / ".host") in server.stderr


def test_its_answers_say_the_digest_that_was_built(built: Project, serve: Callable[..., Server]) -> None:
    manifest = json.loads((built.directory / "artifact" / "manifest.json").read_text(encoding="utf-8"))
    server = serve()
    told = httpx.get(f"{server.url}/acme__todo/task").headers["x-schema"]
    assert told == f"{manifest['schemaHash']}, acme__todo={manifest['plugins']['acme__todo']['schema']}"


def test_a_plugin_whose_code_changed_is_named_with_what_changed(built: Project) -> None:
    built.install(
        "acme-todo", TODO.replace('@post("/task")', '@post("/duty")').replace("title: str\n", "title: int\n"), version="0.4.1"
    )
    said = refused(built)
    assert "acme__todo: type Task; added entity duty, operation duty.create; removed operation task.create" in said
    assert "host build" in said


def test_another_version_of_a_plugin_is_named(built: Project) -> None:
    for path in built.site.directory.glob("acme_todo-*"):
        (path / "METADATA").unlink()
    built.install("acme-todo", TODO, version="0.5.0")
    assert "acme__todo: acme-todo 0.5.0 is installed, the artifact has acme-todo 0.4.1" in refused(built)


def test_a_plugin_that_came_is_named(built: Project) -> None:
    built.install("acme-notes", NOTES, version="2.0.0")
    assert "acme__notes: installed, but not in the artifact" in refused(built)


def test_a_plugin_that_went_is_named(built: Project) -> None:
    built.configure('[plugins]\ndisabled = ["acme__todo"]\n')
    assert "acme__todo: in the artifact, but not installed or not enabled: acme-todo 0.4.1" in refused(built)


def test_none_of_several_workers_serves_what_was_not_built(built: Project) -> None:
    built.install("acme-notes", NOTES)
    assert "acme__notes" in refused(built, "--workers", "3")


def test_a_plugin_that_is_isolated_at_this_start_does_not_keep_the_others_from_being_served(
    built: Project, serve: Callable[..., Server]
) -> None:
    built.install("acme-notes", "import os\nif 'BROKEN' in os.environ: raise RuntimeError('broken')\n" + _plain(NOTES))
    built.configure('[plugins]\non_failure = "isolate"\n')
    assert built.host("build").code == 0
    built.environ["BROKEN"] = "1"
    server = serve()
    assert httpx.get(f"{server.url}/acme__todo/task").json() == []
    assert httpx.get(f"{server.url}/acme__notes/note").status_code == 503


def _plain(source: str) -> str:
    return "\n".join(line.removeprefix("    ") for line in source.splitlines()) + "\n"


def test_without_an_artifact_it_does_not_start(project: Project) -> None:
    project.install("acme-todo", TODO)
    said = refused(project, code=2)
    assert "manifest.json is missing" in said
    assert "host build" in said


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("manifest.json", "{}", "damaged"),
        ("manifest.json", '{"manifest": 1', "damaged"),
        ("manifest.json", "\x00", "damaged"),
        ("manifest.json", '{"manifest": 2, "host": "3.1", "lock": {}}', "was built by litestar-host 3.1, in another format"),
        ("generated-config.ts", "// edited\n", "is not the one that was built"),
    ],
)
def test_an_artifact_that_was_edited_is_refused(built: Project, name: str, content: str, says: str) -> None:
    (built.directory / "artifact" / name).write_text(content, encoding="utf-8")
    assert says in refused(built, code=2)


@pytest.mark.parametrize("other", ["--reload", "--safe"])
def test_it_excludes_what_is_for_development(built: Project, other: str) -> None:
    assert f"--production and {other} exclude each other" in refused(built, other, code=2)


def test_the_artifact_is_an_option_of_production_alone(built: Project) -> None:
    done = built.host("run", "--artifact", "artifact")
    assert done.code == 2
    assert "--artifact requires --production" in done.stderr
