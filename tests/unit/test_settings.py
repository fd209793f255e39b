"""The sources of the settings, and their precedence."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.common.errors import SettingsError
from host.common.settings import RESERVED_PREFIXES, PluginSettings, load_settings
from host.common.toml import line_of


def write(directory: Path, text: str, name: str = "host.toml") -> Path:
    (directory / name).write_text(text, encoding="utf-8")
    return directory


def test_all_settings_have_a_default(tmp_path: Path) -> None:
    loaded = load_settings(tmp_path, {})
    assert (loaded.environment, loaded.database.url, loaded.database.name) == ("development", "", "host")
    assert (loaded.plugins.enabled, loaded.plugins.disabled, loaded.plugins.on_failure) == ("installed", [], "abort")
    assert (loaded.plugins.timeout, loaded.plugins.order, loaded.plugins.tables) == (10.0, [], {})
    assert loaded.output == tmp_path.resolve() / "generated-config.ts"
    assert loaded.state == tmp_path.resolve() / ".host"
    assert loaded.file is None


WHOLE = """
environment = "production"
[database]
url = "mongodb://db/"
name = "shop"
timeout = 2
mongod = "/opt/mongod"
[plugins]
enabled = ["acme__todo"]
disabled = ["acme-billing"]
on_failure = "isolate"
timeout = 0
order = ["acme__a before acme__b"]
[plugins.acme__todo]
prefix = "todo/"
on_failure = "abort"
options = { page_size = 50 }
[frontend]
output = "types/config.ts"
"""


def test_every_key_can_be_set_in_the_file(tmp_path: Path) -> None:
    loaded = load_settings(write(tmp_path, WHOLE), {})
    assert loaded.environment == "production"
    assert (loaded.database.url, loaded.database.name, loaded.database.timeout) == ("mongodb://db/", "shop", 2.0)
    assert loaded.database.mongod == "/opt/mongod"
    assert (loaded.plugins.enabled, loaded.plugins.disabled) == (["acme__todo"], ["acme-billing"])
    assert (loaded.plugins.on_failure, loaded.plugins.timeout, loaded.plugins.order) == ("isolate", 0.0, ["acme__a before acme__b"])
    assert loaded.plugins.tables == {"acme__todo": PluginSettings(prefix="/todo", on_failure="abort", options={"page_size": 50})}
    assert loaded.output == tmp_path.resolve() / "types" / "config.ts"


def test_pyproject_toml_is_read_the_same_way(tmp_path: Path) -> None:
    nested = "[tool.host]" + WHOLE.replace("[database]", "[tool.host.database]").replace("[plugins", "[tool.host.plugins")
    nested = nested.replace("[frontend]", "[tool.host.frontend]")
    (own := tmp_path / "own").mkdir()
    own_file, pyproject = load_settings(write(own, WHOLE), {}), load_settings(write(tmp_path, nested, "pyproject.toml"), {})
    assert (own_file.database, own_file.plugins, own_file.frontend) == (pyproject.database, pyproject.plugins, pyproject.frontend)


@pytest.mark.parametrize(
    ("variable", "value", "path", "expected"),
    [
        ("HOST_ENVIRONMENT", "test", ("environment",), "test"),
        ("HOST_DATABASE_URL", "mongodb://x/", ("database", "url"), "mongodb://x/"),
        ("HOST_DATABASE__URL", "mongodb://x/", ("database", "url"), "mongodb://x/"),
        ("HOST_DATABASE_NAME", "x", ("database", "name"), "x"),
        ("HOST_DATABASE_TIMEOUT", "1.5", ("database", "timeout"), 1.5),
        ("HOST_DATABASE_MONGOD", "x", ("database", "mongod"), "x"),
        ("HOST_PLUGINS_ENABLED", "installed", ("plugins", "enabled"), "installed"),
        ("HOST_PLUGINS_ENABLED", "a__b, c-d,", ("plugins", "enabled"), ["a__b", "c-d"]),
        ("HOST_PLUGINS_DISABLED", "a__b", ("plugins", "disabled"), ["a__b"]),
        ("HOST_PLUGINS_DISABLED", "", ("plugins", "disabled"), []),
        ("HOST_PLUGINS_ON_FAILURE", "abort", ("plugins", "on_failure"), "abort"),
        ("HOST_PLUGINS_TIMEOUT", "3", ("plugins", "timeout"), 3.0),
        ("HOST_PLUGINS_ORDER", "a__b before c__d", ("plugins", "order"), ["a__b before c__d"]),
        ("HOST_FRONTEND_OUTPUT", "x.ts", ("frontend", "output"), "x.ts"),
    ],
)
def test_a_variable_wins_over_the_file(tmp_path: Path, variable: str, value: str, path: tuple[str, ...], expected: object) -> None:
    settings = load_settings(write(tmp_path, WHOLE), {variable: value})
    for part in path:
        settings = getattr(settings, part)
    assert settings == expected


@pytest.mark.parametrize("variable", ["HOST", "HOST_NAME", "HOSTNAME", "HOST_KEY_PATH", "MY_HOST_DATABASE_URL"])
def test_variables_of_other_programs_are_ignored(tmp_path: Path, variable: str) -> None:
    assert load_settings(tmp_path, {variable: "x"}) == load_settings(tmp_path, {})


#: What Kubernetes sets in every pod for a Service called host-<section>.
OF_A_SERVICE = [
    ("SERVICE_HOST", "10.0.0.7"),
    ("SERVICE_PORT", "27017"),
    ("SERVICE_PORT_MONGO", "27017"),
    ("PORT", "tcp://10.0.0.7:27017"),
    ("PORT_27017_TCP", "tcp://10.0.0.7:27017"),
    ("PORT_27017_TCP_PROTO", "tcp"),
    ("PORT_27017_TCP_PORT", "27017"),
    ("PORT_27017_TCP_ADDR", "10.0.0.7"),
    ("PORT_53_UDP", "udp://10.0.0.7:53"),
    ("PORT_53_UDP_ADDR", "10.0.0.7"),
    ("URL", "tcp://10.0.0.7:27017"),  # a setting of [database] and of [channels]
    ("TIMEOUT", "udp://10.0.0.7:53"),  # a setting of three sections
]


@pytest.mark.parametrize("section", ["DATABASE", "PLUGINS", "FRONTEND", "BUILD", "SERVER", "CHANNELS"])
@pytest.mark.parametrize(("ending", "value"), OF_A_SERVICE)
def test_a_variable_of_a_kubernetes_service_is_ignored_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, section: str, ending: str, value: str
) -> None:
    variable = f"HOST_{section}_{ending}"
    assert load_settings(tmp_path, {variable: value}) == load_settings(tmp_path, {})
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert f"ignored {variable}, which Kubernetes sets" in caplog.text


def test_one_warning_names_all_variables_of_kubernetes_services(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    load_settings(tmp_path, {f"HOST_SERVER_{ending}": value for ending, value in OF_A_SERVICE})
    assert len(caplog.records) == 1
    assert all(f"HOST_SERVER_{ending}" in caplog.text for ending, _ in OF_A_SERVICE)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HOST_BUILD_ID", "42"),
        ("HOST_DATABASE_PORT", "27017"),
        ("HOST_DATABASE_PORT_27017", "10.0.0.7"),
        ("HOST_DATABASE_PORT_TCP", "1"),
        ("HOST_DATABASE_SERVICES", "1"),
        ("HOST_DATABASE_ADDRESS", "http://10.0.0.7"),
    ],
)
def test_an_unknown_variable_of_another_form_is_an_error(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"unknown variable {variable}"):
        load_settings(tmp_path, {variable: value})


@pytest.mark.parametrize("prefix", ["/todo", "todo", "/a/b/", "/a-b_c~d.e", "/healthy"])
def test_a_valid_prefix_is_accepted(prefix: str) -> None:
    assert PluginSettings(prefix=prefix).prefix == "/" + prefix.strip("/")


@pytest.mark.parametrize("prefix", ["", "/", "//", "/..", "/a/../b", "/a b", "/a?b", "/a#b", "/{a}", "/a%20b", "/ü", "/a\n"])
def test_an_invalid_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="is not a path of its own"):
        PluginSettings(prefix=prefix)


@pytest.mark.parametrize("reserved", RESERVED_PREFIXES)
@pytest.mark.parametrize("below", ["", "/more"])
def test_a_prefix_of_the_host_is_refused(reserved: str, below: str) -> None:
    with pytest.raises(ValueError, match="is reserved; the host itself serves /channels, /health, /metrics, /schema"):
        PluginSettings(prefix=reserved + below)


def test_options_are_kept_unchanged(tmp_path: Path) -> None:
    text = "[plugins.a__b.options]\nname = 'x'\nnested = { deep = [1, { more = true }] }\nday = 2026-01-02\n"
    options = load_settings(write(tmp_path, text), {}).plugins.tables["a__b"].options
    assert options["nested"] == {"deep": [1, {"more": True}]}
    assert options["day"].isoformat() == "2026-01-02"


def test_two_directories_have_separate_settings(tmp_path: Path) -> None:
    (other := tmp_path / "other").mkdir()
    write(other, "environment = 'other'\n")
    assert (load_settings(tmp_path, {}).environment, load_settings(other, {}).environment) == ("development", "other")


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    with pytest.raises(AttributeError):
        settings.environment = "x"  # type: ignore[misc]  # the assignment is tested


LINES = """\
# [plugins]
environment = "x"

[plugins]
order = [
  "a__b before c__d",
]
"a__b" = { prefix = "/x" }

[plugins.c__d.options]
  size = 3
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("environment",), 2),
        (("plugins",), 4),
        (("plugins", "order"), 5),
        (("plugins", "a__b"), 8),
        (("plugins", "a__b", "prefix"), 8),
        (("plugins", "c__d"), 4),
        (("plugins", "c__d", "options"), 10),
        (("plugins", "c__d", "options", "size"), 11),
        (("plugins", "missing"), 4),
        (("missing",), None),
    ],
)
def test_the_line_of_a_key_is_found(tmp_path: Path, path: tuple[str, ...], line: int | None) -> None:
    assert line_of(write(tmp_path, LINES) / "host.toml", path) == line


def test_a_wrong_variable_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(write(tmp_path, WHOLE), {"HOST_PLUGINS_ON_FAILURE": "never"})
    assert (caught.value.key, caught.value.file, caught.value.line) == ("HOST_PLUGINS_ON_FAILURE", None, None)
