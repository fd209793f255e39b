"""``[hooks.<name>] allow``: the plugins that may implement a hook."""

from __future__ import annotations

import pytest

from host.common.errors import BootError, HookNotAllowedError, SettingsError, UnknownPluginError
from host.lifecycle.boot import Boot
from tests.distributions import Project
from tests.errors.driving import check_blame, live

MIDDLEWARE = """
    from litestar.middleware import ASGIMiddleware
    class Quiet(ASGIMiddleware):
        async def handle(self, scope, receive, send, next_app): await next_app(scope, receive, send)
    @hookimpl
    def register_middleware(scope): return [Quiet()]
"""

#: Leaves a file behind when it is asked for its options, which comes before any other hook.
CALLED = """
    from pathlib import Path
    from litestar.middleware import ASGIMiddleware
    @hookimpl
    def plugin_options(): Path(__file__).with_suffix(".called").touch()
    @hookimpl
    def register_middleware(scope): return []
"""

#: A family: acme__top, in it ``inner``, in that ``deep``, which alone has a middleware.
FAMILY = """
    class Deep:
        @hookimpl
        def register_middleware(self, scope): return []
    class Inner:
        @hookimpl
        def register_plugins(self, scope): return Child(Deep(), "deep")
    @hookimpl
    def register_plugins(scope): return Child(Inner(), "inner")
"""


def rule(allow: list[str], hook: str = "register_middleware") -> str:
    return f"[plugins]\n\n[hooks.{hook}]\nallow = {allow}\n"


def wrong(project: Project) -> SettingsError:
    """The error of settings that no host can start with."""
    with pytest.raises(SettingsError) as caught:
        Boot(project.settings)
    return caught.value


@pytest.mark.parametrize("name", ["acme__guard", "acme-guard", "Acme_Guard"])
def test_a_plugin_is_allowed_by_key_or_distribution(project: Project, name: str) -> None:
    project.install("acme-guard", MIDDLEWARE)
    project.configure(rule([name]))
    assert live(project).served


def test_another_plugin_fails_at_load_and_the_rule_is_named(project: Project) -> None:
    project.install("acme-guard", MIDDLEWARE)
    project.install("acme-sly", MIDDLEWARE)
    file = project.configure(rule(["acme__guard"]))
    life = live(project)
    error = life.only
    assert isinstance(error, HookNotAllowedError)
    check_blame(error, "acme__sly", hook="register_middleware")
    assert error.facts["file"] == f"{file.resolve()}, line 4"
    assert error.facts["key"] == "hooks.register_middleware.allow"
    assert "add acme__sly to allow" in error.fix
    assert "host plugins disable acme__sly" in error.fix
    assert BootError(life.errors).exit_code == 3


def test_it_fails_before_any_of_its_hooks_is_called(project: Project) -> None:
    project.install("acme-sly", CALLED)
    project.configure(rule([]))
    assert isinstance(live(project).only, HookNotAllowedError)
    assert not (project.site.directory / "acme_sly.called").exists()


def test_it_is_called_once_it_is_allowed(project: Project) -> None:
    project.install("acme-sly", CALLED)
    project.configure(rule(["acme-sly"]))
    assert live(project).served
    assert (project.site.directory / "acme_sly.called").exists()


def test_an_empty_list_allows_no_plugin(project: Project) -> None:
    project.install("acme-guard", MIDDLEWARE)
    project.configure(rule([]))
    assert live(project).only.message == "no plugin may implement register_middleware, but acme__guard implements it"


def test_a_plugin_without_the_hook_needs_no_permission(project: Project) -> None:
    project.install("acme-plain", "@hookimpl\ndef register_services(scope): return {}")
    project.configure(rule([]))
    assert live(project).served


def test_a_hook_without_a_rule_is_free(project: Project) -> None:
    project.install("acme-guard", MIDDLEWARE)
    project.configure(rule([], "register_routes"))
    assert live(project).served


@pytest.mark.parametrize("name", ["acme__top", "acme-top", "acme__top.inner", "acme__top.inner.deep"])
def test_a_name_covers_the_plugins_inside(project: Project, name: str) -> None:
    project.install("acme-top", FAMILY)
    project.configure(rule([name]))
    assert live(project).served


@pytest.mark.parametrize("name", ["acme__top.other", "acme__top.inn", "acme__top.inner.deep.er"])
def test_a_dotted_name_covers_no_other_child(project: Project, name: str) -> None:
    project.install("acme-top", FAMILY)
    project.configure(rule([name]))
    life = live(project)
    (error,) = life.of("acme__top.inner.deep")
    assert isinstance(error, HookNotAllowedError)
    assert "add acme__top.inner.deep to allow" in error.fix
    assert "host plugins disable acme__top;" not in error.fix
    assert error.fix.endswith("host plugins disable acme__top")


def test_the_others_are_served_if_the_policy_says_so(project: Project) -> None:
    project.install("acme-guard", MIDDLEWARE)
    project.install("acme-sly", MIDDLEWARE)
    project.configure("plugins.on_failure = 'isolate'\nhooks.register_middleware.allow = ['acme-guard']\n")
    life = live(project)
    assert life.served
    assert [plugin.key for plugin in life.boot.contributions] == ["acme__guard"]


def test_a_disabled_plugin_may_be_allowed(project: Project) -> None:
    project.install("acme-guard", MIDDLEWARE)
    project.configure("[plugins]\ndisabled = ['acme-guard']\n[hooks.register_middleware]\nallow = ['acme__guard']\n")
    assert live(project).served


def test_a_hook_that_does_not_exist_is_refused_with_the_nearest(project: Project) -> None:
    file = project.configure(rule([], "register_midleware"))
    error = wrong(project)
    assert error.facts == {"file": f"{file.resolve()}, line 3", "key": "hooks.register_midleware"}
    assert error.fix == "did you mean 'register_middleware'?"


@pytest.mark.parametrize("name", ["acme__gard", "acme-gard", "acme__gard.inner", ""])
def test_a_plugin_that_is_not_installed_is_refused_with_the_nearest(project: Project, name: str) -> None:
    project.install("acme-guard", MIDDLEWARE)
    file = project.configure(rule(["acme-guard", name]))
    error = wrong(project)
    assert isinstance(error, UnknownPluginError)
    assert error.facts == {"file": f"{file.resolve()}, line 4", "key": "hooks.register_middleware.allow"}
    assert repr(name) in error.message
    if name:
        assert "did you mean 'acme" in error.fix


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("[hooks.configure]\nalow = []\n", 2, "hooks.configure.alow"),
        ("[hooks.configure]\nallow = [1]\n", 2, "hooks.configure.allow"),
        ("[hooks.configure]\nallow = 'acme__guard'\n", 2, "hooks.configure.allow"),
        ("[hooks.on_ready]\nallow = []\n[hooks.configure]\n", 3, "hooks.configure"),
        ("[hooks]\nconfigure = []\n", 2, "hooks.configure"),
        ("hooks = 3\n", 1, "hooks"),
    ],
)
def test_a_rule_of_another_shape_is_refused(project: Project, text: str, line: int, key: str) -> None:
    file = project.configure(text)
    with pytest.raises(SettingsError) as caught:
        _ = project.settings
    assert caught.value.facts == {"file": f"{file.resolve()}, line {line}", "key": key}


def test_the_command_ends_with_the_code_of_a_failed_plugin(project: Project) -> None:
    project.install("acme-sly", MIDDLEWARE)
    project.configure(rule([]))
    done = project.host("plugins", "check")
    assert done.code == 3
    assert "error[hook-not-allowed]: no plugin may implement register_middleware, but acme__sly implements it" in done.stderr
