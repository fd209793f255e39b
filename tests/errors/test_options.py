"""Options of plugins that do not validate."""

from __future__ import annotations

import pytest

from host.common.errors import HookCallError, OptionsError
from host.common.rendering import error_block
from tests.distributions import Project
from tests.errors.driving import check_blame, live

OPTIONS = """
    from pydantic import BaseModel, Field, field_validator, model_validator

    class Options(BaseModel):
        page_size: int = 20
        api_key: str = ""
        ratio: float = Field(1.0, ge=0, le=1, alias="ratioOfAll")

        @field_validator("api_key")
        @classmethod
        def odd(cls, value):
            if value == "explode":
                raise KeyError("boom")
            return value

        @model_validator(mode="after")
        def together(self):
            if self.page_size == 13:
                raise ValueError("not this one")
            return self

    @hookimpl
    def plugin_options(): return Options

    @hookimpl
    def on_startup(scope): print(scope.options)
"""


def options_error(project: Project, toml: str) -> OptionsError:
    project.configure(toml)
    error = live(project).only
    assert isinstance(error, OptionsError)
    assert error.exit_code == 2
    check_blame(error, "shop__cart")
    return error


def test_an_unknown_option_is_refused_with_the_nearest_name(project: Project) -> None:
    project.install("shop-cart", OPTIONS)
    error = options_error(project, "environment = 'test'\n[plugins.shop__cart]\noptions = { page_sise = 5 }\n")
    assert error.message == "unknown option 'page_sise'"
    assert error.fix == "did you mean 'page_size'?"
    assert (error.key, error.line) == ("plugins.shop__cart.options.page_sise", 3)
    assert error.file == project.directory.resolve() / "host.toml"


def test_an_option_may_be_given_by_its_alias_only(project: Project) -> None:
    project.install("shop-cart", OPTIONS)
    project.configure("[plugins.shop__cart.options]\nratioOfAll = 0.5\n")
    assert live(project).errors == ()


def test_the_line_of_an_option_in_a_table_of_its_own(project: Project) -> None:
    project.install("shop-cart", OPTIONS)
    error = options_error(project, "[plugins.shop__cart]\n[plugins.shop__cart.options]\napi_key = 'x'\npage_size = 'many'\n")
    assert (error.key, error.line) == ("plugins.shop__cart.options.page_size", 4)


@pytest.mark.parametrize("value", ["'hunter2'", "['hunter2']", "{ a = 'hunter2' }"])
def test_the_value_of_an_option_is_not_shown(project: Project, value: str) -> None:
    project.install("shop-cart", OPTIONS)
    error = options_error(project, f"[plugins.shop__cart.options]\npage_size = {value}\n")
    assert "hunter2" not in error_block(error, traceback=True)
    assert "option 'page_size'" in error.message


def test_all_options_that_do_not_fit_are_reported(project: Project) -> None:
    project.install("shop-cart", OPTIONS)
    error = options_error(project, "[plugins.shop__cart.options]\npage_size = 'many'\nratioOfAll = 7\npage_sise = 5\n")
    for name in ("page_size", "ratioOfAll", "page_sise"):
        assert repr(name) in error.message


def test_a_validator_of_the_whole_is_reported(project: Project) -> None:
    project.install("shop-cart", OPTIONS)
    error = options_error(project, "[plugins.shop__cart.options]\npage_size = 13\n")
    assert "not this one" in error.message
    assert error.key == "plugins.shop__cart.options"


def test_a_validator_that_breaks_is_reported(project: Project) -> None:
    project.install("shop-cart", OPTIONS)
    project.configure("[plugins.shop__cart.options]\napi_key = 'explode'\n")
    error = live(project).only
    assert isinstance(error, HookCallError)
    check_blame(error, "shop__cart", hook="plugin_options", cause="KeyError: 'boom'")


def test_options_for_a_plugin_without_any_are_refused(project: Project) -> None:
    project.install("shop-cart")
    error = options_error(project, "[plugins.shop__cart]\noptions = { page_size = 5 }\n")
    assert error.message == "the plugin takes no options"
    assert error.line == 2


def test_an_option_that_must_be_given_is_named(project: Project) -> None:
    project.install(
        "shop-cart", "from pydantic import BaseModel\nclass O(BaseModel): token: str\n@hookimpl\ndef plugin_options(): return O"
    )
    error = options_error(project, "")
    assert error.key == "plugins.shop__cart.options.token"
    assert "'token'" in error.message


def test_a_secret_that_the_environment_lacks_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CART_KEY", raising=False)
    project.install("shop-cart", OPTIONS)
    error = options_error(project, "[plugins.shop__cart]\noptions = { api_key = { env = 'CART_KEY' } }\n")
    assert "the environment variable CART_KEY is not set" in error.message
    assert error.fix == "export CART_KEY=…"


def test_a_secret_comes_from_the_environment(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CART_KEY", "sesame")
    project.install("shop-cart", OPTIONS)
    project.configure("[plugins.shop-cart]\noptions = { api_key = { env = 'CART_KEY' } }\n")
    assert live(project).errors == ()
    assert "sesame" in capsys.readouterr().out
