"""Malformed settings: file, line, key, and the nearest right name; the command exits 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.common.errors import HostError, SettingsError, UnknownPluginError
from tests.distributions import Project
from tests.errors.driving import live


def settings_error(project: Project) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        live(project)
    assert caught.value.exit_code == 2
    return caught.value


WRONG = [
    ("[plugins\n", "", 1, "is not valid TOML"),
    ("a = 1\nb = = 2\n", "", 2, "is not valid TOML"),
    ('environment = "x"\nenvironment = "y"\n', "", 2, "is not valid TOML"),
    ("enviroment = 'test'\n", "enviroment", 1, "did you mean 'environment'?"),
    ("\n[plugin]\non_failure = 'abort'\n", "plugin", 2, "did you mean 'plugins'?"),
    ("[plugins]\n\ndisable = []\n", "plugins.disable", 3, "did you mean 'disabled'?"),
    ("[database]\nurl = ''\nnme = 'x'\n", "database.nme", 3, "did you mean 'name'?"),
    ("[frontend]\noutptu = 'x.ts'\n", "frontend.outptu", 2, "did you mean 'output'?"),
    ("[plugins.shop__cart]\nprefx = '/x'\n", "plugins.shop__cart.prefx", 2, "did you mean 'prefix'?"),
    ("[plugins]\nshop__cart = { prefx = '/x' }\n", "plugins.shop__cart.prefx", 2, "did you mean 'prefix'?"),
    ("directory = '/tmp'\n", "directory", 1, "unknown key"),
    ("[plugins]\ntables = {}\n", "plugins.tables", 2, "unknown key"),
    ("environment = 3\n", "environment", 1, "Expected str, got int"),
    ("database = 'mongodb://x'\n", "database", 1, "Expected object, got str"),
    ("[database]\ntimeout = 'long'\n", "database.timeout", 2, "Expected float, got str"),
    ("[database]\ntimeout = -1\n", "database.timeout", 2, ">= 0"),
    ("[database]\ntimeout = inf\n", "database.timeout", 2, "<= 1000000"),
    ("[channels]\ntimeout = inf\n", "channels.timeout", 2, "<= 1000000"),
    ("[database]\nname = ''\n", "database.name", 2, "length >= 1"),
    ("[database]\nname = 'a.b c'\n", "database.name", 2, "MongoDB allows no spaces"),
    ("[build]\noutput = ''\n", "build.output", 2, "length >= 1"),
    ("[frontend]\noutput = ''\n", "frontend.output", 2, "length >= 1"),
    ("[plugins]\ntimeout = -0.5\n", "plugins.timeout", 2, ">= 0"),
    ("[plugins]\ndisabled = 'shop__cart'\n", "plugins.disabled", 2, "Expected array, got str"),
    ("[plugins]\ndisabled = [1]\n", "plugins.disabled", 2, "Expected str, got int"),
    ("[plugins]\non_failure = 'ignore'\n", "plugins.on_failure", 2, "Invalid enum value 'ignore'"),
    ("plugins = 3\n", "plugins", 1, "Expected object, got int"),
    ("[plugins.shop__cart]\nprefix = 3\n", "plugins.shop__cart.prefix", 2, "Expected str | null, got int"),
    ("[plugins.shop__cart]\nprefix = '/'\n", "plugins.shop__cart.prefix", 2, "prefix '/' is not a path of its own"),
    ("[plugins.shop__cart]\nprefix = '/health/x'\n", "plugins.shop__cart.prefix", 2, "prefix '/health/x' is reserved"),
    ("[plugins.shop__cart]\nprefix = '/a/{b}'\n", "plugins.shop__cart.prefix", 2, "is not a path of its own"),
    ("[plugins.shop__cart]\nprefix = '/a b?c'\n", "plugins.shop__cart.prefix", 2, "is not a path of its own"),
    ("[plugins.shop__cart]\noptions = 3\n", "plugins.shop__cart.options", 2, "Expected object, got int"),
    ("[plugins]\norder = ['shop__cart early']\n", "plugins.order", 2, "'shop__cart early' is not a rule of order"),
    ("[plugins]\norder = ['shop__cart before shop__crat']\n", "plugins.order", 2, "did you mean 'shop__cart'?"),
]


@pytest.mark.parametrize(("toml", "key", "line", "said"), WRONG)
def test_host_toml(project: Project, toml: str, key: str, line: int, said: str) -> None:
    project.install("shop-cart")
    file = project.configure(toml).resolve()
    error = settings_error(project)
    assert (error.key, error.file, error.line) == (key, file, line)
    assert said in f"{error.message}; {error.fix}"
    assert error.fix


@pytest.mark.parametrize(("toml", "key", "line", "said"), [case for case in WRONG if case[0].startswith("[plugins") and case[1]])
def test_pyproject_toml(project: Project, toml: str, key: str, line: int, said: str) -> None:
    project.install("shop-cart")
    nested = toml.replace("[plugins", "[tool.host.plugins")
    file = project.configure(f'[project]\nname = "x"\n{nested}', "pyproject.toml").resolve()
    error = settings_error(project)
    assert (error.key, error.file, error.line) == (key, file, line + 2)
    assert said in f"{error.message}; {error.fix}"


def test_host_toml_wins_over_pyproject_toml(project: Project) -> None:
    project.configure("environment = 'one'\n")
    project.configure("[tool.host]\nenvironment = 2\n", "pyproject.toml")
    assert project.settings.environment == "one"


def test_a_pyproject_toml_without_the_table_is_ignored(project: Project) -> None:
    project.configure("[tool.other]\nhost = 1\n", "pyproject.toml")
    assert project.settings.file is None


def test_tool_host_that_is_not_a_table(project: Project) -> None:
    project.configure("[tool]\nhost = 3\n", "pyproject.toml")
    assert settings_error(project).key == "tool.host"


def test_bytes_that_are_not_utf_8(project: Project) -> None:
    (project.directory / "host.toml").write_bytes(b"environment = '\xff'\n")
    assert "is not valid TOML" in settings_error(project).message


@pytest.mark.parametrize(
    ("toml", "key", "line"),
    [
        ("[plugins]\n\ndisabled = ['shop__crat']\n", "plugins.disabled", 3),
        ("[plugins]\nenabled = [\n  'shop__crat',\n]\n", "plugins.enabled", 2),
        ("\n[plugins.shop__crat]\nprefix = '/x'\n", "plugins.shop__crat", 2),
        ("[plugins]\nshop__crat = { prefix = '/x' }\n", "plugins.shop__crat", 2),
    ],
)
def test_a_plugin_that_is_not_installed(project: Project, toml: str, key: str, line: int) -> None:
    project.install("shop-cart")
    project.only_own = "enabled" not in toml
    file = project.configure(toml).resolve()
    error = settings_error(project)
    assert isinstance(error, UnknownPluginError)
    assert (error.key, error.file, error.line) == (key, file, line)
    assert "'shop__crat'" in error.message
    assert error.fix == "did you mean 'shop__cart'? if the plugin was uninstalled, remove its name"


def test_two_tables_for_one_plugin(project: Project) -> None:
    project.install("shop-cart")
    project.configure("[plugins.shop__cart]\nprefix = '/a'\n[plugins.shop-cart]\nprefix = '/b'\n")
    error = settings_error(project)
    assert (error.key, error.line) == ("plugins.shop-cart", 3)
    assert "shop__cart" in error.message


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("HOST_DATABASE_URI", "x", "did you mean 'HOST_DATABASE_URL'?"),
        ("HOST_PLUGINS_TIMEOUT", "long", "HOST_PLUGINS_TIMEOUT must be a number of seconds, not 'long'"),
        ("HOST_PLUGINS_TABLES", "x", "unknown variable HOST_PLUGINS_TABLES"),
        ("HOST_PLUGINS_ON_FAILURE", "ignore", "Invalid enum value 'ignore'"),
        ("HOST_PLUGINS_TIMEOUT", "-1", ">= 0"),
    ],
)
def test_a_variable_of_the_environment(project: Project, variable: str, value: str, said: str) -> None:
    project.configure("environment = 'test'\n[plugins]\non_failure = 'abort'\ntimeout = 1\n")
    project.environ[variable] = value
    error = settings_error(project)
    assert (error.key, error.file) == (variable, None)
    assert said in f"{error.message}; {error.fix}"


def test_a_kubernetes_service_stops_no_command(project: Project) -> None:
    project.environ |= {"HOST_DATABASE_SERVICE_HOST": "10.0.0.7", "HOST_DATABASE_PORT": "tcp://10.0.0.7:27017"}
    for arguments in (("plugins", "list"), ("plugins", "check"), ("graph",)):
        outcome = project.host(*arguments)
        assert outcome.code == 0, outcome
        assert (
            outcome.stderr.count("WARNING host: ignored HOST_DATABASE_PORT, HOST_DATABASE_SERVICE_HOST, which Kubernetes sets") == 1
        )


def test_a_plugin_in_a_variable_that_is_not_installed(project: Project) -> None:
    project.install("shop-cart")
    project.environ["HOST_PLUGINS_DISABLED"] = "shop__cart, shop__crat"
    project.configure("[plugins]\ndisabled = []\n")
    error = settings_error(project)
    assert isinstance(error, UnknownPluginError)
    assert (error.key, error.file) == ("HOST_PLUGINS_DISABLED", None)


def test_no_error_shows_a_password(project: Project) -> None:
    project.environ["HOST_DATABASE_URL"] = "mongodb://ada:hunter2@nowhere:99999999/"
    project.install(
        "shop-cart", "from beanie import Document\nclass Item(Document): ...\n@hookimpl\ndef register_models(scope): return Item"
    )
    with pytest.raises(HostError) as caught:
        live(project)
    assert "hunter2" not in str(caught.value)
    assert "ada:***" in str(caught.value)


def test_a_directory_in_place_of_the_file_is_no_file(project: Project) -> None:
    Path(project.directory / "host.toml").mkdir()
    assert project.settings.file is None
