"""``/health/live`` and ``/health/ready``: the state of the host and of each plugin, for load balancers."""

from __future__ import annotations

import asyncio
import inspect
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from litestar import MediaType, Response, get
from litestar.openapi import ResponseSpec

from host.common.describe import describe_value
from host.common.errors import DependencyFailedError, HookResultError, HookTimeoutError, HostError, PluginError
from host.common.rendering import error_block
from host.loading.timeouts import awaited
from host.web.readiness_gate import SOON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from host.registration.contributions import Contributions
    from host.web.health_state import HealthState

_HOOK: Final = "check_health"
#: A cached answer would hide a change of the state.
_NO_STORE: Final = {"Cache-Control": "no-store"}
_LOG: Final = logging.getLogger("host")


class Live(msgspec.Struct, frozen=True):
    """The response of ``/health/live``.

    Args:
        status: always ``live``.
    """

    status: Literal["live"] = "live"


class PluginHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state of one plugin.

    Args:
        status: ``failed`` if it failed at start-up, ``unhealthy`` if its own ``check_health`` reports a problem or fails.
        problem: a public description of the problem, without its cause.
        code: the code of the error, if there is one.
    """

    status: Literal["ready", "starting", "failed", "unhealthy", "stopped"]
    problem: str | None = None
    code: str | None = None


class Readiness(msgspec.Struct, frozen=True):
    """The state of the host.

    Args:
        status: ``degraded`` if a plugin has a problem, and the others are served without it.
        plugins: the states of all plugins by key, children included.
    """

    status: Literal["ready", "degraded", "starting", "stopping", "unhealthy"]
    plugins: dict[str, PluginHealth]

    @property
    def serving(self) -> bool:
        """Whether the host should receive requests."""
        return self.status in ("ready", "degraded")


class Health:
    """Reports the health of the host and its plugins.

    Args:
        state: the state of the host.
    """

    def __init__(self, state: HealthState) -> None:
        self._state = state
        self._checks: asyncio.Task[dict[str, PluginHealth]] | None = None
        self._last: Mapping[str, PluginHealth] = {}

    async def readiness(self) -> Readiness:
        """Return the state of the host. While it is ready, ``check_health`` of all plugins is called.

        Concurrent callers share one round of checks, so that frequent requests do not add load to the plugins.
        """
        current = self._state.status.state
        if current in ("new", "starting"):
            return Readiness("starting", self._plugins({}))
        if current != "ready":
            return Readiness("stopping", self._plugins({}))
        if self._checks is None or self._checks.done():
            self._checks = asyncio.create_task(self._check_all(), name="check_health")
        unhealthy = await asyncio.shield(self._checks)  # a caller that is cancelled must not cancel the checks of the others
        plugins = self._plugins(unhealthy)
        if any(self._state.failures.policy(key) == "abort" for key in unhealthy):
            return Readiness("unhealthy", plugins)
        return Readiness("degraded" if unhealthy or any(self._state.failures) else "ready", plugins)

    def _plugins(self, unhealthy: Mapping[str, PluginHealth]) -> dict[str, PluginHealth]:
        keys = sorted({*self._state.keys, *self._state.failures})
        return {key: self._failure(key) or unhealthy.get(key) or self._phase(key) for key in keys}

    def _failure(self, key: str) -> PluginHealth | None:
        if key not in self._state.failures:
            return None
        error = self._state.failures[key][0]
        problem = error.message if isinstance(error, DependencyFailedError) else "failed at start-up"
        return PluginHealth("failed", problem, error.code)

    def _phase(self, key: str) -> PluginHealth:
        return PluginHealth(self._state.status.plugins.get(key, "starting"))

    async def _check_all(self) -> dict[str, PluginHealth]:
        """Return the plugins whose ``check_health`` reports a problem or fails."""
        checked = [contribution for contribution in self._state.contributions if _HOOK in contribution.plugin.hooks]
        results = await asyncio.gather(*(self._check(contribution) for contribution in checked))
        pairs = zip(checked, results, strict=True)
        unhealthy = {contribution.key: health for contribution, health in pairs if health is not None}
        for key in self._last.keys() - unhealthy.keys():
            _LOG.info("%s is healthy again", key)
        self._last = unhealthy
        return unhealthy

    async def _check(self, contribution: Contributions) -> PluginHealth | None:
        try:
            problem = await self._call_hook(contribution)
        except PluginError as error:
            late = f"{_HOOK} did not finish within {self._state.limit.seconds:g} s"
            public = late if isinstance(error, HookTimeoutError) else f"{_HOOK} failed"
            return self._log_change(contribution.key, PluginHealth("unhealthy", public, error.code), error)
        return None if problem is None else self._log_change(contribution.key, PluginHealth("unhealthy", problem))

    async def _call_hook(self, contribution: Contributions) -> str | None:
        """Return what the hook reports."""
        plugin = contribution.plugin
        # Not recorded in the timeline: it would grow with each request, and its spans must be nested while these run concurrently.
        result = plugin.invoke(_HOOK, scope=contribution.scope)
        if inspect.isawaitable(result):
            limit = replace(self._state.limit, is_interrupted=lambda: False)  # nobody else cancels this task
            result = await awaited(plugin, _HOOK, limit, result)
        if result is None or (isinstance(result, str) and result.strip()):
            return result
        message = f"{_HOOK} returned {describe_value(result)}; it must return None or a description of the problem"
        fix = "return None if the plugin is healthy, otherwise a string"
        raise plugin.make_error(HookResultError, message, hook=_HOOK, fix=fix)

    def _log_change(self, key: str, health: PluginHealth, error: HostError | None = None) -> PluginHealth:
        """Log a problem that is new. The cause is in the log only, because the response is public."""
        if self._last.get(key) != health:
            _LOG.error("%s is unhealthy: %s", key, health.problem if error is None else f"\n{error_block(error)}")
        return health


def health_handlers(health: Health) -> list[Any]:
    """Return the route handlers of ``/health``.

    Args:
        health: reports the health.
    """

    @get(
        "/health/live",
        operation_id="healthLive",
        tags=["health"],
        summary="Report that the process runs",
        sync_to_thread=False,
    )
    def live() -> Response[Live]:
        return Response(Live(), headers=_NO_STORE, media_type=MediaType.JSON)

    @get(
        "/health/ready",
        operation_id="healthReady",
        tags=["health"],
        summary="Report whether the host should receive requests",
        responses={503: _not_ready()},
    )
    async def ready() -> Response[Readiness]:
        readiness = await health.readiness()
        headers = _NO_STORE if readiness.serving else {**_NO_STORE, "Retry-After": str(SOON)}
        return Response(readiness, status_code=200 if readiness.serving else 503, headers=headers, media_type=MediaType.JSON)

    return [live, ready]


def _not_ready() -> ResponseSpec:
    description = "The host is starting, stopping or unhealthy."
    return ResponseSpec(data_container=Readiness, description=description, generate_examples=False)
