"""The middle of all channels: who declared which, and who listens (row R28)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from litestar.exceptions import HTTPException, NotFoundException

from hookspecs import authenticated
from host.common.errors import ChannelError, TooEarlyError
from host.registration.contributions import guards_around, shared_children
from host.web.channels.access import authorize
from host.web.channels.audiences import Audiences
from host.web.channels.backends import make_backend
from host.web.channels.backpressure import HeldBytes
from host.web.channels.channel_state import ChannelState
from host.web.channels.connection import GRACE, End, Listener
from host.web.channels.encoder import Encoder
from host.web.channels.flow_control import PacedBackend
from host.web.channels.message import Frame, Message, MessageIds, own_message
from host.web.channels.replay import replay
from host.web.channels.transport import Transport

if TYPE_CHECKING:
    from hookspecs import Channel, User
    from host.common.settings import Settings
    from host.loading.timeouts import Limit
    from host.registration.contributions import Contributions
    from host.registration.scope import PluginScope
    from host.web.channels.access import Connection

_LOG: Final = logging.getLogger("host")
_UNAVAILABLE: Final = 503
#: Seconds for which a sender pauses after a message of which thousands like it are held.
_PAUSE: Final = 0.01
#: Seconds between looks at the listeners where there is no heartbeat.
_LOOK: Final = 10.0
GOING_AWAY: Final = End(1001, "the server stops")
_EXPIRED: Final = End(4401, "what tells who you are has expired")


class ChannelBroker:
    """Takes messages from plugins and gives them to who listens. One a host.

    Args:
        settings: the settings.
        limit: how long a plugin may take to say whether somebody may listen.
        is_failed: whether a plugin has failed.
    """

    def __init__(self, settings: Settings, limit: Limit, is_failed: Callable[[str], bool] = lambda _key: False) -> None:
        self.settings = settings.channels
        self.limit = limit
        #: The declared channels, by name on the wire.
        self.topics: dict[str, ChannelState] = {}
        #: Who is connected, each with what will end it.
        self.listeners: dict[Listener, asyncio.TimerHandle | None] = {}
        self._all_settings = settings
        self._is_failed = is_failed
        self._framer: Encoder | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stamp = MessageIds()
        self._carrier: Transport | None = None
        self._beating: asyncio.Task[None] | None = None
        self._closed = False
        self._left: asyncio.Future[None] | None = None

    def use(self, contributions: Iterable[Contributions], encode: Callable[[Any], bytes]) -> None:
        """Set the channels there are.

        Args:
            contributions: of the plugins.
            encode: makes JSON of a message, as the application makes it of an answer.
        """
        found = list(contributions)
        held = HeldBytes()
        sharing = shared_children(found)
        audiences = Audiences(found)

        def guards(one: Contributions, channel: Channel) -> list[Any]:
            signed_in = [authenticated] if audiences.for_users_only(channel.message) else []
            return [*guards_around(one, sharing), *signed_in, *channel.guards]

        topics = [
            ChannelState(one, channel, self.settings.backlog, held, guards(one, channel))
            for one in found
            for channel in one.channels
        ]
        self.topics = {topic.name: topic for topic in topics}
        self._framer = Encoder(found, audiences, encode)

    def frame(self, scope: PluginScope, key: str, message: Any) -> Frame:
        """A message as it travels.

        Raises:
            ChannelError: the plugin declares no such channel, or the message cannot be sent there; or it comes from a thread.
            TooEarlyError: the channels are not known yet.
        """
        if self._framer is None:
            raise scope.make_error(TooEarlyError, f"{scope.key} broadcasts too early; channels are there from on_startup on")
        if self._loop is not None and asyncio.get_running_loop() is not self._loop:
            message = f"{scope.key} broadcasts in a thread with an event loop of its own"
            fix = "in a thread: asyncio.run_coroutine_threadsafe(scope.broadcast(…), loop), with the loop that runs the plugin"
            raise scope.make_error(ChannelError, message, fix=fix)
        return self._framer.frame(scope, key, message)

    async def send(self, frame: Frame) -> None:
        """Give a message to who listens; it is lost where nothing carries messages now."""
        if self._carrier is not None:
            await self._carrier.send(frame, self._stamp())
            if self.topics[frame.channel].hold.long:
                await asyncio.sleep(_PAUSE)

    async def start(self) -> None:
        """Connect with what carries messages, where a plugin declares a channel.

        Raises:
            ChannelsUnreachableError: it does not answer.
            SettingsError: ``channels.url`` cannot be used.
        """
        if not self.topics:
            return
        backend = PacedBackend(make_backend(self._all_settings), self.listeners, self.settings.backlog)
        self._loop = asyncio.get_running_loop()
        carrier = Transport(backend, self.topics, self._dispatch)
        await carrier.start()
        self._carrier = carrier
        self._beating = asyncio.create_task(self._beat(), name="host-channels")

    async def close(self) -> None:
        """Tell all who listen that the server goes away, wait a little until they are gone, and let nobody in any more."""
        self._closed = True
        for listener in list(self.listeners):
            listener.finish(GOING_AWAY)
        if self.listeners:
            self._left = asyncio.get_running_loop().create_future()
            await asyncio.wait({self._left}, timeout=GRACE)

    async def stop(self) -> None:
        """Close, and disconnect."""
        await self.close()
        beating, self._beating = self._beating, None
        if beating is not None:
            beating.cancel()
            await asyncio.wait({beating})
        for topic in self.topics.values():
            await topic.hold.stop()
        carrier, self._carrier = self._carrier, None
        if carrier is not None:
            try:
                await carrier.stop()
            except Exception as error:  # noqa: BLE001 - whatever a backend raises, all that depended on it has stopped
                _LOG.warning("what carries messages was not left in order: %s", error)

    def join(self, user: User | None) -> Listener:
        """Somebody has connected.

        Args:
            user: who it is.
        """
        listener = Listener(user, self.settings.backlog)
        expires = None
        left = _seconds_left(user)
        if left is not None:
            expires = asyncio.get_running_loop().call_later(left, listener.finish, _EXPIRED)
            if not left:
                listener.finish(_EXPIRED)
        self.listeners[listener] = expires
        if self._closed:
            listener.finish(GOING_AWAY)
        return listener

    def leave(self, listener: Listener) -> None:
        """Somebody is no longer connected."""
        listener.finish(None)
        for name in list(listener.channels):
            self.detach(listener, name)
        expires = self.listeners.pop(listener, None)
        if expires is not None:
            expires.cancel()
        if self._left is not None and not self.listeners and not self._left.done():
            self._left.set_result(None)

    async def admit(self, name: str, connection: Connection) -> ChannelState:
        """Find a channel, and ask whether somebody may listen to it.

        Args:
            name: of the channel on the wire.
            connection: who wants to listen.

        Raises:
            litestar.exceptions.HTTPException: there is no such channel, or who declares it refuses.
        """
        plugin, _, _ = name.partition("--")
        if self._is_failed(plugin):  # maybe before it declared its channels
            raise HTTPException(f"the plugin {plugin} failed at start and was isolated", status_code=_UNAVAILABLE)
        topic = self.topics.get(name)
        if topic is None:
            raise NotFoundException(f"there is no channel {name[:100]!r}")
        await authorize(topic, connection, self.limit)
        return topic

    def attach(self, listener: Listener, topics: Iterable[ChannelState]) -> None:
        """Give somebody the messages of channels from now on."""
        if listener.finished:
            return
        for topic in topics:
            listener.channels.add(topic.name)
            topic.targets[listener] = listener

    def detach(self, listener: Listener, name: str) -> None:
        """Give somebody the messages of a channel no longer."""
        if name in listener.channels:
            listener.channels.remove(name)
            self.topics[name].targets.pop(listener, None)

    async def replay(
        self,
        listener: Listener,
        topics: Sequence[ChannelState],
        pick: Callable[[list[Message]], list[Message]],
        before: Message | None = None,
    ) -> None:
        """Attach somebody, and tell them first what was sent before; nothing is left out in between, and nothing comes twice.

        Args:
            listener: to whom.
            topics: the channels.
            pick: chooses among the messages of one channel that are kept.
            before: is sent in front of all.

        Raises:
            litestar.exceptions.HTTPException: what was sent before cannot be had; nobody is attached then.
        """
        if listener.finished or self._carrier is None:
            return
        listener.channels |= {topic.name for topic in topics}
        try:
            await replay(listener, topics, self._carrier.history, pick, before, self.settings.backlog)
        except HTTPException:
            for topic in topics:
                self.detach(listener, topic.name)
            raise

    def _dispatch(self, message: Message) -> None:
        topic = self.topics.get(message.channel)
        if topic is not None:
            topic.put(message)

    async def _beat(self) -> None:
        """Look after the listeners, so often that between two things that a client hears lies one heartbeat at most."""
        seconds = self.settings.heartbeat
        heartbeat = own_message(f'{{"heartbeat":{seconds:g}}}', ": heartbeat\n\n") if seconds else None
        interval = min(seconds / 4 or _LOOK, _LOOK)
        while True:
            await asyncio.sleep(interval)
            for listener in list(self.listeners):
                listener.beat(heartbeat, seconds - 2 * interval)


def _seconds_left(user: User | None) -> float | None:
    """For how long somebody is still known, ``None`` for as long as they are connected."""
    if user is None or user.expires_at is None:
        return None
    until = user.expires_at if user.expires_at.tzinfo else user.expires_at.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
