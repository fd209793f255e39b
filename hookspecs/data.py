"""Specifications of the hooks about data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookspecs.markers import hookspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beanie import Document

    from hookspecs.access import Rules
    from hookspecs.scope import Scope
    from hookspecs.values import Channel, PayloadHandler


@hookspec
def register_models(scope: Scope) -> type[Document] | Iterable[type[Document]] | None:
    """The plugin's documents (rows R9, R10).

    The host names each collection ``<plugin key>-<model>``, whatever the class says, and opens all of all plugins at once.
    """


@hookspec
def register_payload(scope: Scope) -> PayloadHandler | Iterable[PayloadHandler] | None:
    """How the plugin's documents become rows of a payload, one handler a class (row R13)."""


@hookspec
def register_rules(scope: Scope) -> Rules | Iterable[Rules] | None:
    """Who may do what to the plugin's documents, at most one set of rules a class (row E17).

    A plugin with rules for which one must know the user does not load unless a plugin provides an ``Authenticator``.
    """


@hookspec
def register_channels(scope: Scope) -> Channel | Iterable[Channel] | None:
    """The plugin's channels with the type of their messages (rows R15, R28)."""
