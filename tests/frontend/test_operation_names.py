"""The names of operations, and the ones that are refused before an application exists."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookspecs import Frontend, operation
from host.common.errors import ConflictError, FrontendError
from host.frontend.calls.operations import check_operations, name_operations, operation_of, rename_entities


@pytest.mark.parametrize(
    ("method", "path", "entity", "name"),
    [
        # The naming rules of raclette, in Litestar's notation.
        ("GET", "/todo/all", "todo", "getAll"),
        ("GET", "/todo/{_id:str}", "todo", "get"),
        ("POST", "/todo", "todo", "create"),
        ("PATCH", "/todo/{_id:str}", "todo", "update"),
        ("PATCH", "/todo/checkTask/{_id:str}", "todo", "updateCheckTask"),
        ("DELETE", "/todo/{_id:str}", "todo", "delete"),
        ("DELETE", "/todo/{_id:str}/hard", "todo", "deleteHard"),
        # The additions of this project.
        ("GET", "/todo", "todo", "getAll"),
        ("PUT", "/todo/{id:str}", "todo", "replace"),
        ("GET", "/todo/check-task", "todo", "getCheckTask"),
        ("GET", "/todo/check_task", "todo", "getCheckTask"),
        ("GET", "/todo/{id:int}/comments/{comment:int}/likes", "todo", "getCommentsLikes"),
        ("POST", "/todo/{id:int}/v1.2", "todo", "createV12"),
        ("GET", "/todo-list/{path:path}", "todo-list", "get"),
        ("get", "todo/", "todo", "getAll"),
        ("GET", "/", "", "getAll"),
        ("POST", "", "", "create"),
        ("GET", "/{id:uuid}", "", "get"),
        ("DELETE", "/{id:uuid}/hard", "", "deleteHard"),
    ],
)
def test_method_and_path_determine_entity_and_operation(method: str, path: str, entity: str, name: str) -> None:
    named = operation_of(method, path)
    assert named is not None
    assert (named.entity, named.name) == (entity, name)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "ASGI"])
def test_other_methods_are_not_operations(method: str) -> None:
    assert operation_of(method, "/todo") is None


segments = st.lists(
    st.one_of(st.text(st.characters(exclude_characters="/{}", exclude_categories=["Cs"]), min_size=1), st.just("{id:str}")),
    max_size=5,
)


@settings(deadline=None)
@given(method=st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE"]), path=segments)
def test_parameters_never_appear_in_a_name(method: str, path: list[str]) -> None:
    with_them = operation_of(method, "/entity/x/" + "/".join(path))
    without = operation_of(method, "/entity/x/" + "/".join(segment for segment in path if segment != "{id:str}"))
    assert with_them == without


@settings(deadline=None)
@given(method=st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE"]), path=segments)
def test_a_name_begins_with_its_verb_and_has_no_separators(method: str, path: list[str]) -> None:
    named = operation_of(method, "/" + "/".join(path))
    assert named is not None
    assert re.fullmatch(r"(get|create|update|replace|delete)[^\W_]*", named.name)


@settings(deadline=None)
@given(path=segments)
def test_leading_and_trailing_slashes_do_not_change_the_name(path: list[str]) -> None:
    joined = "/".join(path)
    assert operation_of("GET", joined) == operation_of("GET", f"//{joined}//")


def test_the_plugin_is_the_entity_of_its_root_route() -> None:
    (named,) = name_operations("acme__todo", [("GET", "/", {})])
    assert (named.entity, named.name) == ("todo", "getAll")


def test_operation_overrides_the_name() -> None:
    (named,) = name_operations("acme__todo", [("POST", "/task/{id:str}/done", operation("dataUpdate", name="finish"))])
    assert (named.name, named.store_action) == ("finish", "dataUpdate")


def test_the_error_for_two_operations_of_the_same_name_names_both_routes() -> None:
    with pytest.raises(ConflictError) as caught:
        name_operations("acme__todo", [("GET", "/task/{a:str}", {}), ("POST", "/task", {}), ("GET", "/task/{b:str}/{c:str}", {})])
    assert caught.value.message == (
        "two routes of acme__todo have the same name: GET /task/{a:str} and GET /task/{b:str}/{c:str} are both task.get"
    )
    assert caught.value.owners == ("acme__todo", "acme__todo")


def test_the_root_route_clashes_with_an_entity_of_the_plugins_name() -> None:
    with pytest.raises(ConflictError, match=r"GET / and GET /todo are both todo\.getAll"):
        name_operations("acme__todo", [("GET", "/", {}), ("GET", "/todo", {})])


def test_an_override_resolves_a_clash() -> None:
    named = name_operations("acme__todo", [("GET", "/task", {}), ("GET", "/task/all", operation(name="getEvery"))])
    assert [operation.name for operation in named] == ["getAll", "getEvery"]


def test_an_opt_that_was_not_made_by_operation_is_refused() -> None:
    with pytest.raises(FrontendError, match="acme__todo: GET /task has the opt operation 'dataRead'"):
        name_operations("acme__todo", [("GET", "/task", {"operation": "dataRead"})])


def test_an_unknown_store_action_is_refused() -> None:
    with pytest.raises(FrontendError, match="did you mean 'dataRead'"):
        name_operations("acme__todo", [("GET", "/task", {"operation": {"store_action": "dataReed"}})])


def test_the_error_for_a_broadcast_on_an_undeclared_channel_names_the_declared_channels() -> None:
    routes = [("POST", "/task", operation(broadcast=["taskCreate"]))]
    with pytest.raises(FrontendError) as caught:
        check_operations("acme__todo", routes, channels={"taskCreated", "gone"}, frontend=Frontend())
    assert caught.value.message == (
        "acme__todo: POST /task broadcasts on 'taskCreate', which the plugin does not declare; "
        "it declares gone, taskCreated; did you mean 'taskCreated'?"
    )


def test_a_channel_may_not_be_named_any() -> None:
    with pytest.raises(FrontendError, match="acme__todo: a channel is called 'any'"):
        check_operations("acme__todo", [], channels={"any", "other"}, frontend=Frontend())


def test_a_plugin_that_is_not_in_the_file_is_not_checked() -> None:
    routes = [("GET", "/task", {}), ("GET", "/task/all", operation(broadcast=["nowhere"]))]
    assert check_operations("acme__todo", routes, channels=(), frontend=Frontend(enabled=False)) == ()


def test_entities_can_be_renamed() -> None:
    named = name_operations("acme__todo", [("GET", "/task", {}), ("GET", "/note", {})])
    assert rename_entities("acme__todo", named, {"task": "duty"}) == {"note": "note", "task": "duty"}


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"tusk": "duty"}, "renames the entity 'tusk', which no route has; did you mean 'task'?"),
        ({"task": "note"}, "the entities 'note' and 'task' are both called 'note'"),
        ({"task": "on"}, "the entity 'task' would be called 'on', which is reserved for the plugin's channels"),
    ],
)
def test_an_invalid_renaming_is_refused(mapping: dict[str, str], message: str) -> None:
    named = name_operations("acme__todo", [("GET", "/task", {}), ("GET", "/note", {})])
    with pytest.raises(FrontendError, match=re.escape(message)):
        rename_entities("acme__todo", named, mapping)
