"""Plugins without packaging: the directory ``plugins/`` beside ``host.toml`` (rows R32, K1)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from host import Host
from host.common.errors import DuplicatePluginError, InvalidKeyError
from tests.conformance.kit import ANSWERING, error, get, in_host, response_texts
from tests.distributions import Project

SOURCE = "from hookspecs import Scope, hookimpl\n" + dedent(ANSWERING)
FAILING = "raise RuntimeError('imported')\n"


@pytest.fixture
def plugins(project: Project) -> Iterator[Path]:
    """The directory; modules imported from it are removed afterwards. The plugins of the environment are disabled."""
    directory = project.directory / "plugins"
    directory.mkdir()
    project.only_own = False
    project.configure('[plugins]\ndisabled = ["acme-auth", "acme-todo", "acme-billing"]\n')
    before = set(sys.modules)
    yield directory
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(directory)):
            del sys.modules[name]


def test_R32_K1_a_file_and_a_package_in_the_directory_are_plugins(project: Project, plugins: Path) -> None:
    (plugins / "shop__cart.py").write_text(SOURCE, encoding="utf-8")
    package = plugins / "shop__stock"
    package.mkdir()
    (package / "__init__.py").write_text("from hookspecs import hookimpl\nfrom .routes import register_routes\n", encoding="utf-8")
    (package / "routes.py").write_text(SOURCE, encoding="utf-8")
    assert response_texts(project, "/shop__cart", "/shop__stock") == ["shop__cart", "shop__stock"]


def test_R32_K1_underscore_names_other_files_and_nested_directories_are_ignored(project: Project, plugins: Path) -> None:
    (plugins / "shop__cart.py").write_text(SOURCE, encoding="utf-8")
    (plugins / "_shop__mixin.py").write_text(FAILING, encoding="utf-8")
    (plugins / "README.md").write_text("about", encoding="utf-8")
    deeper = plugins / "deeper"
    deeper.mkdir()
    (deeper / "shop__deep.py").write_text(FAILING, encoding="utf-8")

    async def keys(host: Host) -> list[str]:
        return list(host.plugins)

    assert in_host(project, keys) == ["shop__cart"]


def test_B13_R32_local_plugins_are_ordered_disabled_and_configured_like_installed_ones(project: Project, plugins: Path) -> None:
    sized = "from hookspecs import hookimpl\nfrom pydantic import BaseModel\n"
    sized += "class Options(BaseModel):\n    size: int = 3\n@hookimpl\ndef plugin_options(): return Options\n"
    for name, source in (("shop__a", sized), ("shop__b", SOURCE), ("shop__off", FAILING)):
        (plugins / f"{name}.py").write_text(source, encoding="utf-8")
    project.install("shop-installed", "")
    project.configure(
        """
        [plugins]
        disabled = ["acme-auth", "acme-todo", "acme-billing", "shop__off"]
        order = ["shop__b first", "shop__a last"]
        [plugins.shop__a.options]
        size = 9
        """
    )

    async def look(host: Host) -> tuple[list[str], int]:
        return list(host.plugins), host.plugins["shop__a"].scope.options.size

    assert in_host(project, look) == (["shop__b", "shop__installed", "shop__a"], 9)


def test_R32_local_plugins_are_listed_without_an_import(project: Project, plugins: Path) -> None:
    (plugins / "shop__cart.py").write_text(FAILING, encoding="utf-8")
    done = project.host("plugins", "list", "--json")
    assert done.code == 0, done.stderr
    (listed,) = [plugin for plugin in json.loads(done.stdout)["plugins"] if plugin["key"] == "shop__cart"]
    assert (listed["distribution"], listed["status"]) == ("plugins/shop__cart.py", "enabled")


def test_R32_a_file_name_that_is_not_a_key_is_an_error(project: Project, plugins: Path) -> None:
    """In raclette any name of a directory is an identifier; here a key has the same form everywhere."""
    (plugins / "cart.py").write_text(SOURCE, encoding="utf-8")
    failure = error(project)
    assert isinstance(failure, InvalidKeyError)
    assert (failure.plugin, failure.distribution) == ("cart", "plugins/cart.py")


def test_R32_a_local_key_that_is_also_installed_is_an_error_that_names_both(project: Project, plugins: Path) -> None:
    (plugins / "shop__cart.py").write_text(SOURCE, encoding="utf-8")
    project.install("shop-cart", ANSWERING)
    failure = error(project)
    assert isinstance(failure, DuplicatePluginError)
    assert "shop-cart 1.0.0" in failure.message
    assert "plugins/shop__cart.py" in failure.message


def test_R32_python_files_outside_the_directory_are_not_plugins(project: Project) -> None:
    project.install("shop-cart", ANSWERING)
    (project.directory / "shop__beside.py").write_text(FAILING, encoding="utf-8")
    assert [answer.status_code for answer in get(project, "/shop__cart", "/shop__beside")] == [200, 404]
