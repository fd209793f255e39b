"""The options of the plugin, the table ``[plugins.acme__todo.options]`` of ``host.toml``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class TodoOptions(BaseModel):
    """All options.

    Args:
        account: whose quota the tasks take; there is one for all as long as nobody signs in. Tasks of other accounts are not seen.
        recount_every: seconds between two looks whether quota and tasks agree; longer than any request takes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: str = Field(default="default", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    recount_every: float = Field(default=60.0, gt=0)
