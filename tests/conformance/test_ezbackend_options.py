"""Options of plugins: defaults, file, environment; unknown settings are refused (row E12)."""

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
    async def read(host: Host) -> Any:
        return host.plugins["acme__todo"].scope.options.model_dump()

    return in_host(project, read)


def test_E12_options_without_a_value_have_their_defaults(project: Project) -> None:
    install(project)
    assert options(project) == {"page_size": 20, "mail": {"server": "localhost", "port": 25}}


def test_E12_options_in_the_file_are_merged_deeply_with_the_defaults(project: Project) -> None:
    install(project, "mail = { port = 587 }")
    assert options(project) == {"page_size": 20, "mail": {"server": "localhost", "port": 587}}


def test_E12_the_file_may_name_the_environment_variable_of_an_option(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """EzBackend reads ``.env`` by itself, and each variable may change any plugin. Here the file names the variable of an option,
    so one place shows what a start depends on; reading a ``.env`` is left to the shell or the container.
    """
    install(project, 'api_key = { env = "TODO_KEY" }\nmail = { server = { env = "TODO_MAIL" } }', cls="Strict")
    (project.directory / ".env").write_text("TODO_KEY=file\n", encoding="utf-8")
    monkeypatch.setenv("TODO_KEY", "secret")
    monkeypatch.setenv("TODO_MAIL", "mail.example")
    merged = options(project)
    assert (merged["api_key"], merged["mail"]) == ("secret", {"server": "mail.example", "port": 25})


def test_E12_an_unset_variable_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TODO_KEY", raising=False)
    install(project, 'api_key = { env = "TODO_KEY" }', cls="Strict")
    failure = error(project)
    assert isinstance(failure, OptionsError)
    assert "the environment variable TODO_KEY is not set" in failure.message
    assert failure.fix == "export TODO_KEY=…"


def test_E12_a_missing_option_without_a_default_is_an_error_that_names_its_key(project: Project) -> None:
    install(project, cls="Strict")
    failure = error(project)
    assert isinstance(failure, OptionsError)
    assert failure.plugin == "acme__todo"
    assert "option 'api_key'" in failure.message
    assert failure.key == "plugins.acme__todo.options.api_key"


def test_E12_an_unknown_option_is_refused_with_the_nearest_name(project: Project) -> None:
    install(project, "page_sise = 50")
    failure = error(project)
    assert isinstance(failure, OptionsError)
    assert (failure.key, failure.line, failure.fix) == ("plugins.acme__todo.options.page_sise", 2, "did you mean 'page_size'?")


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


def test_E12_the_table_may_be_named_after_the_distribution(project: Project) -> None:
    """EzBackend derives the name of the section from the class; here it is the key, or the name of the distribution."""
    project.install("acme-todo", OPTIONS.replace("CLASS", "Options"))
    project.configure("[plugins.acme-todo]\noptions = { page_size = 3 }\n")
    assert options(project)["page_size"] == 3
