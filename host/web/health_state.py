"""What the health routes read of a host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from host.loading.failures import Failures
    from host.loading.timeouts import Limit
    from host.registration.contributions import Contributions
    from host.web.availability import Status


class HealthState(Protocol):
    """A start whose health is reported.

    Args:
        status: what the host is doing.
        failures: the plugins that failed.
        limit: the time limit of ``check_health``.
    """

    status: Status
    failures: Failures
    limit: Limit

    @property
    def keys(self) -> Iterable[str]:
        """The keys of all plugins that were to be started, children included."""

    @property
    def contributions(self) -> Sequence[Contributions]:
        """What the plugins that have not failed registered, in load order."""
