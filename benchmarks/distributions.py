"""Write distributions as pip leaves them in a directory on ``sys.path``: metadata and, for plugins, a module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

_DESCRIPTION = "A paragraph of a long description, as projects on PyPI have one.\n" * 60


def install(
    site: Path,
    name: str,
    *,
    requires: Sequence[str] = (),
    entry_points: Mapping[str, Mapping[str, str]] | None = None,
    modules: Mapping[str, str] | None = None,
) -> None:
    """Write one distribution of version 1.0 with the files that pip writes.

    Args:
        site: an existing directory, to be put on ``sys.path``.
        name: the project's name.
        requires: its requirements.
        entry_points: group → name → value.
        modules: file name → source.
    """
    modules = modules or {}
    home = site / f"{name.replace('-', '_')}-1.0.dist-info"
    home.mkdir()
    head = ["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", f"Summary: The project {name}"]
    metadata = [*head, *(f"Requires-Dist: {requirement}" for requirement in requires), "", _DESCRIPTION]
    files = {
        "METADATA": "\n".join(metadata),
        "WHEEL": "Wheel-Version: 1.0\nGenerator: benchmarks\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "INSTALLER": "pip\n",
    }
    if entry_points:
        groups = (f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in names.items()) for group, names in entry_points.items())
        files["entry_points.txt"] = "\n".join(groups)
    listed = [*modules, *(f"{home.name}/{file}" for file in files), f"{home.name}/RECORD"]
    files["RECORD"] = "".join(f"{file},,\n" for file in listed)
    for file, text in files.items():
        (home / file).write_text(text, encoding="utf-8")
    for file, text in modules.items():
        (site / file).write_text(text, encoding="utf-8")


def install_plugin(site: Path, name: str, target: str, *, requires: Sequence[str] = (), source: str | None = None) -> None:
    """Write the distribution of one plugin.

    Args:
        site: an existing directory, to be put on ``sys.path``.
        name: ``author-name``; the plugin's key is ``author__name``.
        target: the entry point's value: the plugin's module, or an object in a module.
        requires: requirements besides the host.
        source: the module's source; ``None`` if the module is elsewhere on ``sys.path``.
    """
    install(
        site,
        name,
        requires=["litestar-host>=1,<2", *requires],
        entry_points={"host.plugins": {name.replace("-", "__", 1).replace("-", "_"): target}},
        modules=None if source is None else {f"{target.partition(':')[0]}.py": source},
    )
