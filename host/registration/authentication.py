"""Find the plugins that need the user of a request, and the one plugin that authenticates users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from types import MethodType
from typing import TYPE_CHECKING, Any, Final

from litestar.exceptions import InternalServerException

from hookspecs import Authenticator, RequiresUser, User, Uses
from host.common.describe import describe_value
from host.common.errors import ContractError, PluginError
from host.loading.load_order import LoadOrder
from host.registration.contracts.contracts import Contracts
from host.registration.contributions import Contributions
from host.registration.routes import flatten

if TYPE_CHECKING:
    from litestar.connection import ASGIConnection

#: The host's own use of the contract.
USE: Final = Uses(Authenticator, "authenticator", version=">=1,<2")
#: The most guarded things that an error names.
_SHOWN: Final = 5


class HostAuthenticator:
    """The authenticator of one plugin, as the guards of all plugins call it. It never fails open, and never reveals details.

    Args:
        authenticator: the plugin's.
        owner: the key of the plugin.
        is_failed: returns whether a plugin failed.
    """

    def __init__(self, authenticator: Authenticator, owner: str, is_failed: Callable[[str], bool]) -> None:
        self._authenticator = authenticator
        self._owner = owner
        self._is_failed = is_failed

    @property
    def works(self) -> bool:
        """Whether the plugin has not failed."""
        return not self._is_failed(self._owner)

    async def authenticate(self, connection: ASGIConnection[Any, Any, Any, Any]) -> User | None:
        """Return the user who sends a request or opens a socket, ``None`` for anonymous ones.

        Raises:
            InternalServerException: the plugin failed at start, or returned something else than a user.
            Exception: what the plugin raised, with a note that names the plugin.
        """
        if not self.works:
            raise InternalServerException(f"the plugin {self._owner}, which authenticates users, failed at start")
        try:
            user: object = await self._authenticator.authenticate(connection)
        except Exception as error:
            error.add_note(f"raised by the authenticator of {self._owner}")
            raise
        if user is None or isinstance(user, User):
            return user
        message = f"the authenticator of {self._owner} returned {describe_value(user)} instead of a User or None"
        raise InternalServerException(message)


def authenticator_of(contracts: Contracts, is_failed: Callable[[str], bool]) -> HostAuthenticator | None:
    """Return the authenticator for guards; ``None`` if no plugin provides one, in which case the guards refuse everybody.

    Args:
        contracts: the provided contracts.
        is_failed: returns whether a plugin failed.
    """
    owner = contracts.provider(USE)
    return None if owner is None else HostAuthenticator(contracts.provided[Authenticator].implementation, owner, is_failed)


def asking(plugin: Contributions) -> list[str]:
    """Return what a plugin guards by the user: routes, channels and rules, each in a few words.

    The layer of a parent does not count: it is the parent's own, and the child does not start without its parent.
    """
    layer = ["all routes, by its layer"] if _ask(plugin.layer.guards) else []
    routes = [f"{route.method} {route.path} ({route.label})" for route in flatten(plugin.handlers) if _ask(route.guards)]
    channels = [f"the channel {channel.key}" for channel in plugin.channels if _ask(channel.guards)]
    rules = [f"the rules of {rules.model.__name__}" for rules in plugin.rules if rules.needs_user]
    return [*layer, *routes, *channels, *rules]


def follow_authenticator(contributions: Iterable[Contributions], contracts: Contracts, plan: LoadOrder) -> None:
    """Put plugins that need users after the plugin that authenticates them, and let them fail with it.

    The authenticating plugin may itself depend on such a plugin, e.g. on its parent. Then they only fail together: users are
    needed by requests, which come after all plugins have started.

    Args:
        contributions: of the plugins, in load order.
        contracts: the provided contracts.
        plan: receives the dependencies.
    """
    provider = contracts.provider(USE)
    if provider is None:
        return
    first = plan.before(provider)
    for plugin in contributions:
        if plugin.key != provider and asking(plugin):
            if plugin.key in first:
                plan.tie(plugin.key, to=provider)
            else:
                plan.add(provider, before=plugin.key, needed=True, why="authentication")


def unauthenticated(contributions: Iterable[Contributions], contracts: Contracts) -> Iterator[tuple[Contributions, PluginError]]:
    """Yield an error for each plugin that needs users if no plugin authenticates them: nothing guarded may be served open.

    Args:
        contributions: of the plugins, in load order.
        contracts: the provided contracts.
    """
    if contracts.provider(USE) is not None:
        return
    for plugin in contributions:
        if guarded := asking(plugin):
            problem = contracts.problem(plugin, USE) if Authenticator in contracts.provided else None
            yield plugin, problem or _no_authenticator(plugin, guarded)


def _no_authenticator(plugin: Contributions, guarded: Sequence[str]) -> PluginError:
    more = f" and {len(guarded) - _SHOWN} more" if len(guarded) > _SHOWN else ""
    what = f"{', '.join(guarded[:_SHOWN])}{more}"
    message = f"{plugin.key} needs the user of a request for {what}, and no enabled plugin provides the contract Authenticator"
    fix = (
        "install or enable a plugin that provides hookspecs.Authenticator, such as acme-auth (a failed plugin provides nothing); "
        "or remove these guards and rules"
    )
    return plugin.make_error(ContractError, message, hook=_hook(plugin), fix=fix)


def _hook(plugin: Contributions) -> str:
    """Return the hook that registered the first thing guarded by the user."""
    if _ask(plugin.layer.guards):
        return "register_layer"
    if any(_ask(route.guards) for route in flatten(plugin.handlers)):
        return "register_routes"
    return "register_channels" if any(_ask(channel.guards) for channel in plugin.channels) else "register_rules"


def _ask(guards: Iterable[Any]) -> bool:
    return any(isinstance(_inner(guard), RequiresUser) for guard in guards)


def _inner(guard: Any) -> Any:
    """Return the guard inside a ``partial``, or the object of a bound ``__call__``."""
    while isinstance(guard, partial):
        guard = guard.func
    return guard.__self__ if isinstance(guard, MethodType) else guard
