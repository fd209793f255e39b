"""A whole life of a host in this process, and what went wrong in it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from host.common.errors import BootError, HostError
from host.common.rendering import error_block
from host.lifecycle.boot import Boot
from host.lifecycle.running import Runtime
from tests.distributions import Project


@dataclass(frozen=True)
class Life:
    """What became of a host.

    Args:
        boot: the start.
        errors: all that went wrong, from discovery to the stop.
        served: whether it came to serving.
    """

    boot: Boot
    errors: tuple[HostError, ...]
    served: bool

    @property
    def only(self) -> HostError:
        """The one error."""
        shown = "\n".join(error_block(error) for error in self.errors)
        assert len(self.errors) == 1, f"{len(self.errors)} errors\n{shown}"
        return self.errors[0]

    def of(self, key: str) -> list[HostError]:
        """The errors of one plugin."""
        return [error for error in self.errors if getattr(error, "plugin", "") == key]


def live(project: Project) -> Life:
    """Register, assemble, start and stop."""
    return asyncio.run(_live(Boot(project.settings)))


async def _live(boot: Boot) -> Life:
    await boot.register()
    try:
        app = boot.assemble()
    except BootError as error:
        return Life(boot, error.errors, served=False)
    served = False
    try:
        async with Runtime(boot).lifespan(app):
            served = True
    except BootError as error:
        return Life(boot, error.errors, served)
    return Life(boot, tuple(boot.failures.all()), served)


def check_blame(error: HostError, key: str, *, hook: str = "", cause: str = "", fix: bool = True) -> None:
    """What every error of a plugin must say: whose it is, in which hook, why, and what to do."""
    block = error_block(error)
    lines = [" ".join(line.split()) for line in block.splitlines()]
    distribution = key.replace("__", "-").replace("_", "-")
    assert lines[0].startswith(f"error[{error.code}]: ")
    assert f"plugin {key}" in lines
    assert f"distribution {distribution} 1.0.0" in lines
    if hook:
        assert f"hook {hook}" in lines
    if cause:
        assert f"cause {cause}" in lines
    if fix:
        assert any(line.startswith("fix ") for line in lines), block
