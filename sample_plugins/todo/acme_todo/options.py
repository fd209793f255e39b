"""The options of the plugin, the table ``[plugins.acme__todo.options]`` of ``host.toml``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class TodoOptions(BaseModel):
    """All options.

    Args:
        account: the account whose quota the tasks use, unless they are private. Tasks of other accounts are hidden.
        private: each user has tasks of their own, which no other user sees and which use the user's own quota. Requires a plugin
            that authenticates users, such as acme-auth.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: str = Field(default="default", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    private: bool = False
