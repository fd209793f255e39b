"""The middle of all channels: who declared which, and who listens (row R28)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hookspecs import Channel
from host.errors import ChannelError
from host.naming import did_you_mean

if TYPE_CHECKING:
    from host.contributions import Contributions
    from host.scope import PluginScope


def wire_name(plugin: str, key: str) -> str:
    """The name of a channel on the wire: ``acme__todo--taskCreated`` (row R28)."""
    return f"{plugin}--{key}"


class Hub:
    """Takes messages from plugins and gives them to who listens. One a host."""

    def __init__(self) -> None:
        self._declared: dict[str, dict[str, Channel]] = {}

    def use(self, contributions: Iterable[Contributions]) -> None:
        """Set the channels there are."""
        self._declared = {one.key: {channel.key: channel for channel in one.channels} for one in contributions}

    def frame(self, scope: PluginScope, key: str, message: Any) -> bytes:  # noqa: ARG002
        """A message as it travels.

        Raises:
            ChannelError: the plugin declares no such channel, or the message is of another type.
        """
        channel = self._declared.get(scope.key, {}).get(key)
        if channel is None:
            known = self._declared.get(scope.key, {})
            fix = did_you_mean(key, known) or f"return Channel({key!r}, …) from register_channels"
            raise scope.blame(ChannelError, f"{scope.key} declares no channel {key!r}", fix=fix)
        return b""

    async def send(self, frame: bytes) -> None:
        """Give a message to who listens."""
