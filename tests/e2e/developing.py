"""A plugin under development: installed from its own directory as by ``pip install -e``, or not installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from host.discovery.discover import installed_plugins
from tests.distributions import Project

ROUTE = """from hookspecs import hookimpl
from litestar import get
from {module}.names import {name}


@get("/{path}")
async def read() -> {name}:
    return {name}()


@hookimpl
def register_routes(scope):
    return read
"""
NAMES = """from dataclasses import dataclass


@dataclass
class {name}:
    title: str = ""
"""


FINDER = """import sys
from importlib.machinery import PathFinder
from os.path import dirname


class Finder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        return PathFinder.find_spec(fullname, [dirname({directory!r})]) if fullname == {package!r} else None


def install():
    if Finder not in sys.meta_path:
        sys.meta_path.append(Finder)
"""


def only_developed(project: Project, directory: Path) -> Project:
    """Install the plugin ``acme__duty`` from a directory and disable all plugins that are installed beside it.

    Plugins that are installed later are enabled.

    Args:
        project: the project it runs in.
        directory: the directory of the plugin's sources.
    """
    others = [plugin.key for plugin in installed_plugins()]
    _read_pth(project)
    write_source(directory, "acme_duty")
    develop(project, "acme-duty", directory)
    project.only_own = False
    project.environ["HOST_PLUGINS_DISABLED"] = ",".join(others)
    return project


def _read_pth(project: Project) -> None:
    """Make Python read ``.pth`` files of the project's site as it does for ``site-packages``: ``PYTHONPATH`` alone does not."""
    (project.site.directory / "sitecustomize.py").write_text(
        f"import site\nsite.addsitedir({str(project.site.directory)!r})\n", encoding="utf-8"
    )


def write_source(directory: Path, module: str, name: str = "Task", path: str = "task") -> None:
    """Write the package of a plugin.

    Args:
        directory: the directory of its sources.
        module: the package.
        name: the class that its route returns.
        path: the path of its route.
    """
    package = directory / module
    package.mkdir(parents=True, exist_ok=True)
    (package / "names.py").write_text(NAMES.format(name=name), encoding="utf-8")
    (package / "__init__.py").write_text(ROUTE.format(module=module, name=name, path=path), encoding="utf-8")


def write_source_with_fixed_time(directory: Path, module: str, name: str, path: str) -> None:
    """Write the package of a plugin with the same modification time as every earlier version.

    Each file is renamed into place, so that it never has another time. With names of equal length the sizes are equal too.
    """
    fresh = directory.with_name(f"{directory.name}-fresh")
    write_source(fresh, module, name, path)
    for file in sorted((fresh / module).iterdir()):
        os.utime(file, (1_000_000_000, 1_000_000_000))
        file.replace(directory / module / file.name)


def develop(project: Project, distribution: str, directory: Path, *, finder: bool = False) -> None:
    """Write what ``pip install -e`` writes: the metadata in the site, and a ``.pth`` file.

    Args:
        project: the project to install it in.
        distribution: its name.
        directory: the directory of its sources.
        finder: whether the ``.pth`` file imports a finder for the package, as setuptools does for a package directly beside its
            ``pyproject.toml``; otherwise it names the directory, as for a package in ``src``.
    """
    module = distribution.replace("-", "_")
    line = str(directory)
    if finder:
        name = f"__editable___{module}_finder"
        source = FINDER.format(package=module, directory=str(directory / module))
        (project.site.directory / f"{name}.py").write_text(source, encoding="utf-8")
        line = f"import {name}; {name}.install()"
    (project.site.directory / f"__editable__.{module}.pth").write_text(f"{line}\n", encoding="utf-8")
    project.install(distribution, {}, target=module)


def uninstall(project: Project, distribution: str) -> None:
    """Remove what ``pip uninstall`` removes."""
    module = distribution.replace("-", "_")
    (project.site.directory / f"__editable__.{module}.pth").unlink(missing_ok=True)
    (project.site.directory / f"__editable___{module}_finder.py").unlink(missing_ok=True)
    for path in project.site.directory.glob(f"{module}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
