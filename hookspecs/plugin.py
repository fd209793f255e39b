"""Specifications of the hooks about the plugin itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookspecs.markers import hookspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import BaseModel

    from hookspecs.contracts import Contract, Extension, ExtensionPoint, Uses
    from hookspecs.nesting import Child
    from hookspecs.scope import Scope
    from hookspecs.services import RequestService, Service


@hookspec
def plugin_options() -> type[BaseModel] | None:
    """The pydantic model of the plugin's options (rows F5, K8, E12).

    Called before anything else of the plugin. What stands under ``options`` in the plugin's table of ``host.toml`` is
    validated against it; unknown options are refused.
    """


@hookspec
def register_plugins(scope: Scope) -> Child | Iterable[Child] | None:
    """The plugins inside this one (rows F1, F2, E1, E2, K3). Called when the plugin is loaded, before any other of its hooks
    but ``plugin_options``; the children are loaded then, one after the other, each with its own before the next.
    """


@hookspec
async def configure(scope: Scope) -> None:
    """Runs when the options are valid and before anything is registered; the database is not open (row K15a).

    Called in every process role, so also for ``host generate-config``. May be async.
    """


@hookspec
def register_services(scope: Scope) -> Mapping[str, Any | Service | RequestService] | None:
    """The plugin's services by name (rows R6, F18, F19).

    Values; :class:`hookspecs.Service` for what is made at start-up; :class:`hookspecs.RequestService` for what is made for each
    request. The plugins inside this one see them too, and may have others of the same names.
    """


@hookspec
def register_contract(
    scope: Scope,
) -> Contract | Uses | ExtensionPoint | Extension | Iterable[Contract | Uses | ExtensionPoint | Extension] | None:
    """What the plugin provides to others and what it takes from them (rows R23, R24).

    Who uses a contract starts after the plugin that provides it, and who extends another plugin after that one.
    """
