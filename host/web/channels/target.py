"""Where the messages of a channel go for one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hookspecs import User
    from host.web.channels.message import Message


class Target(Protocol):
    """Where the messages of a channel go for one listener."""

    @property
    def user(self) -> User | None:
        """Who it is."""

    def put(self, message: Message) -> None:
        """Take a message; does not wait."""
