"""What callers can wait for during a start: the application is assembled, a plugin has started, all plugins have started."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class Milestones:
    """The futures of one start, in the running event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        #: Done when the application is assembled.
        self.assembled: asyncio.Future[None] = self._loop.create_future()
        #: Done when all plugins have started.
        self.ready: asyncio.Future[None] = self._loop.create_future()
        self._started: dict[str, asyncio.Future[None]] = {}

    def note_started(self, key: str) -> None:
        """Wake the callers that wait for a plugin.

        Args:
            key: of the plugin, which has started.
        """
        self._future(key).set_result(None)

    async def wait_for(self, keys: Iterable[str]) -> bool:
        """Wait until plugins have started, or the whole start has ended.

        Args:
            keys: of the plugins.

        Returns:
            whether all of them have started.
        """
        futures = [self._future(key) for key in keys]
        for future in futures:
            await asyncio.wait({future, self.ready}, return_when=asyncio.FIRST_COMPLETED)
        return all(future.done() for future in futures)

    def fail(self, error: Exception) -> bool:
        """Raise an error for all callers that wait for the start.

        Args:
            error: why the start failed.

        Returns:
            whether the start had not ended before.
        """
        pending = [future for future in (self.assembled, self.ready) if not future.done()]
        for future in pending:
            future.set_exception(error)
            future.exception()  # marks it as retrieved, in case nothing waits for it
        return bool(pending)

    def _future(self, key: str) -> asyncio.Future[None]:
        return self._started.setdefault(key, self._loop.create_future())
