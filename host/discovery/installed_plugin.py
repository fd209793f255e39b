"""An installed plugin, as its metadata describes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from host.common.naming import canonical, split_key
from host.discovery.metadata import Metadata


@dataclass(frozen=True, eq=False)
class InstalledPlugin:
    """A plugin that an entry point advertises, or that is in ``plugins/``.

    Args:
        key: The name of the entry point.
        target: The value of the entry point, ``module`` or ``module:object``.
        metadata: The metadata of its distribution.
        file: The file of a plugin without packaging, ``None`` for a plugin that pip has installed.
    """

    key: str
    target: str
    metadata: Metadata = field(repr=False)
    file: Path | None = None

    @property
    def author(self) -> str:
        """Return the first half of the key."""
        return split_key(self.key)[0]

    @property
    def name(self) -> str:
        """Return the second half of the key."""
        return split_key(self.key)[1]

    @property
    def module(self) -> str:
        """Return the module that the entry point names."""
        return self.target.partition(":")[0].strip()

    @property
    def distribution(self) -> str:
        """Return the name under which pip has installed it."""
        return self.metadata.name

    @property
    def version(self) -> str:
        """Return the version of the distribution."""
        return self.metadata.version

    @property
    def summary(self) -> str:
        """Return the one-line description."""
        return self.metadata.summary

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """Return the requirements of the distribution in this environment, without those of extras."""
        requirements = []
        for text in self.metadata.requires:
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                continue  # pip has installed the distribution all the same, and there is nothing to check
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                requirements.append(requirement)
        return tuple(requirements)

    def named(self, name: str) -> bool:
        """Return whether a setting names this plugin, by key or by distribution."""
        return name == self.key or canonical(name) == canonical(self.distribution)
