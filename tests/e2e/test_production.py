"""``host run --production`` serves what ``host build`` built, writes nothing, and does not start if the plugins differ from it."""

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
#: Logs each change that Python makes to a file below a directory, in every process that starts with it.
AUDIT = """
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
    """Return a project with a plugin and its artifact."""
    project.install("acme-todo", TODO, version="0.4.1")
    done = project.host("build")
    assert done.code == 0, done.stderr
    return project


@pytest.fixture
def serve(project: Project) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def begin(*arguments: str) -> Server:
        servers.append(Server(project.directory, ["--production", *arguments], project.environment()))
        return servers[-1].start()

    yield begin
    for server in servers:
        server.close()


def refusal(project: Project, *arguments: str, code: int = 1) -> str:
    """Return the errors of a server that refuses to start."""
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


def test_the_manifest_describes_the_artifact(built: Project) -> None:
    artifact = built.directory / "artifact"
    assert sorted(path.name for path in artifact.iterdir()) == ["generated-config.ts", "manifest.json"]
    text = (artifact / "generated-config.ts").read_text(encoding="utf-8")
    manifest = json.loads((artifact / "manifest.json").read_text(encoding="utf-8"))
    lock = manifest["plugins"]["acme__todo"]
    assert (lock["distribution"], lock["version"]) == ("acme-todo", "0.4.1")
    assert f'  schema: "{lock["schema"]}",\n' in text
    assert f'schemaHash = "{manifest["schemaHash"]}"' in text


def test_a_build_does_not_touch_the_development_file(built: Project) -> None:
    assert not (built.directory / "generated-config.ts").exists()


def test_the_directory_is_chosen_by_a_setting_and_by_an_option(built: Project, serve: Callable[..., Server]) -> None:
    built.configure('[build]\noutput = "out/first"\n')
    assert built.host("build").code == 0
    assert (built.directory / "out" / "first" / "manifest.json").is_file()
    assert built.host("build", "--output", "two").code == 0
    server = serve("--artifact", "two")
    assert httpx.get(f"{server.url}/acme__todo/task").json() == []


def test_a_build_with_a_failing_plugin_fails(project: Project) -> None:
    project.configure('[plugins]\non_failure = "isolate"\n')
    project.install("acme-todo", TODO)
    project.install("acme-broken", "raise RuntimeError('broken')\n")
    done = project.host("build")
    assert done.code == 3
    assert "acme__broken" in done.stderr
    assert not (project.directory / "artifact").exists()


def test_production_serves_and_writes_nothing_in_the_project(built: Project, tmp_path: Path, serve: Callable[..., Server]) -> None:
    """The directory is read-only, but root can still write to it; so Python's audit events are logged too, and files compared."""
    log = tmp_path / "changes.log"
    plugins = built.directory / "plugins"
    plugins.mkdir()
    (plugins / "acme__local.py").write_text("from hookspecs import hookimpl\n", encoding="utf-8")
    built.site.keys.append("acme__local")
    assert built.host("build").code == 0
    (built.directory / "generated-config.ts").write_text("// of an earlier day\n", encoding="utf-8")
    source = AUDIT.format(inside=str(built.directory) + os.sep, log=str(log))
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


def test_the_audit_log_records_what_development_writes(built: Project, tmp_path: Path) -> None:
    log = tmp_path / "changes.log"
    source = AUDIT.format(inside=str(built.directory) + os.sep, log=str(log))
    (built.site.directory / "sitecustomize.py").write_text(source, encoding="utf-8")
    assert built.host("generate-config").code == 0
    assert "generated-config.ts" in log.read_text(encoding="utf-8")


def test_a_refused_start_creates_no_database(built: Project) -> None:
    built.install("acme-notes", MODEL)
    before = state(built.directory)
    assert "acme__notes: installed, but not in the artifact" in refusal(built)
    assert state(built.directory) == before


def test_an_embedded_database_in_production_logs_one_warning(built: Project, serve: Callable[..., Server]) -> None:
    built.install("acme-notes", MODEL)
    assert built.host("build").code == 0
    server = serve("--workers", "2")
    assert server.stderr.count("set database.url to a MongoDB") == 1
    assert str(built.directory / ".host") in server.stderr


def test_responses_have_the_digest_that_was_built(built: Project, serve: Callable[..., Server]) -> None:
    manifest = json.loads((built.directory / "artifact" / "manifest.json").read_text(encoding="utf-8"))
    server = serve()
    header = httpx.get(f"{server.url}/acme__todo/task").headers["x-schema"]
    assert header == f"{manifest['schemaHash']}, acme__todo={manifest['plugins']['acme__todo']['schema']}"


def test_a_plugin_whose_code_changed_is_named_with_the_changes(built: Project) -> None:
    built.install(
        "acme-todo", TODO.replace('@post("/task")', '@post("/duty")').replace("title: str\n", "title: int\n"), version="0.4.1"
    )
    errors = refusal(built)
    assert "acme__todo: type Task; added entity duty, operation duty.create; removed operation task.create" in errors
    assert "host build" in errors


def test_another_version_of_a_plugin_is_named(built: Project) -> None:
    for path in built.site.directory.glob("acme_todo-*"):
        (path / "METADATA").unlink()
    built.install("acme-todo", TODO, version="0.5.0")
    assert "acme__todo: acme-todo 0.5.0 is installed, the artifact has acme-todo 0.4.1" in refusal(built)


def test_an_added_plugin_is_named(built: Project) -> None:
    built.install("acme-notes", NOTES, version="2.0.0")
    assert "acme__notes: installed, but not in the artifact" in refusal(built)


def test_a_removed_plugin_is_named(built: Project) -> None:
    built.configure('[plugins]\ndisabled = ["acme__todo"]\n')
    assert "acme__todo: in the artifact, but not installed or not enabled: acme-todo 0.4.1" in refusal(built)


def test_no_worker_serves_a_plugin_that_was_not_built(built: Project) -> None:
    built.install("acme-notes", NOTES)
    assert "acme__notes" in refusal(built, "--workers", "3")


def test_the_other_plugins_are_served_if_one_is_isolated_at_this_start(built: Project, serve: Callable[..., Server]) -> None:
    built.install("acme-notes", "import os\nif 'BROKEN' in os.environ: raise RuntimeError('broken')\n" + _plain(NOTES))
    built.configure('[plugins]\non_failure = "isolate"\n')
    assert built.host("build").code == 0
    built.environ["BROKEN"] = "1"
    server = serve()
    assert httpx.get(f"{server.url}/acme__todo/task").json() == []
    assert httpx.get(f"{server.url}/acme__notes/note").status_code == 503


def _plain(source: str) -> str:
    return "\n".join(line.removeprefix("    ") for line in source.splitlines()) + "\n"


def test_production_does_not_start_without_an_artifact(project: Project) -> None:
    project.install("acme-todo", TODO)
    errors = refusal(project, code=2)
    assert "manifest.json is missing" in errors
    assert "host build" in errors


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("manifest.json", "{}", "damaged"),
        ("manifest.json", '{"manifest": 1', "damaged"),
        ("manifest.json", "\x00", "damaged"),
        ("manifest.json", '{"manifest": 2, "host": "3.1", "lock": {}}', "was built by litestar-host 3.1, in another format"),
        ("generated-config.ts", "// edited\n", "is not the one that was built"),
    ],
)
def test_an_edited_artifact_is_refused(built: Project, name: str, content: str, message: str) -> None:
    (built.directory / "artifact" / name).write_text(content, encoding="utf-8")
    assert message in refusal(built, code=2)


@pytest.mark.parametrize("other", ["--reload", "--safe"])
def test_production_excludes_the_options_for_development(built: Project, other: str) -> None:
    assert f"--production and {other} exclude each other" in refusal(built, other, code=2)


def test_the_option_artifact_requires_production(built: Project) -> None:
    done = built.host("run", "--artifact", "artifact")
    assert done.code == 2
    assert "--artifact requires --production" in done.stderr
