"""A plugin that is installed, as its metadata describes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from host.common.naming import canonical, split_key
from host.discovery.metadata import Metadata


@dataclass(frozen=True, eq=False)
class InstalledPlugin:
    """One advertised plugin, known from metadata.

    Args:
        key: the entry point's name.
        target: its value, ``module`` or ``module:object``.
        metadata: of its distribution.
        file: where a plugin without packaging lies, ``None`` for one that pip has installed.
    """

    key: str
    target: str
    metadata: Metadata = field(repr=False)
    file: Path | None = None

    @property
    def author(self) -> str:
        """The first half of the key."""
        return split_key(self.key)[0]

    @property
    def name(self) -> str:
        """The second half of the key."""
        return split_key(self.key)[1]

    @property
    def module(self) -> str:
        """The module that the entry point names."""
        return self.target.partition(":")[0].strip()

    @property
    def distribution(self) -> str:
        """The name by which pip knows it."""
        return self.metadata.name

    @property
    def version(self) -> str:
        """The version of the distribution."""
        return self.metadata.version

    @property
    def summary(self) -> str:
        """The one-line description."""
        return self.metadata.summary

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """What the distribution requires in this environment, without its extras."""
        found = []
        for text in self.metadata.requires:
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                continue  # pip has installed it all the same, so it says nothing that can be checked
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                found.append(requirement)
        return tuple(found)

    def named(self, name: str) -> bool:
        """Whether a setting means this plugin: by key or by distribution."""
        return name == self.key or canonical(name) == canonical(self.distribution)
