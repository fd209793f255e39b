"""How the routes of a plugin become ``generated-config.ts`` (rows R17 to R20)."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from host.common.errors import ConflictError, FrontendError
from host.common.rendering import error_block
from tests.conformance.kit import error, response_texts
from tests.distributions import Project

#: raclette's examples of operations, in Litestar's notation, and cases that raclette leaves open.
SHELF = """
    from litestar import delete, get, head, patch, post, put
    from litestar.params import FromPath

    @get("/todo/all", opt=operation("dataRead"))
    async def all_todos() -> list[str]: return []
    @get("/todo/{_id:str}", opt=operation("dataRead"))
    async def one(_id: FromPath[str]) -> str: return _id
    @post("/todo", opt=operation("dataCreate", broadcast=["todoCreated"]))
    async def create() -> str: return ""
    @patch("/todo/{_id:str}", opt=operation("dataUpdate"))
    async def update(_id: FromPath[str]) -> str: return _id
    @patch("/todo/checkTask/{_id:str}", opt=operation("dataUpdate"))
    async def check(_id: FromPath[str]) -> str: return _id
    @delete("/todo/{_id:str}", opt=operation("dataDelete"))
    async def delete_one(_id: FromPath[str]) -> None: ...
    @delete("/todo/{_id:str}/hard", opt=operation("dataHardDelete"))
    async def hard(_id: FromPath[str]) -> None: ...

    @get("/book")
    async def books() -> list[str]: return []
    @get("/book/{id:str}")
    async def book(id: FromPath[str]) -> str: return id
    @put("/book/{id:str}")
    async def put_book(id: FromPath[str]) -> str: return id
    @patch("/book/{id:str}")
    async def patch_book(id: FromPath[str]) -> str: return id
    @get("/book/lend-out/{id:str}")
    async def lend_out(id: FromPath[str]) -> str: return id
    @post("/book/{id:str}/give_back")
    async def give_back(id: FromPath[str]) -> str: return id
    @get("/")
    async def root() -> str: return ""
    @head("/book/{id:str}/exists")
    async def exists(id: FromPath[str]) -> None: ...
    @get("/reading-list")
    async def reading_list() -> list[str]: return []

    @hookimpl
    def register_channels(scope): return Channel("todoCreated", str)
    @hookimpl
    def register_routes(scope):
        return [all_todos, one, create, update, check, delete_one, hard,
                books, book, put_book, patch_book, lend_out, give_back, root, exists, reading_list]
"""

TASKS = """
    from litestar import get
    @get("/task")
    async def tasks() -> list[str]: return ["a"]
    @get("/note")
    async def notes() -> list[str]: return []
    @hookimpl
    def register_routes(scope): return [tasks, notes]
"""


def _file(project: Project) -> str:
    done = project.host("generate-config", "--stdout")
    assert done.code == 0, done.stderr
    return done.stdout


def _config(text: str, constant: str) -> str:
    return text.partition(f"export const {constant} = {{")[2].partition("} as const satisfies")[0]


def _operations(project: Project, key: str) -> dict[tuple[str, str], str]:
    done = project.host("routes", "--json")
    rows: list[dict[str, Any]] = json.loads(done.stdout)["routes"]
    return {(row["method"], row["path"].removeprefix(f"/{key}")): row["operation"] for row in rows if row["plugin"] == key}


def test_R17_entity_and_operation_follow_from_method_and_path(project: Project) -> None:
    project.install("acme-shelf", SHELF)
    assert _operations(project, "acme__shelf") == {
        # raclette's examples.
        ("GET", "/todo/all"): "todo.getAll",
        ("GET", "/todo/{_id:str}"): "todo.get",
        ("POST", "/todo"): "todo.create",
        ("PATCH", "/todo/{_id:str}"): "todo.update",
        ("PATCH", "/todo/checkTask/{_id:str}"): "todo.updateCheckTask",
        ("DELETE", "/todo/{_id:str}"): "todo.delete",
        ("DELETE", "/todo/{_id:str}/hard"): "todo.deleteHard",
        # A trap: in raclette both of these are `get`. Here the list at the root of the entity is `getAll`.
        ("GET", "/book"): "book.getAll",
        ("GET", "/book/{id:str}"): "book.get",
        # raclette has no example of PUT; as `update` it would collide with PATCH.
        ("PUT", "/book/{id:str}"): "book.replace",
        ("PATCH", "/book/{id:str}"): "book.update",
        ("GET", "/book/lend-out/{id:str}"): "book.getLendOut",
        ("POST", "/book/{id:str}/give_back"): "book.createGiveBack",
        ("GET", ""): "shelf.getAll",
        ("HEAD", "/book/{id:str}/exists"): None,
        ("GET", "/reading-list"): "reading-list.getAll",
    }


def test_R17_two_routes_with_one_operation_are_an_error_that_names_both(project: Project) -> None:
    source = """
        from litestar import get
        from litestar.params import FromPath
        @get("/todo/{a:str}")
        async def one(a: FromPath[str]) -> str: return a
        @get("/todo/{b:str}/{c:str}")
        async def two(b: FromPath[str], c: FromPath[str]) -> str: return b + c
        @hookimpl
        def register_routes(scope): return [one, two]
    """
    project.install("acme-todo", source)
    refused = error(project)
    assert isinstance(refused, ConflictError)
    assert "GET /todo/{a:str} and GET /todo/{b:str}/{c:str} are both todo.get" in refused.message


def test_R17_a_route_may_set_the_name_of_its_operation(project: Project) -> None:
    source = TASKS.replace('@get("/task")', '@get("/task/all", opt=operation(name="getEvery"))')
    project.install("acme-todo", source)
    assert _operations(project, "acme__todo")["GET", "/task/all"] == "task.getEvery"


def test_R18_a_plugin_is_in_the_file_by_default(project: Project) -> None:
    project.install("acme-todo", TASKS)
    assert 'target: "/acme__todo/task"' in _config(_file(project), "acme__todo")


def test_R18_the_result_of_the_hook_replaces_the_default(project: Project) -> None:
    replaced = "@hookimpl\ndef generate_frontend(scope): return Frontend(entity_names={'task': 'duty'}, custom={'pages': [1, 2]})\n"
    project.install("acme-todo", TASKS + _indented(replaced))
    config = _config(_file(project), "acme__todo")
    assert "    duty: {" in config
    assert "    task: {" not in config
    assert "custom: { pages: [1, 2] }" in config


def test_R18_a_plugin_that_opts_out_serves_and_is_not_in_the_file(project: Project) -> None:
    project.install("acme-todo", TASKS + _indented("@hookimpl\ndef generate_frontend(scope): return Frontend(enabled=False)\n"))
    assert response_texts(project, "/acme__todo/task") == ['["a"]']
    assert "export const acme__todo" not in _file(project)
    assert "AcmeTodo" not in _file(project)


def test_R18_a_hook_that_returns_none_keeps_the_default(project: Project) -> None:
    project.install("acme-todo", TASKS + _indented("@hookimpl\ndef generate_frontend(scope): return None\n"))
    assert 'target: "/acme__todo/task"' in _config(_file(project), "acme__todo")


def test_R19_an_entity_is_renamed_and_its_datatype_is_not(project: Project) -> None:
    """``type`` stays the datatype, because stores and payloads use it as their key."""
    project.install("acme-todo", TASKS + _frontend("entity_names={'task': 'duty'}"))
    config = _config(_file(project), "acme__todo")
    assert re.search(r'    duty: \{\n      type: "task",', config)


def test_R19_renaming_an_entity_to_its_own_name_changes_nothing(project: Project) -> None:
    project.install("acme-todo", TASKS)
    plain = _file(project)
    project.install("acme-todo", TASKS + _frontend("entity_names={'task': 'task'}"))
    assert _file(project) == plain


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("{'tusk': 'duty'}", "renames the entity 'tusk', which no route has; did you mean 'task'?"),
        ("{'task': 'note'}", "the entities 'note' and 'task' are both called 'note'"),
    ],
)
def test_R19_an_impossible_mapping_is_refused(project: Project, names: str, message: str) -> None:
    project.install("acme-todo", TASKS + _frontend(f"entity_names={names}"))
    refused = error(project)
    assert isinstance(refused, FrontendError)
    assert message in refused.message


def test_R19_two_entities_with_one_new_name_are_refused(project: Project) -> None:
    project.install("acme-todo", TASKS + _frontend("entity_names={'task': 'x', 'note': 'x'}"))
    assert "entity_names gives the same name to two entities: x" in error_block(error(project))


def test_R19_the_prefix_is_that_of_the_settings(project: Project) -> None:
    """raclette passes ``routePrefix`` to the generator, and it may differ from the served prefix; here both are one setting."""
    project.install("acme-todo", TASKS)
    project.configure('[plugins.acme__todo]\nprefix = "/things"\n')
    config = _config(_file(project), "acme__todo")
    assert 'routePrefix: "/things"' in config
    assert 'target: "/things/task"' in config
    assert response_texts(project, "/things/task") == ['["a"]']


def test_R20_the_object_has_raclettes_field_names_and_no_path_of_the_machine(project: Project) -> None:
    """raclette also writes the directory of the plugin in its container; here the file contains no directories."""
    project.install("acme-shelf", SHELF, version="2.1.0")
    text = _file(project)
    config = _config(text, "acme__shelf")
    for line in ('pluginName: "shelf"', 'author: "acme"', 'pluginKey: "acme__shelf"', 'routePrefix: "/acme__shelf"'):
        assert f"  {line},\n" in config
    assert 'getAll: { target: "/acme__shelf/todo/all", method: "get", storeActionType: "dataRead"' in config
    assert "target: (payload: { _id: string }): string => `/acme__shelf/todo/${encodeURIComponent(payload._id)}`" in config
    assert 'channels: [{ channel: "acme__shelf--todoCreated", channelKey: "todoCreated", prefix: "acme__shelf" }]' in config
    assert "pluginPath" not in text
    assert str(project.directory.parent) not in text


def test_R20_channels_and_store_action_are_written_only_if_the_route_declares_them(project: Project) -> None:
    project.install("acme-shelf", SHELF)
    config = _config(_file(project), "acme__shelf")
    lines = {line.strip() for line in config.splitlines()}
    (book,) = [line for line in lines if line.startswith("getLendOut:")]
    assert "storeActionType" not in book
    assert "channels" not in book


def test_R20_one_file_has_a_section_for_each_plugin(project: Project) -> None:
    """raclette writes a file per plugin. One file has one runtime, and types that refer to each other without imports."""
    project.install("acme-todo", TASKS)
    project.install("acme-shelf", SHELF)
    text = _file(project)
    assert text.startswith("// @generated by `host generate-config` from acme__shelf 1.0.0, acme__todo 1.0.0. Do not edit.\n")
    assert "\nimport " not in text
    for key in ("acme__shelf", "acme__todo"):
        assert text.count(f"export const {key} = ") == 1


def test_R20_the_bytes_depend_only_on_the_plugins(project: Project, tmp_path: Path) -> None:
    other = Project.at(tmp_path / "other")
    for name, source in (("acme-todo", TASKS), ("acme-shelf", SHELF)):
        project.install(name, source)
    for name, source in (("acme-shelf", SHELF), ("acme-todo", TASKS)):
        other.install(name, source)
    project.environ |= {"PYTHONHASHSEED": "1", "TZ": "Asia/Kolkata", "LC_ALL": "C"}
    other.environ |= {"PYTHONHASHSEED": "2", "TZ": "America/New_York", "LC_ALL": "C.UTF-8"}
    assert _file(project) == _file(other)


def test_R20_an_up_to_date_file_is_not_touched(project: Project) -> None:
    project.install("acme-todo", TASKS)
    path = project.directory / "generated-config.ts"
    assert "written" in project.host("generate-config").stdout
    before = path.stat()
    assert "unchanged" in project.host("generate-config").stdout
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_R20_the_file_is_replaced_atomically(project: Project) -> None:
    """A reader never sees half a file: the new file is written elsewhere and then replaces the old one."""
    project.install("acme-todo", TASKS)
    path = project.directory / "generated-config.ts"
    path.write_text("// old\n", encoding="utf-8")
    path.chmod(0o640)
    before = path.stat()
    with path.open(encoding="utf-8") as reader:
        project.host("generate-config")
        assert reader.read() == "// old\n"
    assert path.stat().st_ino != before.st_ino
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [path.name for path in project.directory.iterdir() if "generated" in path.name] == ["generated-config.ts"]


def _indented(source: str) -> str:
    return "".join(f"    {line}\n" for line in source.splitlines())


def _frontend(arguments: str) -> str:
    return _indented(f"@hookimpl\ndef generate_frontend(scope): return Frontend({arguments})\n")
