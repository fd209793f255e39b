"""Imports point downwards only, those inside functions too; only ``TYPE_CHECKING`` may look up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Lowest first; modules of one layer do not import each other, but for those of one package, and those named in BESIDE.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("host", "host.errors", "host.naming", "host.urls", "hookspecs"),
    (
        "host.toml",
        "host.metadata",
        "host.rendering",
        "host.address",
        "host.files",
        "host.installed",
        "host.timeline",
        "host.stepping",
        "host.left_out",
        "host.signatures",
        "host.awaiting",
        "host.classes",
        "host.members",
        "host.data",
    ),
    ("host.settings", "host.local", "host.requirements", "host.protocols"),
    ("host.discovery", "host.order", "host.failures", "host.routes"),
    ("host.hooks", "host.sources", "host.allowed", "host.report"),
    ("host.plugin", "host.blame", "host.watching"),
    ("host.options", "host.services", "host.frontend", "host.limits", "host.load_order", "host.packages", "host.progress"),
    ("host.loading", "host.scope"),
    ("host.contributions",),
    ("host.conflicts", "host.contracts", "host.injection", "host.tree"),
    ("host.authentication",),
    ("host.channels", "host.database"),
    ("host.assembly",),
    ("host.lifecycle",),
    ("host.runtime", "host.generation", "host.graph", "host.catalog"),
    ("host.host", "host.artifact"),
    ("host.worker",),
    ("host.serving",),
    ("host.cli",),
)

#: The package re-exports its main class, and imports it when it is asked for.
FACADE = ("host", "host.host")

RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}


def modules() -> dict[str, Path]:
    """All modules of the two packages, by name."""
    found = {}
    for package in ("host", "hookspecs"):
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def layer_of(module: str) -> str:
    """The longest entry of LAYERS in which a module lies."""
    parts = module.split(".")
    names = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next(name for name in names if name in RANK and (name != "host" or module == "host"))


def imports(tree: ast.AST) -> Iterator[str]:
    """The names of the modules that are imported at run time."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else str(node.module)
        else:
            yield from imports(node)


def edges() -> list[tuple[str, str]]:
    """Who imports whom within the two packages."""
    return [
        (module, imported)
        for module, path in sorted(MODULES.items())
        for imported in sorted(set(imports(ast.parse(path.read_text(encoding="utf-8")))))
        if imported in MODULES and (module, imported) != FACADE
    ]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_every_module_has_a_layer(module: str) -> None:
    assert layer_of(module) in RANK


def test_imports_point_downwards() -> None:
    upwards = [
        f"{module} imports {imported}"
        for module, imported in edges()
        if layer_of(module) != layer_of(imported) and RANK[layer_of(module)] <= RANK[layer_of(imported)]
    ]
    assert upwards == []


def test_no_package_imports_in_a_ring() -> None:
    ahead: dict[str, set[str]] = {module: set() for module in MODULES}
    for module, imported in edges():
        ahead[module] |= {imported} - {module}
    while ahead:
        free = {module for module, imported in ahead.items() if not imported & ahead.keys()}
        assert free, f"a ring among {sorted(ahead)}"
        ahead = {module: imported for module, imported in ahead.items() if module not in free}


def test_hookspecs_imports_nothing_of_the_host() -> None:
    assert [edge for edge in edges() if edge[0].startswith("hookspecs") and not edge[1].startswith("hookspecs")] == []


@pytest.mark.parametrize("plugin", sorted(path.name for path in (ROOT / "sample_plugins").iterdir() if path.is_dir()))
def test_sample_plugins_use_what_is_public(plugin: str) -> None:
    for path in (ROOT / "sample_plugins" / plugin).rglob("*.py"):
        if "tests" in path.parts or "build" in path.parts:
            continue
        found = set(imports(ast.parse(path.read_text(encoding="utf-8"))))
        assert not {name for name in found if name.split(".")[0] == "host" and name != "host.data"}, path
        assert not {name for name in found if name.startswith("hookspecs.")}, path


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_says_what_it_is_for(module: str) -> None:
    assert ast.get_docstring(ast.parse(MODULES[module].read_text(encoding="utf-8")))


@pytest.mark.parametrize("module", sorted(MODULES))
def test_functions_are_short(module: str) -> None:
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, f"{module}.{node.name}"
