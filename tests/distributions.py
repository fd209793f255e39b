"""Installed distributions in a directory of their own, and the real ``host`` command with them.

Nothing is faked: a site directory gets the files that pip leaves (``METADATA``, ``entry_points.txt``, ``RECORD``, ``INSTALLER``
and the source), and is put on the path of this process or, through ``PYTHONPATH``, of a ``host`` process.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import hookspecs
from host.common.settings import Settings, load_settings
from tests.commands import Commands, host_command, skip_if_mutated

__all__ = ["Outcome", "Project", "Site", "host_command"]

_COMMANDS = Commands()
#: Environment variables that Python reads when it starts.
_AT_START = re.compile("PYTHON|LC_|LANG|TZ")


class Site:
    """A directory such as ``site-packages``.

    Args:
        directory: created if missing.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.keys: list[str] = []
        #: Name and version of each distribution → its requirements, entry points and files.
        self.installed: dict[str, tuple[tuple[str, ...], dict[str, str], dict[str, str]]] = {}
        self._hidden: dict[str, ModuleType] = {}
        directory.mkdir(parents=True, exist_ok=True)

    def install(
        self,
        name: str,
        source: str | Mapping[str, str] = "",
        *,
        version: str = "1.0.0",
        requires: Sequence[str] = (),
        key: str | None = None,
        target: str | None = None,
        plugins: Mapping[str, str] | None = None,
    ) -> str:
        """Install a distribution with one plugin.

        Args:
            name: the name of the distribution, such as ``shop-cart``.
            source: the source of its one module, whose name is the distribution's with underscores and which gets the imports from
                ``hookspecs``; or path → content of several files.
            version: the version of the distribution.
            requires: its ``Requires-Dist``.
            key: the key of the plugin; default: ``shop__cart``.
            target: the value of the entry point; default: the module.
            plugins: all entry points, key → target, instead of the single one.

        Returns:
            The key of its (first) plugin.
        """
        module = name.replace("-", "_").lower()
        entries = dict(plugins) if plugins is not None else {key or module.replace("_", "__", 1): target or module}
        files = {f"{module}.py": _with_imports(dedent(source))} if isinstance(source, str) else dict(source)
        info = f"{module}-{version}.dist-info"
        metadata = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", f"Summary: The {name} plugin"]
        metadata += [f"Requires-Dist: {requirement}" for requirement in requires]
        lines = ["[host.plugins]", *(f"{entry} = {value}" for entry, value in entries.items())]
        files[f"{info}/METADATA"] = "\n".join(metadata) + "\n"
        files[f"{info}/entry_points.txt"] = "\n".join(lines) + "\n"
        files[f"{info}/INSTALLER"] = "pip\n"
        files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
        for path, content in files.items():
            file = self.directory / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        self._hide(path.partition("/")[0].removesuffix(".py") for path in files)
        self.keys += [entry for entry in entries if entry not in self.keys]
        self.installed[f"{name} {version}"] = (tuple(requires), entries, files)
        importlib.invalidate_caches()
        return next(iter(entries), "")

    def _hide(self, names: Iterable[str]) -> None:
        """Set aside modules that this process has imported under these names from elsewhere, such as a sample plugin."""
        start = str(self.directory) + os.sep
        for name in names:
            if (getattr(sys.modules.get(name), "__file__", None) or start).startswith(start):
                continue
            for module in [module for module in sys.modules if module == name or module.startswith(f"{name}.")]:
                self._hidden[module] = sys.modules.pop(module)

    @contextmanager
    def active(self) -> Iterator[None]:
        """Put it on the path of this process; afterwards path and modules are as before."""
        path = str(self.directory)
        sys.path.insert(0, path)
        importlib.invalidate_caches()
        try:
            yield
        finally:
            sys.path.remove(path)
            for name in [name for name, module in sys.modules.items() if _location(module).startswith(path + os.sep)]:
                del sys.modules[name]
            sys.modules.update(self._hidden)
            self._hidden.clear()
            importlib.invalidate_caches()


def _location(module: ModuleType) -> str:
    """Return the path that a module was imported from; a namespace package has no file."""
    return getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), "")


def _with_imports(source: str) -> str:
    """Return the source with imports of the names from ``hookspecs`` that it uses."""
    names = [name for name in hookspecs.__all__ if re.search(rf"\b{name}\b", source)]
    space = "" if source.lstrip().startswith(("from ", "import ")) else "\n\n"
    return f"from hookspecs import {', '.join(names)}\n{space}{source.lstrip()}" if names else source


@dataclass(frozen=True)
class Outcome:
    """The result of a command."""

    code: int
    stdout: str
    stderr: str


@dataclass
class Project:
    """A directory in which ``host`` is run, with plugins of its own.

    Other plugins may be installed in the same environment; the variable ``HOST_PLUGINS_ENABLED`` excludes them unless a test says
    otherwise.

    Args:
        directory: the directory of ``host.toml``.
        site: the directory of the plugins.
        environ: more environment variables for the command.
        only_own: whether to set that variable.
    """

    directory: Path
    site: Site
    environ: dict[str, str] = field(default_factory=dict)
    only_own: bool = True
    #: Clean-up at the end of the test, such as closing a port.
    cleanup: ExitStack = field(default_factory=ExitStack)
    #: Text of a documented command and its output → the corresponding value in this project.
    replaced: dict[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, root: Path) -> Project:
        """Return an empty project."""
        directory = root / "project"
        directory.mkdir(parents=True)
        return cls(directory, Site(root / "site-packages"))

    def install(self, name: str, source: str | Mapping[str, str] = "", **options: object) -> str:
        """Install a distribution, see :meth:`Site.install`."""
        return self.site.install(name, source, **options)  # type: ignore[arg-type]  # the same arguments

    def configure(self, text: str, file: str = "host.toml") -> Path:
        """Write the settings."""
        path = self.directory / file
        path.write_text(dedent(text), encoding="utf-8")
        return path

    @property
    def variables(self) -> dict[str, str]:
        """The ``HOST_…`` variables and those of the test."""
        chosen = {"HOST_PLUGINS_ENABLED": ",".join(self.site.keys)} if self.only_own else {}
        return chosen | self.environ

    @property
    def settings(self) -> Settings:
        """The settings as a ``host`` process would read them."""
        return load_settings(self.directory, self.variables)

    def environment(self) -> dict[str, str]:
        """The environment of a ``host`` process."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        own = {"PYTHONPATH": str(self.site.directory), "NO_COLOR": "1"}
        return kept | own | self.variables

    def host(self, *arguments: str, timeout: float = 120.0, fresh: bool = False) -> Outcome:
        """Run the command in a process of its own until it ends.

        Args:
            arguments: the arguments of ``host``.
            timeout: in seconds.
            fresh: start a new interpreter instead of forking one that has imported the libraries (``tests/commands.py``). This is
                done in any case if the project has a ``sitecustomize`` or sets variables that Python reads when it starts.
        """
        if "MUTANT_UNDER_TEST" in os.environ and not fresh:
            from tests.mutated_command import run_mutated

            return Outcome(*run_mutated(list(arguments), self.directory, self.environment(), timeout))
        if fresh or any(_AT_START.match(name) for name in self.environ) or (self.site.directory / "sitecustomize.py").exists():
            return self._run([host_command(), *arguments], timeout)
        return Outcome(*_COMMANDS.run(list(arguments), self.directory, self.environment(), timeout))

    def python(self, code: str, *arguments: str, timeout: float = 120.0) -> Outcome:
        """Run Python in the environment of the command."""
        return self._run([sys.executable, "-c", dedent(code), *arguments], timeout)

    def _run(self, command: list[str], timeout: float) -> Outcome:
        skip_if_mutated()
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)
