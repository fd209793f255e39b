"""The style of the code, one check each; the direction of imports is checked by import-linter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: The most lines of one function, its docstring excluded: a hook specification has nothing else.
LONGEST = 60


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield each module below some folders, by its path from the root."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> set[str]:
    """Return the modules that are imported, those for type checking excluded."""
    modules: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(str(node.module))
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            modules |= imported(node)
    return modules


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the number of lines of a function without its docstring."""
    first = function.body[0]
    start = first.end_lineno if ast.get_docstring(function) else function.lineno
    return (function.end_lineno or 0) - (start or 0)


def test_each_module_has_a_docstring() -> None:
    assert [path for path, tree in sources("host", "hookspecs") if not ast.get_docstring(tree)] == []


def test_functions_are_short() -> None:
    functions = (
        (path, node)
        for path, tree in sources("host", "hookspecs")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert [f"{path}: {node.name}" for path, node in functions if length(node) >= LONGEST] == []


def test_sample_plugins_import_only_the_public_packages() -> None:
    public = {"host.data", "hookspecs"}
    private = [
        f"{path} imports {name}"
        for path, tree in sources("sample_plugins")
        if not {"tests", "build"} & set(Path(path).parts)
        for name in sorted(imported(tree))
        if name.split(".")[0] in {"host", "hookspecs"} and name not in public
    ]
    assert private == []
