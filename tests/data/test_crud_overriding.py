"""Each guard, option and operation of ``crud`` can be replaced by itself; the rest stays."""

from __future__ import annotations

from types import new_class
from typing import Any

import pytest
from litestar import get

from hookspecs import authenticated
from hookspecs.values import CHANNELS
from host import Host
from host.data import CrudController, Document, crud
from tests.data.cruds import Client, during, install, item, items
from tests.distributions import Project


class Thing(Document):
    """A document."""

    title: str


@pytest.mark.parametrize("argument", ["only", "exclude"])
def test_an_unknown_operation_is_refused_with_the_nearest_name(argument: str) -> None:
    with pytest.raises(ValueError, match=f"{argument} names the operation 'updat', .* did you mean 'update'"):
        crud(Thing, **{argument: ["updat"]})  # type: ignore[arg-type]


@pytest.mark.parametrize(("argument", "value"), [("guards", []), ("options", {}), ("replace", print)])
def test_options_of_an_unknown_operation_are_refused(argument: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{argument} names the operation 'remove'"):
        crud(Thing, **{argument: {"remove": value}})


def test_options_of_an_excluded_operation_are_refused() -> None:
    with pytest.raises(ValueError, match="options names the operation 'create'"):
        crud(Thing, exclude=["create"], options={"create": {"summary": "x"}})


def test_a_string_instead_of_a_list_of_operations_is_refused() -> None:
    with pytest.raises(TypeError, match=r"only takes a list of operations: \['get'\]"):
        crud(Thing, only="get")


def test_a_crud_without_operations_is_an_error() -> None:
    with pytest.raises(ValueError, match="no operation is left"):
        crud(Thing, only=["get"], exclude=["get"])


def test_only_documents_of_the_host_have_routes() -> None:
    with pytest.raises(TypeError, match=r"crud takes a subclass of host\.data\.Document, not <class 'int'>"):
        crud(int)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "guarded"),
    [
        ({"guards": [authenticated]}, True),
        ({"guards": {"get": [authenticated]}}, True),
        ({"options": {"getAll": {"guards": [authenticated]}}}, True),
        ({"guards": {"create": [authenticated]}}, False),
        ({"guards": {"create": [authenticated]}, "only": ["create"]}, True),
    ],
)
def test_the_guards_of_reading_protect_the_channels(arguments: dict[str, Any], guarded: bool) -> None:
    handler: Any = crud(Thing, **arguments).create
    assert [channel.guards for channel in handler.opt[CHANNELS]] == [(authenticated,) if guarded else ()] * 4


def test_options_that_a_replacing_handler_would_ignore_are_refused() -> None:
    @get("/")
    async def own() -> None: ...

    with pytest.raises(ValueError, match="getAll is replaced by a handler, which brings its own guards and options"):
        crud(Thing, replace={"getAll": own}, options={"getAll": {"summary": "x"}})


def routes(host: Host) -> set[str]:
    """Return the operations of the plugin."""
    return {operation.endpoint for operation in host.boot.contributions[0].operations}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("only=['getAll', 'get']", {"GET /task", "GET /task/{id:uuid}"}),
        ("exclude=['deleteHard', 'restore', 'update', 'create', 'delete']", {"GET /task", "GET /task/{id:uuid}"}),
        ("only=['create'], path='/job'", {"POST /job"}),
    ],
)
def test_the_routes_are_those_that_were_chosen(arguments: str, expected: set[str], project: Project, mongo: str) -> None:
    install(project, mongo, f"ROUTES = crud(Task, {arguments})")

    async def look(host: Host, _ask: Client) -> set[str]:
        return routes(host)

    assert during(project, look) == expected


GUARDS = """
def refuse(connection: Any, _handler: Any) -> None:
    if "x-pass" not in connection.headers:
        raise PermissionDeniedException("no pass")
"""


def statuses(project: Project, *calls: tuple[Any, ...]) -> list[int]:
    """Return the statuses of some requests."""

    async def run(_host: Host, ask: Client) -> list[int]:
        return [(await ask(*call)).status_code for call in calls]

    return during(project, run)


def test_guards_for_all_operations(project: Project, mongo: str) -> None:
    install(project, mongo, f"{GUARDS}\nROUTES = crud(Task, guards=[refuse])")
    assert statuses(project, ("GET", "/task"), ("POST", "/task", {"title": "a"})) == [403, 403]


def test_guards_for_one_operation(project: Project, mongo: str) -> None:
    install(project, mongo, f"{GUARDS}\nROUTES = crud(Task, guards={{'create': [refuse]}})")
    assert statuses(project, ("GET", "/task"), ("POST", "/task", {"title": "a"})) == [200, 403]


def test_options_of_one_operation(project: Project, mongo: str) -> None:
    more = """
async def mark(response: Any) -> Any:
    response.headers["x-marked"] = "yes"
    return response

ROUTES = crud(Task, options={"create": {"status_code": 202, "after_request": mark, "opt": {"mine": 1}, "raises": [HTTPException]}})
"""
    install(project, mongo, more)

    async def run(host: Host, ask: Client) -> None:
        created, read = await ask("POST", "/task", {"title": "a"}), await ask("GET", "/task")
        assert (created.status_code, created.headers.get("x-marked")) == (202, "yes")
        assert (read.status_code, read.headers.get("x-marked")) == (200, None)
        (create,) = (operation for operation in host.boot.contributions[0].operations if operation.name == "create")
        assert (create.store_action, create.broadcast) == ("dataCreate", ("taskCreated",))

    during(project, run)


def test_one_operation_is_replaced_by_a_function(project: Project, mongo: str) -> None:
    more = """
async def latest(self: Any, plugin_scope: Scope) -> Payload[Task]:
    return await plugin_scope.payload([], model=Task)

ROUTES = crud(Task, replace={"getAll": latest}, guards={"getAll": []})
"""
    install(project, mongo, more)

    async def run(_host: Host, ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}))
        assert items(await ask("GET", "/task")) == []
        assert item(await ask("GET", f"/task/{row['id']}")) == row

    during(project, run)


def test_one_operation_is_replaced_by_a_handler_with_a_path_of_its_own(project: Project, mongo: str) -> None:
    more = """
TaskCreate = create_type(Task)

@post("/import", opt=operation("dataCreate", broadcast=["taskCreated"]), status_code=201)
async def bring(
    self: CrudController, plugin_scope: Scope, request_data: RequestData, data: JSONBody[TaskCreate]
) -> Payload[Task]:
    return await self.entities(plugin_scope).create(data, request_data)

ROUTES = crud(Task, replace={"create": bring})
"""
    install(project, mongo, more)
    assert statuses(project, ("POST", "/task/import", {"title": "a"}), ("POST", "/task", {"title": "a"})) == [201, 405]


@pytest.mark.parametrize("base", ["crud(Task)", "CrudController[Task]"])
def test_a_subclass_of_the_controller_overrides_one_operation(base: str, project: Project, mongo: str) -> None:
    more = f"""
class Tasks({base}):
    @get("/")
    async def get_all(self, plugin_scope: Scope) -> Payload[Task]:
        return await plugin_scope.payload([], model=Task)

ROUTES = Router("/inner", route_handlers=[Tasks])
"""
    install(project, mongo, more)

    async def run(_host: Host, ask: Client) -> None:
        row = item(await ask("POST", "/inner/task", {"title": "a"}))
        assert items(await ask("GET", "/inner/task")) == []
        assert item(await ask("GET", f"/inner/task/{row['id']}")) == row

    during(project, run)


def test_a_function_in_the_body_of_a_subclass_keeps_the_path_and_all_other_defaults(project: Project, mongo: str) -> None:
    more = """
class Tasks(CrudController[Task], path="/job", only=["getAll", "create"]):
    async def get_all(self, plugin_scope: Scope) -> Payload[Task]:
        return await plugin_scope.payload([], model=Task)

class More(Tasks):
    path = "/more"

ROUTES = [Tasks, More]
"""
    install(project, mongo, more)

    async def run(host: Host, ask: Client) -> None:
        assert routes(host) == {"GET /job", "POST /job", "GET /more", "POST /more"}
        assert (await ask("POST", "/job", {"title": "a"})).status_code == 201
        assert items(await ask("GET", "/job")) == []

    during(project, run)


def test_a_subclass_takes_options_with_a_document_class_only() -> None:
    with pytest.raises(TypeError, match=r"Things takes options only directly below CrudController\["):
        type("Things", (crud(Thing),), {}, only=["get"])


def test_a_base_class_of_something_else_is_refused() -> None:
    base: Any = CrudController
    with pytest.raises(TypeError, match=r"CrudController takes a subclass of host\.data\.Document, not <class 'int'>"):
        new_class("Things", (base[int],))


def test_options_that_a_handler_in_the_body_would_ignore_are_refused() -> None:
    @get("/")
    async def own(self: Any) -> None: ...

    base: Any = CrudController
    with pytest.raises(ValueError, match="getAll is replaced by a handler, which brings its own guards and options"):
        new_class("Things", (base[Thing],), {"guards": [authenticated]}, lambda body: body.update(get_all=own))


SERVICE = """
class Tasks(EntityService[Task]):
    def within(self, request_data: RequestData) -> dict[str, Any]:
        return {"account": request_data.project or "none"}

    def make(self, data: Create, request_data: RequestData) -> Task:
        return super().make(data, request_data, account=request_data.project or "none")

    async def delete(self, identifier: str, request_data: RequestData) -> Payload[Task]:
        raise PermissionDeniedException("nothing is ever deleted")

ROUTES = crud(Task, service=Tasks)
"""


def test_a_service_decides_what_there_is_for_a_request(project: Project, mongo: str) -> None:
    install(project, mongo, SERVICE)

    async def run(_host: Host, ask: Client) -> None:
        mine, other = {"headers": {"x-project": "a"}}, {"headers": {"x-project": "b"}}
        row = item(await ask("POST", "/task", {"title": "a"}, **mine))
        one = f"/task/{row['id']}"
        assert row["account"] == "a"
        assert items(await ask("GET", "/task", **other)) == []
        for call in [("GET", one), ("PATCH", one, {"title": "b"}), ("DELETE", f"{one}/hard"), ("POST", f"{one}/restore")]:
            assert (await ask(*call, **other)).status_code == 404, call
        assert item(await ask("GET", one, **mine))["version"] == 1

    during(project, run)


def test_a_filter_of_a_client_does_not_widen_that_of_the_service(project: Project, mongo: str) -> None:
    more = """
class Tasks(EntityService[Task]):
    async def read_all(self, listing: Listing, request_data: RequestData) -> Payload[Task]:
        query = {"title": "seen", "tags": "seen"}
        return await super().read_all(replace(listing, query=query), request_data)

from dataclasses import replace
ROUTES = crud(Task, service=Tasks)
"""
    install(project, mongo, more)

    async def run(_host: Host, ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "seen", "tags": ["seen", "x"]}))
        await ask("POST", "/task", {"title": "hidden", "tags": ["hidden", "seen"]})
        await ask("POST", "/task", {"title": "seen", "tags": ["hidden"]})
        assert items(await ask("GET", "/task?title=seen&tags=x")) == [row]
        assert items(await ask("GET", "/task?title=hidden")) == items(await ask("GET", "/task?tags=hidden")) == []

    during(project, run)


def test_a_service_overrides_one_operation(project: Project, mongo: str) -> None:
    install(project, mongo, SERVICE)

    async def run(_host: Host, ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}))
        assert (await ask("DELETE", f"/task/{row['id']}")).status_code == 403
        assert item(await ask("PATCH", f"/task/{row['id']}", {"title": "b"}))["title"] == "b"

    during(project, run)


def test_a_service_creates_within_a_transaction(project: Project, mongo: str) -> None:
    more = """
class Quota(Document):
    title: str
    left: int

class Tasks(EntityService[Task]):
    async def create(self, data: Create, request_data: RequestData) -> Payload[Task]:
        return await self.scope.transaction(self._counted, data, request_data)

    async def _counted(self, data: Create, request_data: RequestData) -> Payload[Task]:
        made = await super().create(data, request_data)
        quota = await Quota.find_one()
        if quota.left == 0:
            raise HTTPException("nothing left", status_code=402)
        await Quota.change({"_id": quota.id}, {"left": quota.left - 1})
        return made

ROUTES = [crud(Task, service=Tasks), crud(Quota)]
"""
    install(project, mongo, more, models="Task, Quota")

    async def run(_host: Host, ask: Client) -> None:
        await ask("POST", "/quota", {"title": "q", "left": 1})
        assert [(await ask("POST", "/task", {"title": "a"})).status_code for _ in range(2)] == [201, 402]
        assert len(items(await ask("GET", "/task"))) == 1
        assert items(await ask("GET", "/quota"))[0]["left"] == 0

    during(project, run)


def test_a_service_named_as_a_field_does_not_hide_the_filter(project: Project, mongo: str) -> None:
    more = """
@hookimpl
def register_services(): return {"status": "a service", "cursor": "another"}

ROUTES = crud(Task)
"""
    install(project, mongo, more)
    assert statuses(project, ("GET", "/task?status=open"), ("GET", "/task?status=nope")) == [200, 400]


def test_fields_may_have_names_that_litestar_or_python_reserve(project: Project, mongo: str) -> None:
    more = """
class Odd(Document):
    title: str = "odd"
    data: str = ""
    request: str = ""
    state: str = ""
    plugin_scope: str = ""
    sort: str = ""
    limit: int = 0
    in_: Annotated[str, Field(alias="in")] = ""
    kebab: Annotated[str, Field(alias="kebab-case")] = ""

ROUTES = crud(Odd)
"""
    install(project, mongo, more, models="Odd")

    async def run(_host: Host, ask: Client) -> None:
        body = {
            "data": "d",
            "request": "r",
            "state": "s",
            "pluginScope": "p",
            "sort": "o",
            "limit": 7,
            "in": "i",
            "kebab-case": "k",
        }
        row = item(await ask("POST", "/odd", body))
        assert {name: row[name] for name in body} == body
        query = "data=d&request=r&state=s&pluginScope=p&in=i&kebab-case=k"
        assert items(await ask("GET", f"/odd?{query}&sort=data&limit=1")) == [row]
        assert items(await ask("GET", "/odd?kebab-case=x")) == []

    during(project, run)


def test_two_classes_under_one_first_segment_have_names_of_their_own(project: Project, mongo: str) -> None:
    more = """
class Note(Document):
    title: str

ROUTES = [crud(Task, path="/admin/task"), crud(Note, path="/admin/{area:str}/my-note", only=["getAll", "restore"])]
"""
    install(project, mongo, more, models="Task, Note")

    async def look(host: Host, _ask: Client) -> set[str]:
        return {f"{operation.entity}.{operation.name}" for operation in host.boot.contributions[0].operations}

    own = {"getAllTask", "getTask", "createTask", "updateTask", "deleteTask", "deleteHardTask", "restoreTask"}
    assert during(project, look) == {f"admin.{name}" for name in own | {"getAllMyNote", "restoreMyNote"}}
