"""Errors of what plugins register, and of what they ask of their scope."""

from __future__ import annotations

from collections.abc import Sequence

from host.common.errors.plugins import PluginError


class ConflictError(PluginError):
    """Two plugins register the same thing, e.g. a path, a collection or a channel.

    Args:
        message: What both register.
        owners: The keys of both plugins, in load order.
        plugin: The key of the plugin that fails.
        distribution: The name under which pip has installed it.
        version: The version of the distribution.
        hook: The hook that registered it.
        fix: What to do.
    """

    code = "conflict"

    def __init__(
        self,
        message: str,
        *,
        owners: Sequence[str],
        plugin: str = "",
        distribution: str = "",
        version: str = "",
        hook: str = "",
        fix: str = "",
    ) -> None:
        super().__init__(message, plugin=plugin, distribution=distribution, version=version, hook=hook, fix=fix)
        self.owners = tuple(owners)

    @property
    def facts(self) -> dict[str, str]:
        return {"owners": " and ".join(dict.fromkeys(self.owners))} | super().facts


class ContractError(PluginError):
    """A contract has no provider, a provider of another version or with other methods, or it was not declared."""

    code = "contract"


class ServiceError(PluginError):
    """A service could not be created or closed, or does not exist."""

    code = "service"


class ModelError(PluginError):
    """The database refuses a model, e.g. one of its indexes."""

    code = "model"


class ChannelError(PluginError):
    """The plugin does not declare the channel, or the message is not of the declared type."""

    code = "channel"


class PayloadError(PluginError):
    """Documents cannot be turned into a payload: there is no handler for their class, or the handler raised."""

    code = "payload"


class FrontendError(PluginError):
    """A type or an operation cannot be expressed in the generated file."""

    code = "frontend"


class TooEarlyError(PluginError):
    """The plugin asked its scope for something that exists only in a later phase."""

    code = "too-early"
