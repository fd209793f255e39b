"""Examples and sections of ``docs/errors.md``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent

from tests.distributions import Project


@dataclass(frozen=True)
class Example:
    """One way to cause an error.

    Args:
        title: What happens, in a few words.
        arrange: Installs the plugins and writes the settings.
        command: The command to run.
        exit_code: The expected exit code.
        says: Parts of the expected output, besides the code of the error.
        shows: Whether the documentation shows settings and sources.
    """

    title: str
    arrange: Callable[[Project], object]
    command: str = "host plugins check"
    exit_code: int = 3
    says: tuple[str, ...] = ()
    shows: bool = True


@dataclass(frozen=True)
class Section:
    """The section of one error code.

    Args:
        code: The code of the class in ``host.common.errors``.
        when: When the error happens.
        then: What to do.
        examples: At least one example.
    """

    code: str
    when: str
    then: str
    examples: tuple[Example, ...]


def install(name: str, source: str = "", **options: object) -> Callable[[Project], object]:
    """Install a distribution; its source is shown as the formatter would write it."""
    spaced = re.sub(r"\n{2,}(?=@|class |def |async def )", "\n\n\n", dedent(source))
    return lambda project: project.install(name, spaced, **options)


def configure(text: str, file: str = "host.toml") -> Callable[[Project], object]:
    """Write the settings."""
    return lambda project: project.configure(text, file)


def both(*steps: Callable[[Project], object]) -> Callable[[Project], object]:
    """Run several steps in order."""

    def arrange(project: Project) -> None:
        for step in steps:
            step(project)

    return arrange
