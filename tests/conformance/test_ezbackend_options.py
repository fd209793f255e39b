"""Options of plugins: defaults, file, environment; and settings that nobody reads are refused."""

from __future__ import annotations

from typing import Any

import pytest

from host import Host
from host.common.errors import OptionsError, SettingsError, UnknownPluginError
from tests.conformance.kit import error, in_host
from tests.distributions import Project

OPTIONS = """
    from pydantic import BaseModel

    class Mail(BaseModel):
        server: str = "localhost"
        port: int = 25
    class Options(BaseModel):
        page_size: int = 20
        mail: Mail = Mail()
    class Strict(Options):
        api_key: str

    @hookimpl
    def plugin_options(): return CLASS
"""


def install(project: Project, options: str = "", cls: str = "Options") -> None:
    project.install("acme-todo", OPTIONS.replace("CLASS", cls))
    project.configure(f"[plugins.acme__todo.options]\n{options}\n" if options else "")


def options(project: Project) -> Any:
    async def seen(host: Host) -> Any:
        return host.plugins["acme__todo"].scope.options.model_dump()

    return in_host(project, seen)


def test_E12_defaults_hold_where_nothing_is_given(project: Project) -> None:
    install(project)
    assert options(project) == {"page_size": 20, "mail": {"server": "localhost", "port": 25}}


def test_E12_what_the_file_gives_is_merged_in_depth(project: Project) -> None:
    install(project, "mail = { port = 587 }")
    assert options(project) == {"page_size": 20, "mail": {"server": "localhost", "port": 587}}


def test_E12_the_environment_gives_what_the_file_names(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """EzBackend reads ``.env`` by itself, and every variable may change any plugin. Here the file says which option comes from
    which variable, so one sees in one place what a start depends on; a ``.env`` is for the shell or the container to read.
    """
    install(project, 'api_key = { env = "TODO_KEY" }\nmail = { server = { env = "TODO_MAIL" } }', cls="Strict")
    (project.directory / ".env").write_text("TODO_KEY=file\n", encoding="utf-8")
    monkeypatch.setenv("TODO_KEY", "secret")
    monkeypatch.setenv("TODO_MAIL", "mail.example")
    found = options(project)
    assert (found["api_key"], found["mail"]) == ("secret", {"server": "mail.example", "port": 25})


def test_E12_a_variable_that_is_not_set_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TODO_KEY", raising=False)
    install(project, 'api_key = { env = "TODO_KEY" }', cls="Strict")
    found = error(project)
    assert isinstance(found, OptionsError)
    assert "the environment variable TODO_KEY is not set" in found.message
    assert found.fix == "export TODO_KEY=…"


def test_E12_options_without_default_that_nobody_gives_are_an_error_that_says_how(project: Project) -> None:
    install(project, cls="Strict")
    found = error(project)
    assert isinstance(found, OptionsError)
    assert found.plugin == "acme__todo"
    assert "option 'api_key'" in found.message
    assert found.key == "plugins.acme__todo.options.api_key"


def test_E12_an_unknown_option_is_refused_with_the_nearest_name(project: Project) -> None:
    install(project, "page_sise = 50")
    found = error(project)
    assert isinstance(found, OptionsError)
    assert (found.key, found.line, found.fix) == ("plugins.acme__todo.options.page_sise", 2, "did you mean 'page_size'?")


def test_E12_options_of_a_plugin_that_takes_none_are_refused(project: Project) -> None:
    project.install("acme-todo")
    project.configure("[plugins.acme__todo]\noptions = { size = 1 }\n")
    assert "takes no options" in error(project).message


@pytest.mark.parametrize(
    ("text", "kind", "fix"),
    [
        ("[plugins.acme__tood]\n", UnknownPluginError, "did you mean 'acme__todo'?"),
        ("[plugins.acme__todo]\noption = { a = 1 }\n", SettingsError, "did you mean 'options'?"),
        ("[databse]\n", SettingsError, "did you mean 'database'?"),
    ],
)
def test_E12_an_unknown_section_is_refused_with_the_nearest_name(
    project: Project, text: str, kind: type[SettingsError], fix: str
) -> None:
    install(project)
    project.configure(text)
    with pytest.raises(kind) as caught:
        options(project)
    assert caught.value.fix.startswith(fix)
    assert caught.value.file == project.directory / "host.toml"


def test_E12_the_table_may_be_named_by_the_distribution(project: Project) -> None:
    """EzBackend makes the section's name from the class; here it is the key, or the name that one gives to pip."""
    project.install("acme-todo", OPTIONS.replace("CLASS", "Options"))
    project.configure("[plugins.acme-todo]\noptions = { page_size = 3 }\n")
    assert options(project)["page_size"] == 3
