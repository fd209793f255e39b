"""The TypeScript examples of the guide compile against the file of the sample plugins."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.distributions import host_command
from tests.frontend.compile import COMPILERS, compile_files

ROOT: Final = Path(__file__).parents[2]
#: Declarations that the guide's examples assume.
ASSUMED: Final = "export {};\ndeclare const token: () => Promise<string>;\n"


def snippets(page: str) -> str:
    """Return all TypeScript of a page as one module: later examples use the imports of earlier ones."""
    examples = re.findall(r"```ts\n(.*?)```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL)
    return ASSUMED + "\n".join(examples)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_guide_compiles(compiler: str, generated_of_samples: Path) -> None:
    uses = [generated_of_samples.with_name(f"{page}.ts") for page in ("frontend.md", "channels.md")]
    for use in uses:
        use.write_text(snippets(use.stem), encoding="utf-8")
    assert compile_files(uses, compiler) == ""


@pytest.fixture(scope="session")
def generated_of_samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the file of the installed sample plugins."""
    path = tmp_path_factory.mktemp("samples") / "generated-config.ts"
    command = [host_command(), "generate-config", "--output", str(path)]
    subprocess.run(command, cwd=path.parent, check=True, capture_output=True, timeout=60)
    return path
