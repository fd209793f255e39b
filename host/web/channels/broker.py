"""The channel broker: takes messages from plugins and delivers them to the subscribers of a channel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from litestar.exceptions import HTTPException, NotFoundException

from hookspecs import authenticated
from host.common.errors import ChannelError, TooEarlyError
from host.registration.contributions import guards_around, shared_children
from host.web.channels.access import authorize
from host.web.channels.audience import AudienceResolver
from host.web.channels.backends import make_backend
from host.web.channels.channel_state import ChannelState, wire_name
from host.web.channels.connection import Connection
from host.web.channels.connection_registry import ConnectionRegistry
from host.web.channels.encoder import Encoder
from host.web.channels.flow_control import FlowControlBackend
from host.web.channels.message import EncodedMessage, Message, MessageIds
from host.web.channels.message_buffer import BufferedBytes
from host.web.channels.replay import replay
from host.web.channels.transport import Transport

if TYPE_CHECKING:
    from hookspecs import Channel, User
    from host.common.settings import Settings
    from host.loading.timeouts import Limit
    from host.registration.contributions import Contributions
    from host.registration.scope import PluginScope
    from host.web.channels.access import ClientRequest

_LOG: Final = logging.getLogger("host")
_UNAVAILABLE: Final = 503
#: Seconds for which a sender pauses after each message while the buffer of the channel is more than half full.
_SENDER_PAUSE: Final = 0.01


class ChannelBroker:
    """Delivers messages from plugins to subscribers. There is one per host.

    Args:
        settings: the settings.
        limit: how long a plugin may take to authenticate or authorize a client.
        is_failed: returns whether the plugin with a key has failed.
    """

    def __init__(self, settings: Settings, limit: Limit, is_failed: Callable[[str], bool] = lambda _key: False) -> None:
        self.settings = settings.channels
        self.limit = limit
        #: The declared channels by wire name.
        self.channel_states: dict[str, ChannelState] = {}
        self.connections = ConnectionRegistry(self.settings.backlog, self.settings.heartbeat)
        self._all_settings = settings
        self._is_failed = is_failed
        self._encoder: Encoder | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next_id = MessageIds()
        self._transport: Transport | None = None
        self._checking: asyncio.Task[None] | None = None

    def declare(self, contributions: Sequence[Contributions], encode: Callable[[Any], bytes]) -> None:
        """Set the channels of the host.

        Args:
            contributions: those of all plugins.
            encode: encodes a message as JSON, as the application encodes a response.
        """
        buffered = BufferedBytes()
        sharing = shared_children(contributions)
        audiences = AudienceResolver(contributions)

        def guards(owner: Contributions, channel: Channel) -> list[Any]:
            signed_in = [authenticated] if audiences.requires_user(channel.message) else []
            return [*guards_around(owner, sharing), *signed_in, *channel.guards]

        self.channel_states = {
            wire_name(contribution.key, channel.key): ChannelState(
                contribution, channel, self.settings.backlog, buffered, guards(contribution, channel)
            )
            for contribution in contributions
            for channel in contribution.channels
        }
        self._encoder = Encoder(contributions, audiences, encode)

    def encode(self, scope: PluginScope, key: str, message: Any) -> EncodedMessage:
        """Validate and encode a message.

        Args:
            scope: the scope of the plugin that broadcasts it.
            key: the key of the channel.
            message: the message.

        Raises:
            ChannelError: the plugin declares no such channel, the message cannot be sent on it, or the caller runs in the event
                loop of another thread.
            TooEarlyError: the channels are not declared yet.
        """
        if self._encoder is None:
            raise scope.make_error(TooEarlyError, f"{scope.key} broadcasts too early; channels are available from on_startup on")
        if self._loop is not None and asyncio.get_running_loop() is not self._loop:
            # The futures and tasks of the connections belong to the loop of the host, and nothing here is locked.
            problem = f"{scope.key} broadcasts from a thread with an event loop of its own"
            fix = "in a thread: asyncio.run_coroutine_threadsafe(scope.broadcast(…), loop), with the loop that runs the plugin"
            raise scope.make_error(ChannelError, problem, fix=fix)
        return self._encoder.encode(scope, key, message)

    async def send(self, message: EncodedMessage) -> None:
        """Send an encoded message to the subscribers; it is lost if the broker does not run."""
        if self._transport is not None:
            await self._transport.send(message, self._next_id())
            if self.channel_states[message.channel].buffer.half_full:
                await asyncio.sleep(_SENDER_PAUSE)

    async def start(self) -> None:
        """Connect to the backend, if a plugin declares a channel.

        Raises:
            ChannelsUnreachableError: the backend does not answer.
            SettingsError: ``channels.url`` cannot be used.
        """
        if not self.channel_states:
            return
        backend = FlowControlBackend(make_backend(self._all_settings), self.connections, self.settings.backlog)
        self._loop = asyncio.get_running_loop()
        transport = Transport(backend, self.channel_states, self._dispatch)
        await transport.start()
        self._transport = transport
        self._checking = asyncio.create_task(self.connections.check_regularly(), name="host-channels")

    async def close(self) -> None:
        """Close all connections, and every connection that a client opens from now on."""
        await self.connections.close()

    async def stop(self) -> None:
        """Close all connections and disconnect from the backend."""
        await self.close()
        checking, self._checking = self._checking, None
        if checking is not None:
            checking.cancel()
            await asyncio.wait({checking})
        for state in self.channel_states.values():
            await state.buffer.stop()
        transport, self._transport = self._transport, None
        if transport is not None:
            try:
                await transport.stop()
            except Exception as error:  # noqa: BLE001 - whatever a backend raises, everything that depends on it has stopped
                _LOG.warning("disconnecting from the channel backend failed: %s", error)

    def connect(self, user: User | None) -> Connection:
        """Return a new connection for a client.

        Args:
            user: the user, or ``None`` for an anonymous client.
        """
        return self.connections.add(user)

    def disconnect(self, connection: Connection) -> None:
        """Forget a connection and its subscriptions.

        Args:
            connection: the connection of a client that has gone.
        """
        connection.close(None)
        for name in list(connection.channels):
            self.unsubscribe(connection, name)
        self.connections.remove(connection)

    async def find_authorized(self, name: str, request: ClientRequest) -> ChannelState:
        """Return the channel with a name, if the client may subscribe to it.

        Args:
            name: the wire name of the channel.
            request: the request or the WebSocket handshake of the client.

        Raises:
            litestar.exceptions.HTTPException: there is no such channel, its plugin has failed, or the subscription is refused.
        """
        plugin, _, _ = name.partition("--")
        if self._is_failed(plugin):  # asked before the channel is looked up: it may have failed before it declared any
            raise HTTPException(f"the plugin {plugin} failed at start-up and is not available", status_code=_UNAVAILABLE)
        state = self.channel_states.get(name)
        if state is None:
            raise NotFoundException(f"there is no channel {name[:100]!r}")
        await authorize(state, request, self.limit)
        return state

    def subscribe(self, connection: Connection, channels: Iterable[ChannelState]) -> None:
        """Deliver the messages of channels to a connection from now on.

        Args:
            connection: the connection; nothing happens if it is closing.
            channels: the channels.
        """
        if connection.closing:
            return
        for state in channels:
            connection.channels.add(state.name)
            state.recipients[connection] = connection

    def unsubscribe(self, connection: Connection, name: str) -> None:
        """Stop delivering the messages of a channel to a connection.

        Args:
            connection: the connection.
            name: the wire name of the channel; nothing happens if the connection is not subscribed to it.
        """
        if name in connection.channels:
            connection.channels.remove(name)
            self.channel_states[name].recipients.pop(connection, None)

    async def subscribe_with_replay(
        self,
        connection: Connection,
        channels: Sequence[ChannelState],
        select: Callable[[list[Message]], list[Message]],
        first: Message | None = None,
    ) -> None:
        """Subscribe a connection to channels after sending it past messages; none is left out and none is sent twice.

        Args:
            connection: the connection; nothing happens if it is closing.
            channels: the channels.
            select: selects the messages to replay among the kept messages of one channel.
            first: a message to send before all others.

        Raises:
            litestar.exceptions.HTTPException: the history is not available; the connection is not subscribed then.
        """
        if connection.closing or self._transport is None:
            return
        connection.channels |= {state.name for state in channels}
        try:
            await replay(connection, channels, self._transport.history, select, first, self.settings.backlog)
        except HTTPException:
            for state in channels:
                self.unsubscribe(connection, state.name)
            raise

    def _dispatch(self, message: Message) -> None:
        # Another process may declare channels that this one does not have, e.g. during a deployment.
        state = self.channel_states.get(message.channel)
        if state is not None:
            state.put(message)
