"""Keys of plugins, and prefixes of their routes (rows R7, R8)."""

from __future__ import annotations

import pytest

from host import Host
from host.common.errors import ConflictError, DuplicatePluginError, InvalidKeyError, SettingsError
from tests.conformance.kit import ANSWERING, error, errors, get, in_host
from tests.distributions import Project


@pytest.mark.parametrize(
    ("key", "author", "name"),
    [
        ("acme__cart", "acme", "cart"),
        ("pacifico__example_todo", "pacifico", "example_todo"),
        ("my_team__v2", "my_team", "v2"),
    ],
)
def test_R7_the_key_is_author_and_name(project: Project, key: str, author: str, name: str) -> None:
    project.install("any-distribution", ANSWERING, key=key)

    async def halves(host: Host) -> tuple[str, str, str]:
        scope = host.plugins[key].scope
        return scope.author, scope.name, scope.distribution

    assert in_host(project, halves) == (author, name, "any-distribution")


@pytest.mark.parametrize(
    "key",
    [
        "todo",  # no author
        "acme_todo",  # one underscore
        "acme__",
        "__todo",
        "acme__todo__list",
        "acme___todo",
        "Acme__todo",
        "acme__Todo",
        "acme__example-todo",  # as in raclette's newest example; not an identifier in Python or TypeScript
        "plugin/acme__todo",
        "2acme__todo",
        "acme__tödo",
    ],
)
def test_R7_a_key_of_any_other_form_is_refused(project: Project, key: str) -> None:
    """raclette's documents disagree on the form, and it checks none; here there is one form, and nothing is normalised."""
    project.install("acme-todo", ANSWERING, key=key)
    failure = error(project)
    assert isinstance(failure, InvalidKeyError)
    assert (failure.plugin, failure.distribution) == (key, "acme-todo")


def test_R7_two_distributions_with_one_key_are_both_named(project: Project) -> None:
    project.install("acme-todo", ANSWERING, key="acme__todo")
    project.install("evil-todo", ANSWERING, key="acme__todo", version="6.6")
    failure = error(project)
    assert isinstance(failure, DuplicatePluginError)
    assert "acme-todo 1.0.0 and evil-todo 6.6" in failure.message
    assert "host plugins disable" in failure.fix


def test_R7_one_of_two_plugins_with_one_key_is_disabled_by_its_distribution(project: Project) -> None:
    project.install("acme-todo", ANSWERING, key="acme__todo")
    project.install("evil-todo", ANSWERING, key="acme__todo")
    project.configure('[plugins]\ndisabled = ["evil-todo"]\n')
    assert get(project, "/acme__todo")[0].text == "acme__todo"


def test_R7_one_distribution_may_have_several_plugins(project: Project) -> None:
    project.install(
        "acme-suite",
        {
            name: "from hookspecs import Scope, hookimpl\n" + ANSWERING.replace("\n    ", "\n")
            for name in ("acme_a.py", "acme_b.py")
        },
        plugins={"acme__a": "acme_a", "acme__b": "acme_b"},
    )
    assert [answer.text for answer in get(project, "/acme__a", "/acme__b")] == ["acme__a", "acme__b"]


def test_R8_all_routes_are_below_the_key(project: Project) -> None:
    project.install("acme-todo", ANSWERING.replace('"/"', '"/todo/all"'))
    answers = get(project, "/acme__todo/todo/all", "/todo/all", "/plugin/acme__todo/todo/all")
    assert [answer.status_code for answer in answers] == [200, 404, 404]


@pytest.mark.parametrize("path", ["/../acme__other/x", "//acme__other/x", "/acme__other/x"])
def test_R8_a_plugin_cannot_leave_its_prefix(project: Project, path: str) -> None:
    project.install("acme-todo", ANSWERING.replace('"/"', repr(path)))
    project.install("acme-other", ANSWERING)

    async def outside(host: Host) -> set[str]:
        return {route.path for route in host.app.routes if "acme" in route.path and not route.path.startswith("/acme__todo/")}

    assert in_host(project, outside) == {"/acme__other"}


def test_R8_the_settings_may_set_another_prefix(project: Project) -> None:
    """In raclette the plugin's own code overrides it; here the operator of the host does, so no plugin takes another's path."""
    project.install("acme-todo", ANSWERING)
    project.configure('[plugins.acme__todo]\nprefix = "/v1/todo"\n')
    assert [answer.status_code for answer in get(project, "/v1/todo", "/acme__todo")] == [200, 404]


@pytest.mark.parametrize(("first", "second"), [("/tasks", "/tasks"), ("/tasks", "/tasks/list"), ("/tasks/list", "/tasks")])
def test_R8_overlapping_prefixes_are_refused_and_both_owners_named(project: Project, first: str, second: str) -> None:
    project.install("acme-a", ANSWERING)
    project.install("acme-b", ANSWERING)
    project.configure(f'[plugins.acme__a]\nprefix = "{first}"\n[plugins.acme__b]\nprefix = "{second}"\n')
    failure = next(error for error in errors(project) if isinstance(error, ConflictError))
    assert f"{first} of acme__a" in failure.message
    assert f"{second} of acme__b" in failure.message


def test_R8_prefixes_that_share_only_their_first_characters_do_not_overlap(project: Project) -> None:
    project.install("acme-a", ANSWERING)
    project.install("acme-b", ANSWERING)
    project.configure('[plugins.acme__a]\nprefix = "/task"\n[plugins.acme__b]\nprefix = "/tasks"\n')
    assert [answer.text for answer in get(project, "/task", "/tasks")] == ["acme__a", "acme__b"]


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        *((reserved, "is reserved") for reserved in ("/health", "/schema/todo", "/channels", "/metrics")),
        *((invalid, "is not a path of its own") for invalid in ("/", "/a b", "/{id}")),
    ],
)
def test_R8_reserved_paths_the_root_and_invalid_prefixes_are_refused(project: Project, prefix: str, message: str) -> None:
    project.install("acme-todo", ANSWERING)
    project.configure(f'[plugins.acme__todo]\nprefix = "{prefix}"\n')
    with pytest.raises(SettingsError, match=message):
        get(project, "/")
