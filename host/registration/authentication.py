"""Which plugins ask who somebody is, and that one plugin answers it (rows R26, E17)."""

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

#: What the host itself asks of the contract.
USE: Final = Uses(Authenticator, "authenticator", version=">=1,<2")
#: So many of the things that ask for a user are told.
_SHOWN: Final = 5


class HostAuthenticator:
    """What the guards of all plugins ask: the authenticator of one plugin, kept from failing open and from telling secrets.

    Args:
        authenticator: the plugin's.
        owner: the plugin's key.
        is_failed: whether a plugin failed.
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
        """Who sends a request, or opens a socket.

        Raises:
            InternalServerException: the plugin failed at start, or returned something else.
            Exception: as the plugin raised it, with a note that names it.
        """
        if not self.works:
            raise InternalServerException(f"the plugin {self._owner}, which knows the users, failed at start")
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
    """What guards ask; ``None`` where no plugin knows users, and then whoever asks is refused.

    Args:
        contracts: the provided ones.
        is_failed: whether a plugin failed.
    """
    owner = contracts.provider(USE)
    return None if owner is None else HostAuthenticator(contracts.provided[Authenticator].implementation, owner, is_failed)


def asking(one: Contributions) -> list[str]:
    """What of a plugin asks for a user: its routes, channels and rules, each in a few words.

    What lies behind the layer of a plugin around it is that plugin's, without which this one does not start.
    """
    layer = ["all routes, by its layer"] if _ask(one.layer.guards) else []
    routes = [f"{route.method} {route.path} ({route.label})" for route in flatten(one.handlers) if _ask(route.guards)]
    channels = [f"the channel {channel.key}" for channel in one.channels if _ask(channel.guards)]
    rules = [f"the rules of {rules.model.__name__}" for rules in one.rules if rules.needs_user]
    return [*layer, *routes, *channels, *rules]


def follow_authenticator(contributions: Iterable[Contributions], contracts: Contracts, plan: LoadOrder) -> None:
    """Let who asks for a user come after the plugin that knows them, and fail with it.

    That plugin may itself wait for one that asks, e.g. for its parent; then they only fail together: a user is asked for by a
    request, when all have started.

    Args:
        contributions: of the plugins, in load order.
        contracts: the provided ones.
        plan: gets the edges.
    """
    provider = contracts.provider(USE)
    if provider is None:
        return
    first = plan.before(provider)
    for one in contributions:
        if one.key != provider and asking(one):
            if one.key in first:
                plan.tie(one.key, to=provider)
            else:
                plan.add(provider, before=one.key, needed=True, why="authentication")


def unauthenticated(contributions: Iterable[Contributions], contracts: Contracts) -> Iterator[tuple[Contributions, PluginError]]:
    """The plugins that ask for a user where nobody knows any; open they must not be.

    Args:
        contributions: of the plugins, in load order.
        contracts: the provided ones.
    """
    if contracts.provider(USE) is not None:
        return
    for one in contributions:
        if asked := asking(one):
            known = contracts.problem(one, USE) if Authenticator in contracts.provided else None
            yield one, known or _unanswered(one, asked)


def _unanswered(one: Contributions, asked: Sequence[str]) -> PluginError:
    more = f" and {len(asked) - _SHOWN} more" if len(asked) > _SHOWN else ""
    what = f"{', '.join(asked[:_SHOWN])}{more}"
    message = f"{one.key} asks who somebody is, and no enabled plugin provides the contract Authenticator; it asks for {what}"
    fix = (
        "install or enable a plugin that provides hookspecs.Authenticator, such as acme-auth (one that failed provides nothing); "
        "or drop these guards and rules"
    )
    return one.plugin.make_error(ContractError, message, hook=_hook(one), fix=fix)


def _hook(one: Contributions) -> str:
    """The hook that returned the first of what asks for a user."""
    if _ask(one.layer.guards):
        return "register_layer"
    if any(_ask(route.guards) for route in flatten(one.handlers)):
        return "register_routes"
    return "register_channels" if any(_ask(channel.guards) for channel in one.channels) else "register_rules"


def _ask(guards: Iterable[Any]) -> bool:
    return any(isinstance(_inner(guard), RequiresUser) for guard in guards)


def _inner(guard: Any) -> Any:
    """The guard in a ``partial``, or whose ``__call__`` it is."""
    while isinstance(guard, partial):
        guard = guard.func
    return guard.__self__ if isinstance(guard, MethodType) else guard
