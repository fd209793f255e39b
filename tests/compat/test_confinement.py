"""Undocumented names of libraries are used in ``host/common/compat`` alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.common.compat import asyncio, beanie, granian, litestar, pymongo
from host.common.compat.probe import Feature

ROOT = Path(__file__).parents[2]
COMPAT = ROOT / "host" / "common" / "compat"
#: Modules that are no part of the documentation of their library.
MODULES = (
    "_asyncio",
    "asyncio.tasks",
    "asyncio.events",
    "asyncio.base_events",
    "beanie.odm",
    "bson._",
    "granian",
    "litestar._",
    "litestar.constants",
    "litestar.handlers.websocket_handlers",
    "litestar.utils",
    "pymongo._",
)
FEATURES: tuple[Feature, ...] = tuple(
    feature for module in (asyncio, beanie, granian, litestar, pymongo) for feature in module.FEATURES
)
#: Attributes of what a probed name leads to.
FURTHER = {"schema_registry", "_asyncio_future_blocking", "_fut_waiter"}
#: Names that mean something documented elsewhere, or something of this project.
ORDINARY = {
    "Encoder",
    "from_fn",
    "get_dict",
    "interrupt_signal",
    "key",
    "parse_obj",
    "parsed_fn_signature",  # documented of handlers, not of providers
    "path_parameters",
    "provide",
    "routes",
    "shutdown",
    "startup",
    "wrap_with_actions",
}
#: What documents define for Beanie to use; which of it is used, a probe decides.
OF_DOCUMENTS = {"_save_state", "UpdateQueryType", "DeleteQueryType", "_find_many_query_class", "_find_one_query_class"}
_BY_NAME = {"getattr", "setattr", "hasattr", "delattr"}


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    folders = [ROOT / "host", ROOT / "hookspecs", *(ROOT / "sample_plugins").glob("*/acme_*")]
    files = (path for folder in folders for path in sorted(folder.rglob("*.py")) if COMPAT not in path.parents)
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in files}


def test_no_other_module_imports_what_is_not_documented(trees: dict[str, ast.Module]):
    assert len(trees) > 100
    assert [f"{path}: {name}" for path, tree in trees.items() for name in imported(tree) if name.startswith(MODULES)] == []


def test_no_other_module_uses_a_name_that_is_probed(trees: dict[str, ast.Module]):
    names = ({last(name) for feature in FEATURES for name in feature.names} | FURTHER) - ORDINARY
    assert {"ownership_layers", "dependency_batches", "_get_bound_session", "wrks", "_tasks"} <= names
    used = [
        f"{path}:{getattr(node, 'lineno', 0)}: {name}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        for name in used_in(node)
        if name in names and not (name in OF_DOCUMENTS and path.startswith("host/data/documents/"))
    ]
    assert used == []


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def used_in(node: ast.AST) -> Iterator[str]:
    """Names of attributes of something else than ``self``, by whichever syntax, and of methods that are defined."""
    if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
        yield node.attr
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _BY_NAME:
        yield from (
            argument.value for argument in node.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        )
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name


def last(name: str) -> str:
    return name.rpartition(":")[2].rpartition(".")[2]
