"""The generated parts of plugins, one golden file per subject; ``generated-config.ts`` also contains the host's own text."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Final

import pytest

from host.frontend.model import Generated
from host.lifecycle.generation import booted, generate_for
from tests.distributions import Project
from tests.frontend.compile import COMPILERS, compile_files
from tests.frontend.hostile import together

GOLDEN: Final = Path(__file__).parent.parent / "golden"

ROUTE: Final = """
    from litestar import get

    from hookspecs import Child, hookimpl
    from {types}

    @get("/{path}")
    async def read() -> {type}: ...

    @hookimpl
    def register_routes():
        return read
"""
CHILDREN: Final = """
    @hookimpl
    def register_plugins():
        return Child(line, "line", "/lines")
"""
STRUCT: Final = "import msgspec\n\n\nclass {name}(msgspec.Struct):\n    {fields}\n"


def module(imported: str, path: str, returned: str, more: str = "") -> str:
    """Return the source of a plugin with one route."""
    return dedent(ROUTE).format(types=imported, path=path, type=returned) + dedent(more)


def struct(name: str, fields: str, first: str = "") -> str:
    """Return the source of a module with one type."""
    return first + STRUCT.format(name=name, fields=fields)


def identity(project: Project) -> Generated:
    """A required plugin's type, a library's and a child's; two plugins of one distribution and a module between them."""
    library = {"acme_library.py": struct("Money", "amount: int")}
    project.install("acme-library", library, plugins={})
    billing = {
        "acme_billing/__init__.py": "",
        "acme_billing/contract.py": struct("Quota", "price: Money", "from acme_library import Money\n"),
        "acme_billing/plugin.py": module("acme_billing.contract import Quota", "quota", "Quota"),
    }
    project.install("acme-billing", billing, target="acme_billing.plugin")
    between = "from acme_billing.contract import Quota\nfrom acme_library import Money\nfrom acme_shop import line\n"
    shop = {
        "acme_shop/__init__.py": "",
        "acme_shop/line.py": struct("Line", "text: str") + module("acme_shop.line import Line", "", "Line"),
        "acme_shop/types.py": struct("Task", "quota: Quota\n    price: Money\n    line: line.Line", between),
        "acme_shop/plugin.py": module("acme_shop.types import Task, line", "task", "Task", CHILDREN),
    }
    project.install("acme-shop", shop, target="acme_shop.plugin", requires=["acme-billing"])
    desk = "from acme_suite.chat.types import Task as Theirs\nfrom acme_suite.common import Shared\n"
    suite = {
        "acme_suite/__init__.py": "",
        "acme_suite/common.py": struct("Shared", "both: bool"),
        "acme_suite/chat/__init__.py": "",
        "acme_suite/chat/types.py": struct("Task", "shared: Shared", "from acme_suite.common import Shared\n"),
        "acme_suite/chat/plugin.py": module("acme_suite.chat.types import Task", "task", "Task"),
        "acme_suite/desk/__init__.py": "",
        "acme_suite/desk/types.py": struct("Task", "theirs: Theirs\n    shared: Shared", desk),
        "acme_suite/desk/plugin.py": module("acme_suite.desk.types import Task", "task", "Task"),
    }
    plugins = {"acme__chat": "acme_suite.chat.plugin", "acme__desk": "acme_suite.desk.plugin"}
    project.install("acme-suite", suite, plugins=plugins)
    return generate_for(*booted(project.settings))


def hostile_names(_project: Project) -> Generated:
    """Plugins that use one string everywhere."""
    return together(["*/ `${pwned(1)}`\n\\\"'", "__proto__", "1\u2028\u202e\ud800é"])[1]


def types(project: Project) -> Generated:
    """One type from each source that a plugin may use."""
    project.install("acme-types", {}, key="acme__types", target="fx_types")
    return generate_for(*booted(project.settings))


SUBJECTS: Final[Mapping[str, tuple[Callable[[Project], Generated], tuple[str, ...]]]] = {
    "identity": (identity, ("types", "calls")),
    "hostile-names": (hostile_names, ("types", "calls", "config")),
    "types": (types, ("types",)),
}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_equals_its_golden_file(subject: str, project: Project) -> None:
    make, kinds = SUBJECTS[subject]
    text = sections_of(make(project), kinds)
    file = GOLDEN / f"{subject}.ts"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), "if that is right: UPDATE_GOLDEN=1 pytest tests/frontend"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_subjects_compile(compiler: str, tmp_path: Path) -> None:
    files = []
    for subject, (make, _) in SUBJECTS.items():
        project = Project.at(tmp_path / subject)
        with project.cleanup, project.site.active():
            files.append(project.directory / f"{subject}.ts")
            files[-1].write_text(make(project).text, encoding="utf-8")
    assert compile_files(files, compiler) == ""


def sections_of(generated: Generated, kinds: tuple[str, ...]) -> str:
    """Return the sections of some kinds, plugin by plugin."""
    sections = [section for part in generated.parts.values() for section in part.split("// ───")[1:]]
    chosen = [
        f"// ───{section}" for section in sections if section.partition("\n")[0].endswith(tuple(f": {kind}" for kind in kinds))
    ]
    return "// The parts of the plugins in generated-config.ts, without what the host says itself.\n\n" + "\n".join(chosen)
