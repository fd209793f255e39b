"""``/health/live`` and ``/health/ready``: what a load balancer may know of the host and of each plugin."""

from __future__ import annotations

import asyncio
import inspect
import logging
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from litestar import MediaType, Response, get
from litestar.openapi import ResponseSpec

from host.common.describe import describe_value
from host.common.errors import DependencyFailedError, HookResultError, HookTimeoutError, HostError, PluginError
from host.common.rendering import error_block
from host.loading.timeouts import awaited
from host.web.availability import SOON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from host.registration.contributions import Contributions
    from host.web.health_state import HealthState

_HOOK: Final = "check_health"
#: Whoever asks wants to know how things are now.
_FRESH: Final = {"Cache-Control": "no-store"}
_LOG: Final = logging.getLogger("host")


class Live(msgspec.Struct, frozen=True):
    """The process answers.

    Args:
        status: always ``live``.
    """

    status: Literal["live"] = "live"


class PluginHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one plugin is.

    Args:
        status: ``failed`` at start, ``unhealthy`` by its own ``check_health``.
        problem: what is wrong, for the public: no cause, no path.
        code: of the error, where there is one.
    """

    status: Literal["ready", "starting", "failed", "unhealthy", "stopped"]
    problem: str | None = None
    code: str | None = None


class Readiness(msgspec.Struct, frozen=True):
    """How the host is.

    Args:
        status: ``degraded`` where a plugin has a problem without which the others are served.
        plugins: by key; those inside other plugins too.
    """

    status: Literal["ready", "degraded", "starting", "stopping", "unhealthy"]
    plugins: dict[str, PluginHealth]

    @property
    def serving(self) -> bool:
        """Whether requests should be sent here."""
        return self.status in ("ready", "degraded")


class Health:
    """Looks how the plugins of a start are.

    Args:
        state: the start.
    """

    def __init__(self, state: HealthState) -> None:
        self._state = state
        self._checks: asyncio.Task[dict[str, PluginHealth]] | None = None
        self._known: Mapping[str, PluginHealth] = {}

    async def readiness(self) -> Readiness:
        """How the host is now; ``check_health`` of all plugins is called only while it is ready.

        Those who ask at the same time get the same answer, so that asking often costs the plugins nothing.
        """
        current = self._state.status.state
        if current in ("new", "starting"):
            return Readiness("starting", self._plugins({}))
        if current != "ready":
            return Readiness("stopping", self._plugins({}))
        if self._checks is None or self._checks.done():
            self._checks = asyncio.create_task(self._check_all(), name="check_health")
        unhealthy = await asyncio.shield(self._checks)
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
        problem = error.message if isinstance(error, DependencyFailedError) else "it failed at start"
        return PluginHealth("failed", problem, error.code)

    def _phase(self, key: str) -> PluginHealth:
        return PluginHealth(self._state.status.plugins.get(key, "starting"))

    async def _check_all(self) -> dict[str, PluginHealth]:
        """The plugins that say that something is wrong with them, or cannot say that all is well."""
        asked = [one for one in self._state.contributions if _HOOK in one.plugin.hooks]
        answers = await asyncio.gather(*(self._check(one) for one in asked))
        found = {one.key: answer for one, answer in zip(asked, answers, strict=True) if answer is not None}
        for key in self._known.keys() - found.keys():
            _LOG.info("%s is well again", key)
        self._known = found
        return found

    async def _check(self, one: Contributions) -> PluginHealth | None:
        try:
            problem = await self._asked(one)
        except PluginError as error:
            took = f"within {self._state.limit.seconds:g} s"
            told = f"{_HOOK} did not finish {took}" if isinstance(error, HookTimeoutError) else f"{_HOOK} failed"
            return self._noted(one.key, PluginHealth("unhealthy", told, error.code), error)
        return None if problem is None else self._noted(one.key, PluginHealth("unhealthy", problem))

    async def _asked(self, one: Contributions) -> str | None:
        """What the hook says. It is called outside the timeline, whose spans lie within each other, and which would grow."""
        result = one.plugin.invoke(_HOOK, scope=one.scope)
        if inspect.isawaitable(result):
            result = await awaited(one.plugin, _HOOK, self._state.limit, result)
        if result is None or (isinstance(result, str) and result.strip()):
            return result
        message = f"{_HOOK} returned {describe_value(result)}; it must return None, or what is wrong"
        raise one.plugin.make_error(HookResultError, message, hook=_HOOK, fix="return None where all is well, else a text")

    def _noted(self, key: str, found: PluginHealth, error: HostError | None = None) -> PluginHealth:
        """Put into the log what is new; the cause stands there, and not in the answer."""
        if self._known.get(key) != found:
            _LOG.error("%s is unhealthy: %s", key, found.problem if error is None else f"\n{error_block(error)}")
        return found


def health_handlers(health: Health) -> list[Any]:
    """The host's own routes.

    Args:
        health: looks how the plugins are.
    """

    @get("/health/live", operation_id="healthLive", tags=["health"], summary="The process answers", sync_to_thread=False)
    def live() -> Response[Live]:
        return Response(Live(), headers=_FRESH, media_type=MediaType.JSON)

    @get(
        "/health/ready",
        operation_id="healthReady",
        tags=["health"],
        summary="Whether requests should be sent here",
        responses={503: _not_ready()},
    )
    async def ready() -> Response[Readiness]:
        found = await health.readiness()
        headers = _FRESH if found.serving else {**_FRESH, "Retry-After": str(SOON)}
        return Response(found, status_code=200 if found.serving else 503, headers=headers, media_type=MediaType.JSON)

    return [live, ready]


def _not_ready() -> ResponseSpec:
    return ResponseSpec(data_container=Readiness, description="starting, stopping or unhealthy", generate_examples=False)
