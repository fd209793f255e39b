"""What goes wrong while a plugin is loaded: its import and its hooks."""

from __future__ import annotations

import pytest

from host.common.errors import HookSignatureError, PluginImportError
from tests.distributions import Project
from tests.errors.driving import check_blame, live


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("from os import no_such_name", "ImportError: cannot import name 'no_such_name' from 'os'"),
        ("import sys; sys.exit(7)", "SystemExit: 7"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise BaseException('odd')", "BaseException: odd"),
    ],
)
def test_a_module_that_cannot_be_imported_is_blamed(project: Project, source: str, cause: str) -> None:
    project.install("shop-cart", source)
    error = live(project).only
    assert isinstance(error, PluginImportError)
    check_blame(error, "shop__cart")
    assert cause in error.facts["cause"]
    assert "host plugins disable shop__cart" in error.fix


def test_a_syntax_error_says_file_and_line(project: Project) -> None:
    project.install("shop-cart", "\n\ndef broken(:\n")
    error = live(project).only
    assert isinstance(error, PluginImportError)
    assert "SyntaxError: " in error.facts["cause"]
    assert "(shop_cart.py, line 3)" in error.facts["cause"]


@pytest.mark.parametrize("target", ["shop_cart:missing", "shop_cart.missing", "no_such_module", "not a module", "shop_cart:a.b"])
def test_a_target_that_is_not_there_is_blamed(project: Project, target: str) -> None:
    project.install("shop-cart", target=target)
    error = live(project).only
    assert isinstance(error, PluginImportError)
    check_blame(error, "shop__cart")
    assert target in error.message


def test_a_class_whose_constructor_raises_is_blamed(project: Project) -> None:
    project.install("shop-cart", "class Plugin:\n    def __init__(self): raise KeyError('token')", target="shop_cart:Plugin")
    error = live(project).only
    assert isinstance(error, PluginImportError)
    check_blame(error, "shop__cart", cause="KeyError: 'token'")


def test_one_module_under_two_keys_is_blamed(project: Project) -> None:
    project.install("shop-cart", plugins={"shop__cart": "shop_cart", "shop__other": "shop_cart"})
    error = live(project).only
    assert isinstance(error, PluginImportError)
    assert error.plugin == "shop__other"
    assert "shop__cart" in error.message


@pytest.mark.parametrize(
    ("source", "hook", "said"),
    [
        ("@hookimpl\ndef register_rutes(scope): return []", "register_rutes", "did you mean 'register_routes'?"),
        ("@hookimpl\ndef on_start(scope): pass", "on_start", "did you mean 'on_startup'?"),
        ("@hookimpl\ndef paint(colour): pass", "paint", "there are app_built, authorize_socket, check_health,"),
        ("@hookimpl\ndef register_routes(scop): return []", "register_routes", "register_routes takes scop"),
        ("@hookimpl\ndef register_routes(scope, app): return []", "register_routes", "remove app; this hook accepts only scope"),
        ("@hookimpl\ndef register_routes(scope, *, app): return []", "register_routes", "register_routes takes app"),
        ("@hookimpl\ndef plugin_options(scope): return None", "plugin_options", "remove scope; this hook accepts no arguments"),
        ("@hookimpl\nasync def register_routes(scope): return []", "register_routes", "register_routes must not be async"),
        ("@hookimpl\nasync def plugin_options(): return None", "plugin_options", "configure, on_ready, on_shutdown, on_startup"),
        ("@hookimpl\nasync def register_routes(scope): yield 1", "register_routes", "register_routes is an async generator"),
        ("@hookimpl\nasync def on_startup(scope): yield", "on_startup", "on_startup is an async generator"),
        ("@hookimpl\ndef on_startup(scope): yield", "on_startup", "on_startup is a generator"),
        ("@hookimpl(tryfirst=True)\ndef register_routes(scope): return []", "register_routes", "marked tryfirst"),
        ("@hookimpl(trylast=True)\ndef register_routes(scope): return []", "register_routes", "marked trylast"),
        ("@hookimpl(wrapper=True)\ndef register_routes(scope): yield", "register_routes", "marked wrapper"),
        ("@hookimpl(hookwrapper=True)\ndef register_routes(scope): yield", "register_routes", "marked hookwrapper"),
        ("@hookimpl(specname='on_redy')\ndef mine(scope): pass", "mine", "did you mean 'on_ready'?"),
        ("def register_routes(scope): return []", "register_routes", "put @hookimpl above it"),
        ("@hookimpl\nclass register_routes: pass", "register_routes", "and is not a function"),
    ],
)
def test_a_hook_that_does_not_fit_is_blamed(project: Project, source: str, hook: str, said: str) -> None:
    project.install("shop-cart", source)
    error = live(project).only
    assert isinstance(error, HookSignatureError)
    check_blame(error, "shop__cart", hook=hook)
    assert said in f"{error.message}; {error.fix}"


def test_an_argument_with_a_default_is_left_to_the_plugin(project: Project) -> None:
    project.install("shop-cart", "@hookimpl\ndef register_routes(scope, more=()): return list(more)")
    assert live(project).errors == ()


def test_hooks_in_an_object_are_checked_too(project: Project) -> None:
    source = "class Plugin:\n    @hookimpl\n    def register_rutes(self, scope): return []"
    project.install("shop-cart", source, target="shop_cart:Plugin")
    error = live(project).only
    assert isinstance(error, HookSignatureError)
    check_blame(error, "shop__cart", hook="register_rutes")


def test_a_hook_without_its_marker_in_an_object_is_blamed(project: Project) -> None:
    project.install("shop-cart", "class Plugin:\n    def register_routes(self, scope): return []", target="shop_cart:Plugin")
    error = live(project).only
    assert isinstance(error, HookSignatureError)
    check_blame(error, "shop__cart", hook="register_routes")
    assert error.fix == "put @hookimpl above it"


def test_a_plugin_that_does_not_load_leaves_the_others_alone(project: Project) -> None:
    project.configure('[plugins]\non_failure = "isolate"\n')
    project.install("shop-cart", "@hookimpl\ndef register_rutes(scope): return []")
    project.install("shop-mail", "@hookimpl\ndef on_startup(scope): scope.log.info('up')")
    life = live(project)
    assert life.served
    assert life.boot.order == ["shop__mail"]


def test_attributes_of_an_object_are_not_read_for_nothing(project: Project) -> None:
    source = "class Plugin:\n    @property\n    def odd(self): raise OSError('gone')"
    project.install("shop-cart", source, target="shop_cart:Plugin")
    assert live(project).errors == ()
