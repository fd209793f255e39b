"""The package as the host sees it."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import acme_todo
import pytest

PACKAGE = Path(acme_todo.__file__).parent


@pytest.mark.parametrize("module", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.name)
def test_it_imports_the_public_api_only(module):
    tree = ast.parse(module.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name for name in imported if name.split(".")[0] == "host"} <= {"host.data"}
    others = {"acme_billing", "host", "hookspecs", "litestar", "beanie", "pydantic", "pymongo", "msgspec"}
    assert {name.split(".")[0] for name in imported} <= others | {"acme_todo"} | sys.stdlib_module_names
    assert not {name for name in imported if name.startswith("acme_billing.")}, "of another plugin only its contract is public"
