"""Which backend carries messages: one in memory, or Redis where ``channels.url`` names one (design, 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar.channels.backends.memory import MemoryChannelsBackend

from host.common.errors import SettingsError

if TYPE_CHECKING:
    from litestar.channels.backends.base import ChannelsBackend

    from host.common.settings import Settings


def make_backend(settings: Settings) -> ChannelsBackend:
    """What carries messages, not started yet.

    In memory they stay within the process. On Redis they reach every process with the same ``channels.url`` and
    ``database.name``; its ``on_startup`` raises :class:`host.ChannelsUnreachableError` where nobody answers, and so does
    its ``publish`` when Redis has been lost.

    Args:
        settings: the settings.

    Raises:
        SettingsError: ``channels.url`` is no URL of Redis, or the client of Redis is not installed.
    """
    channels = settings.channels
    if not channels.url:
        return MemoryChannelsBackend(history=channels.history)
    place = settings.place("channels", "url")
    try:
        from host.web.channels.redis_backend import RedisBackend
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "redis":
            raise
        raise SettingsError(
            "channels.url names a Redis, and the client of Redis is not installed",
            **place,
            fix="pip install 'litestar-host[redis]'; or leave channels.url \"\", and messages stay within one process",
        ) from None
    try:
        return RedisBackend(channels.url, namespace=settings.database.name, history=channels.history, timeout=channels.timeout)
    except ValueError as error:
        raise SettingsError(
            str(error),
            **place,
            fix="write redis://user:password@name:6379/0, rediss://… for TLS or unix:///path, with special characters in user and "
            'password percent-encoded; or leave it "", and messages stay within one process',
        ) from None
