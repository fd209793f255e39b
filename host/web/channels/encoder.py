"""Validate and encode what plugins broadcast; a wrong message is an error of its sender."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from host.common.errors import ChannelError
from host.common.naming import did_you_mean
from host.web.channels.channel_state import wire_name
from host.web.channels.message import EncodedMessage
from host.web.channels.schema import make_check, type_name

if TYPE_CHECKING:
    from host.registration.contributions import Contributions
    from host.registration.scope import PluginScope
    from host.web.channels.audience import AudienceResolver


class Encoder:
    """Encodes messages once, for all subscribers.

    Args:
        contributions: those of all plugins.
        audiences: determines who may see a message.
        encode: encodes a message as JSON, as the application encodes a response.
    """

    def __init__(self, contributions: Sequence[Contributions], audiences: AudienceResolver, encode: Callable[[Any], bytes]) -> None:
        datatypes = {handler.model: handler.datatype for contribution in contributions for handler in contribution.payloads}
        self._to_json = encode
        self._audiences = audiences
        #: Plugin → channel key → the type of its messages, and its check.
        self._channels = {
            contribution.key: {
                channel.key: (channel.message, make_check(channel.message, datatypes)) for channel in contribution.channels
            }
            for contribution in contributions
        }

    def encode(self, scope: PluginScope, key: str, message: Any) -> EncodedMessage:
        """Validate and encode a message.

        Args:
            scope: the scope of the plugin that broadcasts it.
            key: the key of the channel.
            message: the message.

        Raises:
            ChannelError: the plugin declares no such channel, or the message cannot be sent on it.
        """
        declaration = self._channels.get(scope.key, {}).get(key)
        if declaration is None:
            raise self._undeclared(scope, key)
        declared, check = declaration
        if problem := check(message):
            expected = type_name(declared)
            fix = f"broadcast {expected}, or declare another type for Channel({key!r}, …)"
            raise scope.make_error(ChannelError, f"the channel {key!r} of {scope.key} accepts {expected}: {problem}", fix=fix)
        try:
            data = self._to_json(message)
        except Exception as error:
            raise scope.make_error(
                ChannelError, f"a message for the channel {key!r} of {scope.key} cannot be encoded as JSON"
            ) from error
        try:
            audience = self._audiences.resolve(scope.key, message)
        except ValueError as error:
            fix = "broadcast the payload that scope.payload() returns, by itself; a copy of it has no audience"
            raise scope.make_error(ChannelError, f"on the channel {key!r} of {scope.key}, {error}", fix=fix) from None
        name = wire_name(scope.key, key)
        # The envelope is put around the encoded data: the data has the same bytes as the response of a route.
        return EncodedMessage(scope.key, name, audience, b'{"channel":"%b","data":%b}' % (name.encode(), data))

    def _undeclared(self, scope: PluginScope, key: str) -> Exception:
        fix = did_you_mean(key, self._channels.get(scope.key, ())) or f"return Channel({key!r}, …) from register_channels"
        owners = sorted(plugin for plugin, channels in self._channels.items() if key in channels)
        hint = f"; {' and '.join(owners)} does, and only the declaring plugin may broadcast on a channel" if owners else ""
        return scope.make_error(ChannelError, f"{scope.key} declares no channel {key!r}{hint}", fix=fix)
