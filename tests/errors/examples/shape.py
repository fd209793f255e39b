"""What an example and a section of ``docs/errors.md`` are."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent

from tests.distributions import Project


@dataclass(frozen=True)
class Example:
    """One way to come by an error.

    Args:
        title: what happens, in a few words.
        arrange: installs the plugins, writes the settings.
        command: what is run.
        exit_code: how it ends.
        says: what must stand in its output besides the code of the error.
        shows: whether the documentation shows settings and sources.
    """

    title: str
    arrange: Callable[[Project], object]
    command: str = "host plugins check"
    exit_code: int = 3
    says: tuple[str, ...] = ()
    shows: bool = True


@dataclass(frozen=True)
class Section:
    """One error code.

    Args:
        code: of the class in ``host.common.errors``.
        when: it happens.
        then: what to do.
        examples: at least one.
    """

    code: str
    when: str
    then: str
    examples: tuple[Example, ...]


def install(name: str, source: str = "", **options: object) -> Callable[[Project], object]:
    """Install one distribution, whose source stands in the documentation as the formatter would have it."""
    spaced = re.sub(r"\n{2,}(?=@|class |def |async def )", "\n\n\n", dedent(source))
    return lambda project: project.install(name, spaced, **options)


def configure(text: str, file: str = "host.toml") -> Callable[[Project], object]:
    """Write the settings."""
    return lambda project: project.configure(text, file)


def both(*steps: Callable[[Project], object]) -> Callable[[Project], object]:
    """One step after the other."""

    def arrange(project: Project) -> None:
        for step in steps:
            step(project)

    return arrange
