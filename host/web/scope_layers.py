"""What each scope brings to the application: its paths and handlers, and the Litestar layer that applies to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from host.registration.contributions import Contributions, shared_children
from host.web.litestar.events import event_of
from host.web.litestar.routing import OWNER
from host.web.providers import provided_names

if TYPE_CHECKING:
    from litestar.di import Provide

    from hookspecs import Static
    from host.registration.contracts.contracts import Contracts
    from host.web.isolation import Isolation


@dataclass(frozen=True, slots=True)
class ScopeLayer:
    """One plugin's scope as a layer of the application. The layers of its shared children are merged into it.

    Args:
        key: the plugin key.
        parent: the key of the plugin in which this one is nested, or ``None``.
        path: the path of the router, relative to the parent's; "" for the same path.
        prefix: the whole path under which the scope is served.
        handlers: the plugin's route handlers.
        static: the plugin's directories of static files.
        dependencies: what handlers get by name.
        guards: called before each handler.
        middleware: wraps each handler, the outermost first.
        exception_handlers: exception class or status → handler.
        opt: the router's ``opt``.
        before_request: called before each handler.
        after_request: called with each response.
        after_response: called after each response was sent.
    """

    key: str
    parent: str | None
    path: str
    prefix: str
    handlers: Sequence[Any]
    static: Sequence[Static]
    dependencies: Mapping[str, Provide]
    guards: Sequence[Callable[..., Any]]
    middleware: Sequence[Any]
    exception_handlers: Mapping[Any, Callable[..., Any]]
    opt: Mapping[str, Any]
    before_request: Callable[..., Any] | None
    after_request: Callable[..., Any] | None
    after_response: Callable[..., Any] | None


def scope_layers(contributions: Sequence[Contributions], contracts: Contracts, isolation: Isolation) -> list[ScopeLayer]:
    """Return the layer of each plugin's scope, in the order of the plugins.

    Args:
        contributions: of the plugins, in load order, so parents before children.
        contracts: the provided contracts.
        isolation: adds a middleware to the plugins that may fail while others are served.
    """
    shared = shared_children(contributions)
    return [_layer(contribution, shared.get(contribution.key, ()), contracts, isolation) for contribution in contributions]


def _layer(own: Contributions, shared: Sequence[Contributions], contracts: Contracts, isolation: Isolation) -> ScopeLayer:
    """Return the layer of one scope.

    Args:
        own: the contributions of the scope's plugin. If it is shared itself, its layer and services belong to its parent's scope.
        shared: the contributions of its shared children.
        contracts: the provided contracts.
        isolation: see :func:`scope_layers`.
    """
    members = [*([] if own.plugin.shared else [own]), *shared]
    return ScopeLayer(
        key=own.key,
        parent=own.parent.key if own.parent is not None else None,
        path=own.plugin.prefix,
        prefix=own.scope.prefix,
        handlers=own.handlers,
        static=own.static,
        dependencies=provided_names(own, members, contracts),
        guards=[guard for member in members for guard in member.layer.guards],
        middleware=[*isolation.middleware(own.key), *(middleware for member in members for middleware in member.middleware)],
        exception_handlers={key: handler for member in members for key, handler in member.layer.exception_handlers.items()},
        opt={**{name: value for member in members for name, value in member.layer.opt.items()}, OWNER: own.key},
        before_request=event_of(members, "before_request"),
        after_request=event_of(members, "after_request"),
        after_response=event_of(members, "after_response"),
    )
