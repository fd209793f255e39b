"""The way out of any mess: ``host plugins list``, ``show``, ``disable`` and ``enable`` import no plugin and not Litestar."""

from __future__ import annotations

import json

import pytest

from host.common.errors import PluginImportError
from tests.distributions import Project
from tests.errors.driving import check_blame, live
from tests.errors.test_packages import MARK, imported
from tests.errors.test_policies import BROKEN, install_broken

WATCH = """
    import atexit, json, sys
    from host.cli import main
    def tell():
        with open("modules.json", "w") as file:
            json.dump(sorted(sys.modules), file)
    atexit.register(tell)
    main()
"""

HEAVY = ("litestar", "beanie", "pymongo", "pydantic", "granian", "uvloop")


def modules_of(project: Project, *arguments: str) -> set[str]:
    """The modules that a command has imported."""
    done = project.python(WATCH, *arguments)
    assert done.code == 0, done.stderr
    return set(json.loads((project.directory / "modules.json").read_text()))


@pytest.fixture
def mess(project: Project) -> Project:
    """With every sort of broken plugin."""
    install_broken(project)
    project.install("shop-bad", MARK, key="Shop__Bad")
    project.install("shop-twin", MARK, key="shop__works")
    return project


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("run", "--help"),
        ("plugins", "--help"),
        ("plugins", "list"),
        ("plugins", "list", "--json"),
        ("plugins", "disable", "shop__import"),
        ("plugins", "enable", "shop__import"),
    ],
    ids=" ".join,
)
def test_nothing_heavy_and_no_plugin_is_imported(mess: Project, arguments: tuple[str, ...]) -> None:
    imported_modules = modules_of(mess, *arguments)
    assert not imported_modules.intersection(HEAVY)
    assert not {name for name in imported_modules if name.startswith("shop_")}


def test_show_imports_no_plugin_and_not_litestar(mess: Project) -> None:
    imported_modules = modules_of(mess, "plugins", "show", "shop__import")
    assert not imported_modules.intersection({"litestar", "beanie", "granian"})
    assert not {name for name in imported_modules if name.startswith("shop_")}


def test_list_shows_what_is_broken_and_why(mess: Project) -> None:
    done = mess.host("plugins", "list", "--json")
    assert done.code == 0, done.stderr
    content = json.loads(done.stdout)
    assert content["version"] == 1
    plugins = {plugin["distribution"]: plugin for plugin in content["plugins"] if plugin["distribution"].startswith("shop-")}
    assert plugins.keys() == BROKEN.keys() | {"shop-works", "shop-bad", "shop-twin"}
    for name, said in {
        "shop-need": "requires nothing-such, which is not installed",
        "shop-host": "requires litestar-host>=99",
        "shop-bad": "is not a plugin key",
        "shop-twin": "two plugins have the key",
        "shop-works": "two plugins have the key",
    }.items():
        assert plugins[name]["status"] == "broken"
        assert said in " ".join(plugins[name]["problems"])
    assert plugins["shop-raise"]["status"] == "enabled"


def test_list_is_a_table_for_people(mess: Project) -> None:
    done = mess.host("plugins", "list")
    assert done.code == 0, done.stderr
    (line,) = (line for line in done.stdout.splitlines() if "shop__need" in line)
    assert line.split()[:4] == ["shop__need", "shop-need", "1.0.0", "broken"]
    assert "requires nothing-such, which is not installed" in line


@pytest.mark.parametrize("name", ["shop__need", "shop-need"])
def test_show_says_what_is_wrong(mess: Project, name: str) -> None:
    done = mess.host("plugins", "show", name, "--json")
    assert done.code == 0, done.stderr
    (shown,) = json.loads(done.stdout)["plugins"]
    assert (shown["key"], shown["status"], shown["collections"]) == ("shop__need", "broken", [])
    assert "requires nothing-such, which is not installed" in shown["problems"][0]


def test_an_unknown_name_is_refused_with_the_nearest(mess: Project) -> None:
    for command in ("show", "disable", "enable"):
        done = mess.host("plugins", command, "shop__imprt")
        assert done.code == 2
        assert "error[unknown-plugin]" in done.stderr
        assert "did you mean 'shop__import'?" in done.stderr


def test_disable_keeps_what_stands_in_the_file(project: Project) -> None:
    project.install("shop-cart", MARK + "raise RuntimeError")
    text = "# mine\n[plugins]  # these\non_failure = 'abort' # why not\n\n[plugins.shop__cart]\nprefix = '/x'  # short\n"
    file = project.configure(text)
    done = project.host("plugins", "disable", "shop__cart")
    assert (done.code, done.stdout) == (0, "shop__cart is disabled in host.toml\n")
    assert [line for line in file.read_text().splitlines() if "disabled" not in line] == text.splitlines()
    assert project.settings.plugins.disabled == ["shop__cart"]
    assert project.host("plugins", "enable", "shop-cart").code == 0
    assert [line for line in file.read_text().splitlines() if "disabled" not in line] == text.splitlines()
    assert project.settings.plugins.disabled == []
    assert not imported(project, "shop_cart")


def test_disable_twice_is_disable_once(project: Project) -> None:
    project.install("shop-cart")
    for _ in range(2):
        assert project.host("plugins", "disable", "shop__cart").code == 0
    assert project.settings.plugins.disabled == ["shop__cart"]


def test_disable_makes_the_file_where_there_is_none(project: Project) -> None:
    project.install("shop-cart")
    assert project.host("plugins", "disable", "shop-cart").code == 0
    assert project.settings.file == project.directory.resolve() / "host.toml"
    assert project.settings.plugins.disabled == ["shop-cart"]


def test_disable_writes_into_pyproject_toml_where_the_settings_are(project: Project) -> None:
    project.install("shop-cart")
    file = project.configure("[project]\nname = 'x'\n[tool.host.plugins]\ntimeout = 3 # s\n", "pyproject.toml")
    assert project.host("plugins", "disable", "shop__cart").code == 0
    assert "timeout = 3 # s" in file.read_text()
    assert project.settings.plugins.disabled == ["shop__cart"]


def test_enable_adds_to_a_list_of_the_enabled(project: Project) -> None:
    project.only_own = False
    project.install("shop-cart")
    project.install("shop-mail")
    project.configure("plugins.enabled = ['shop__mail']\n")
    assert project.host("plugins", "enable", "shop__cart").code == 0
    assert project.settings.plugins.enabled == ["shop__mail", "shop__cart"]


def test_a_variable_that_overrides_the_file_is_reported(project: Project) -> None:
    project.install("shop-cart")
    project.environ["HOST_PLUGINS_DISABLED"] = "shop__cart"
    done = project.host("plugins", "enable", "shop__cart")
    assert done.code == 2
    assert "HOST_PLUGINS_DISABLED" in done.stderr


def test_a_disabled_plugin_is_never_imported_and_the_start_works(project: Project) -> None:
    project.install("shop-cart", MARK + "raise RuntimeError")
    assert project.host("plugins", "check").code == 3
    assert imported(project, "shop_cart")
    (project.site.directory / "shop_cart.imported").unlink()
    assert project.host("plugins", "disable", "shop__cart").code == 0
    assert project.host("plugins", "check").code == 0
    assert live(project).served
    assert not imported(project, "shop_cart")


def test_of_two_with_one_key_one_can_be_disabled(project: Project) -> None:
    project.install("shop-cart", MARK, key="shop__cart")
    project.install("other-cart", MARK, key="shop__cart")
    assert project.host("plugins", "disable", "other-cart").code == 0
    assert live(project).errors == ()
    assert imported(project, "shop_cart")
    assert not imported(project, "other_cart")


def test_installed_plugins_are_enabled_unless_the_settings_say_otherwise(project: Project) -> None:
    project.only_own = False
    project.install("shop-cart")
    plugins = json.loads(project.host("plugins", "list", "--json").stdout)["plugins"]
    assert {plugin["key"]: plugin["status"] for plugin in plugins}["shop__cart"] == "enabled"


def test_an_error_is_data_too(project: Project) -> None:
    project.configure("[plugins]\ndisable = []\n")
    done = project.host("plugins", "list", "--json")
    assert done.code == 2
    content = json.loads(done.stdout)
    assert content["version"] == 1
    (error,) = content["errors"]
    assert (error["code"], error["exitCode"], error["key"]) == ("settings", 2, "plugins.disable")
    assert error["file"].endswith("host.toml, line 2")
    assert error["fix"] == "did you mean 'disabled'?"
    assert "error[settings]" in done.stderr


def test_check_imports_and_reports_all(mess: Project) -> None:
    mess.environ["HOST_PLUGINS_TIMEOUT"] = "0.1"
    done = mess.host("plugins", "check", "--json")
    assert done.code == 3
    content = json.loads(done.stdout)
    codes = {code for _, _, code in BROKEN.values()} | {"invalid-key", "duplicate-plugin"}
    assert {error["code"] for error in content["errors"]} == codes
    assert all(error["message"] for error in content["errors"])


@pytest.mark.parametrize("broken", ["acme__x", "acme__x = ", "no section", "[host.plugins", "\0"])
def test_an_entry_point_file_that_cannot_be_read_harms_no_other_plugin(project: Project, broken: str) -> None:
    project.install("shop-cart")
    project.install("shop-odd", plugins={})
    content = broken if broken == "no section" else f"[host.plugins]\n{broken}\n"
    (project.site.directory / "shop_odd-1.0.0.dist-info" / "entry_points.txt").write_text(content)
    done = project.host("plugins", "list", "--json")
    assert done.code == 0, done.stderr
    keys = {plugin["key"] for plugin in json.loads(done.stdout)["plugins"]}
    assert "shop__cart" in keys
    assert ("acme__x" in keys) == broken.startswith("acme__x")


def test_an_entry_point_without_a_target_fails_under_its_own_name(project: Project) -> None:
    project.install("shop-odd", plugins={"shop__odd": ""})
    error = live(project).only
    assert isinstance(error, PluginImportError)
    check_blame(error, "shop__odd")


def test_a_file_that_cannot_be_written_is_told(project: Project) -> None:
    project.install("shop-cart")
    project.directory.joinpath("host.toml").mkdir()
    done = project.host("plugins", "disable", "shop__cart")
    assert done.code == 2
    assert "host.toml cannot be written: Is a directory" in done.stderr


@pytest.mark.parametrize("content", [None, b"", b"Name: shop-odd\n", b"Version: 1\n", b"garbage", b"Name: \xff\nVersion: 1\n"])
@pytest.mark.parametrize("name", ["METADATA", "entry_points.txt"])
def test_metadata_that_cannot_be_read_harms_no_other_plugin(project: Project, name: str, content: bytes | None) -> None:
    project.install("shop-cart")
    project.install("shop-odd")
    file = project.site.directory / "shop_odd-1.0.0.dist-info" / name
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    project.only_own = False
    done = project.host("plugins", "list", "--json")
    assert done.code == 0, done.stderr
    assert "shop__cart" in done.stdout
