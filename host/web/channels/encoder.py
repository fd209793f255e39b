"""What plugins broadcast, checked and encoded; what is wrong with a message is told to its sender (row R28)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from host.common.errors import ChannelError
from host.common.naming import did_you_mean
from host.web.channels.channel_state import wire_name
from host.web.channels.message import Frame
from host.web.channels.schema import check_of, name_of

if TYPE_CHECKING:
    from host.registration.contributions import Contributions
    from host.registration.scope import PluginScope
    from host.web.channels.audiences import Audiences


class Encoder:
    """Makes frames of messages.

    Args:
        contributions: of the plugins.
        audiences: say whom messages are for.
        encode: makes JSON of a message, as the application makes it of an answer.
    """

    def __init__(self, contributions: Sequence[Contributions], audiences: Audiences, encode: Callable[[Any], bytes]) -> None:
        datatypes = {handler.model: handler.datatype for one in contributions for handler in one.payloads}
        self._encode = encode
        self._audiences = audiences
        #: Plugin → key of a channel → the type of its messages, and its check.
        self._channels = {
            one.key: {channel.key: (channel.message, check_of(channel.message, datatypes)) for channel in one.channels}
            for one in contributions
        }

    def frame(self, scope: PluginScope, key: str, message: Any) -> Frame:
        """A message as it travels.

        Raises:
            ChannelError: the plugin declares no such channel, or the message cannot be sent there.
        """
        found = self._channels.get(scope.key, {}).get(key)
        if found is None:
            raise self._undeclared(scope, key)
        declared, check = found
        if wrong := check(message):
            wanted = name_of(declared)
            fix = f"broadcast {wanted}, or declare another type for Channel({key!r}, …)"
            raise scope.make_error(ChannelError, f"the channel {key!r} of {scope.key} takes {wanted}: {wrong}", fix=fix)
        try:
            data = self._encode(message)
        except Exception as error:
            raise scope.make_error(ChannelError, f"a message of the channel {key!r} of {scope.key} is no JSON") from error
        try:
            audience = self._audiences.of(scope.key, message)
        except ValueError as error:
            fix = "broadcast what scope.payload() gives, by itself; a copy of it no longer says who may see it"
            raise scope.make_error(ChannelError, f"on the channel {key!r} of {scope.key}, {error}", fix=fix) from None
        name = wire_name(scope.key, key)
        return Frame(scope.key, name, audience, b'{"channel":"%b","data":%b}' % (name.encode(), data))

    def _undeclared(self, scope: PluginScope, key: str) -> Exception:
        fix = did_you_mean(key, self._channels.get(scope.key, ())) or f"return Channel({key!r}, …) from register_channels"
        owners = sorted(plugin for plugin, channels in self._channels.items() if key in channels)
        hint = f"; {' and '.join(owners)} does, and only it may send there" if owners else ""
        return scope.make_error(ChannelError, f"{scope.key} declares no channel {key!r}{hint}", fix=fix)
