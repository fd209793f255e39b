"""The interface of what receives the messages of a channel on behalf of a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hookspecs import User
    from host.web.channels.message import Message


class Recipient(Protocol):
    """Receives the messages of a channel for one connection: the connection itself, or a replay buffer in front of it."""

    @property
    def user(self) -> User | None:
        """The user of the connection, or ``None`` for an anonymous client."""

    def put(self, message: Message) -> None:
        """Accept a message without waiting."""
