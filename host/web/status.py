"""The status of the host and of its plugins, as the host and its health report read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

State = Literal["new", "starting", "ready", "stopping", "stopped"]


@dataclass(eq=False)
class Status:
    """The state of a host and of its plugins.

    Args:
        state: the state of the host.
        plugins: the states of the plugins that have started, by key.
    """

    state: State = "new"
    plugins: dict[str, Literal["ready", "stopped"]] = field(default_factory=dict)
