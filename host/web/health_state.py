"""The part of a host's state that the health routes read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from host.loading.failures import Failures
    from host.loading.timeouts import Limit
    from host.registration.contributions import Contributions
    from host.web.status import Status


class HealthState(Protocol):
    """The state from which health is reported.

    Args:
        status: the status of the host and of its plugins.
        failures: the plugins that failed.
        limit: the time limit of ``check_health``.
    """

    status: Status
    failures: Failures
    limit: Limit

    @property
    def keys(self) -> Iterable[str]:
        """The keys of all plugins that are enabled, children included."""

    @property
    def contributions(self) -> Sequence[Contributions]:
        """The contributions of the plugins that have not failed, in load order."""
