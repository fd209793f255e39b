"""The package as the host sees it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import acme_todo

PACKAGE = Path(acme_todo.__file__).parent


def imports() -> Iterator[tuple[str, str]]:
    """Yield each module of the package with each module that it imports."""
    for module in sorted(PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((module.name, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield module.name, node.module or "."


def test_it_imports_the_public_api_only():
    public = {"acme_todo", "hookspecs", "litestar", "beanie", "pydantic", "pymongo", "msgspec"} | sys.stdlib_module_names
    # Of another plugin only its contract is public.
    whole = {"host.data", "acme_billing"}
    assert [(module, name) for module, name in imports() if name.split(".")[0] not in public and name not in whole] == []
