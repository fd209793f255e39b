"""The options of the plugin, the table ``[plugins.acme__todo.options]`` of ``host.toml``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class TodoOptions(BaseModel):
    """All options.

    Args:
        account: whose quota the tasks take, where they are not private. Tasks of other accounts are not seen.
        private: everybody has tasks of their own, which nobody else sees and which take their own quota. Needs a plugin that
            knows the users, such as acme-auth.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: str = Field(default="default", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    private: bool = False
