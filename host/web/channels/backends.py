"""Choose the backend that carries messages: in memory, or Redis if ``channels.url`` is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar.channels.backends.memory import MemoryChannelsBackend

from host.common.errors import SettingsError

if TYPE_CHECKING:
    from litestar.channels.backends.base import ChannelsBackend

    from host.common.settings import Settings


def make_backend(settings: Settings) -> ChannelsBackend:
    """Return the backend that carries messages, not started yet.

    In memory, messages stay within the process. On Redis, they reach every process with the same ``channels.url`` and
    ``database.name``; ``on_startup`` and ``publish`` of that backend raise :class:`host.ChannelsUnreachableError` if Redis does
    not answer.

    Args:
        settings: the settings.

    Raises:
        SettingsError: ``channels.url`` is not a valid Redis URL, or the Redis client is not installed.
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
            "channels.url is set, but the Redis client is not installed",
            **place,
            fix="pip install 'litestar-host[redis]'; or leave channels.url \"\" to keep messages within one process",
        ) from None
    try:
        return RedisBackend(channels.url, namespace=settings.database.name, history=channels.history, timeout=channels.timeout)
    except ValueError as error:
        raise SettingsError(
            str(error),
            **place,
            fix="use redis://user:password@name:6379/0, rediss://… for TLS or unix:///path, with special characters in user and "
            'password percent-encoded; or leave it "" to keep messages within one process',
        ) from None
