"""The dependencies that the host provides, by what the application can do with each kind."""

from __future__ import annotations

from typing import Any

from litestar.di import Provide


class HostProvide(Provide):
    """A dependency that the host provides: the scope, a service, also one made for each request, a contract.

    Its value does not come from a client, so Litestar need not validate it; and if it is annotated by a ``typing.Protocol``,
    it could not.
    """


class Constant(HostProvide):
    """One value for all requests."""

    def __init__(self, value: Any) -> None:
        super().__init__(lambda: value, sync_to_thread=False)


class FromRequest(HostProvide):
    """What an ``async def`` makes of the request and of nothing else."""
