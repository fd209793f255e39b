"""Bytecode that may belong to an older source is not run, even if the source's size and modification time match."""

from __future__ import annotations

import importlib.util
import os
import py_compile
import sys
from pathlib import Path

import pytest

from host.common.bytecode import SourceLoader, check_bytecode
from tests.distributions import Project

#: The modification time of every source here; long before anything is compiled.
FIXED = 1_000_000_000


def write(path: Path, source: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    os.utime(path, (FIXED, FIXED))
    return path


def write_over_bytecode(path: Path) -> Path:
    """Write a source that returns 2 over a compiled one of equal size and time that returns 1; return the bytecode's path."""
    bytecode = Path(py_compile.compile(str(write(path, "VALUE = 1\n")), doraise=True))
    write(path, "VALUE = 2\n")
    return bytecode


def make_older(bytecode: Path, seconds: float = 10.0) -> None:
    """Make the source look as if it was changed long before it was compiled: only the later time can be set."""
    changed = bytecode.parent.parent.joinpath(f"{bytecode.name.partition('.')[0]}.py").stat().st_ctime
    os.utime(bytecode, (changed + seconds, changed + seconds))


def loaded(path: Path) -> int:
    """Return the value of the module when the host's loader imports it."""
    spec = importlib.util.spec_from_file_location("module", path, loader=SourceLoader("module", str(path)))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return int(module.VALUE)


def imported(project: Project, statement: str) -> str:
    """Return the value of an expression in a process that checks bytecode."""
    outcome = project.python(f"from host.common.bytecode import check_bytecode\ncheck_bytecode()\n{statement}")
    assert outcome.code == 0, outcome.stderr
    return outcome.stdout.strip()


def test_python_alone_runs_the_old_code(project: Project) -> None:
    write_over_bytecode(project.site.directory / "module.py")
    assert project.python("import module; print(module.VALUE)").stdout == "1\n"


def test_a_source_that_changed_after_it_was_compiled_is_compiled_again(tmp_path: Path) -> None:
    write_over_bytecode(tmp_path / "module.py")
    assert loaded(tmp_path / "module.py") == 2


def test_bytecode_written_just_after_the_source_is_not_trusted(tmp_path: Path) -> None:
    """The process that compiled it may have read the source before it was changed."""
    make_older(write_over_bytecode(tmp_path / "module.py"), seconds=1)
    assert loaded(tmp_path / "module.py") == 2


def test_bytecode_that_is_clearly_newer_is_used(tmp_path: Path) -> None:
    make_older(write_over_bytecode(tmp_path / "module.py"))
    assert loaded(tmp_path / "module.py") == 1


def test_recompiled_bytecode_is_written(project: Project) -> None:
    module = project.site.directory / "module.py"
    bytecode = write_over_bytecode(module)
    before = bytecode.read_bytes()
    imported(project, "import module")
    assert bytecode.read_bytes() != before
    make_older(bytecode)
    assert loaded(module) == 2


@pytest.mark.parametrize("file", ["module.py", "module/__init__.py"])
def test_modules_and_packages_are_checked(project: Project, file: str) -> None:
    write_over_bytecode(project.site.directory / file)
    assert imported(project, "import module; print(module.VALUE)") == "2"


def test_modules_inside_packages_are_checked(project: Project) -> None:
    write(project.site.directory / "package" / "__init__.py", "")
    write_over_bytecode(project.site.directory / "package" / "module.py")
    assert imported(project, "import package.module; print(package.module.VALUE)") == "2"


def test_modules_of_other_finders_are_checked(project: Project, tmp_path: Path) -> None:
    """For example packages that ``pip install -e`` has installed with a finder."""
    write_over_bytecode(tmp_path / "elsewhere" / "module.py")
    statement = f"""
import sys
from importlib.machinery import PathFinder

class Finder:
    def find_spec(self, name, path, target):
        return PathFinder.find_spec(name, [{str(tmp_path / "elsewhere")!r}]) if name == "module" else None

sys.meta_path.append(Finder())
import module
print(module.VALUE)
"""
    assert imported(project, statement) == "2"


def test_installed_packages_are_loaded_as_usual(project: Project) -> None:
    statement = "import click, json; print(type(click.__loader__).__name__, type(json.__loader__).__name__)"
    assert imported(project, statement) == "SourceFileLoader SourceFileLoader"


def test_a_foreign_loader_is_kept(project: Project) -> None:
    write_over_bytecode(project.site.directory / "module.py")
    statement = """
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader

class Tracing(SourceFileLoader):
    pass

class Finder:
    def find_spec(self, name, path, target):
        return ModuleSpec(name, Tracing(name, "module.py")) if name == "traced" else None

sys.meta_path.append(Finder())
import importlib.util
print(type(importlib.util.find_spec("traced").loader).__name__)
"""
    assert imported(project, statement) == "Tracing"


def test_a_module_that_does_not_exist_is_an_import_error(project: Project) -> None:
    assert imported(project, "import importlib.util; print(importlib.util.find_spec('module'))") == "None"


def test_the_check_is_installed_once(project: Project) -> None:
    assert imported(project, "import sys; before = len(sys.meta_path); check_bytecode(); print(len(sys.meta_path) - before)") == "0"


def test_importing_the_host_does_not_install_the_check() -> None:
    """Importing the host does not change the imports of the program that embeds it."""
    assert check_bytecode.__module__ not in {type(finder).__module__ for finder in sys.meta_path}
