"""``docs/compatibility.md`` says what the modules and ``pyproject.toml`` say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from host.common.compat import asyncio, beanie, granian, litestar, pymongo

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")


def test_every_name_stands_in_the_table_of_its_library():
    for module in (asyncio, beanie, granian, litestar, pymongo):
        title = module.__name__.rpartition(".")[2]
        table = PAGE.partition(f"### {title}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
        listed = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)}
        assert listed == {name.partition(":")[2] for feature in module.FEATURES for name in feature.names}, title


def test_the_allowed_versions_are_those_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = dict(re.match(r"([\w-]+)(?:\[\w+\])?(>=.*)", one).groups() for one in project["dependencies"])
    assert dict(re.findall(r"^\| ([\w-]+) \| `(>=[^`]*)` \|", PAGE, re.MULTILINE)) == required
