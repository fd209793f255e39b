"""Specification of the hook about the generated TypeScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookspecs.markers import hookspec

if TYPE_CHECKING:
    from hookspecs.scope import Scope
    from hookspecs.values import Frontend


@hookspec
def generate_frontend(scope: Scope) -> Frontend | None:
    """Replaces the default ``Frontend()`` of the plugin; called after every other registration (rows R18, R19)."""
