"""Errors of programs that use the class ``Host``."""

from __future__ import annotations

from host.common.errors.base import HostError


class StateError(HostError):
    """The host is not in a state that allows the call: it has not come so far yet, or is past it."""

    code = "state"


class FrozenError(StateError):
    """Something was registered after the application was assembled."""

    code = "frozen"


class NoSuchPluginError(HostError, KeyError):
    """The host has no plugin with this key."""

    code = "no-such-plugin"

    def __str__(self) -> str:
        return self.message
