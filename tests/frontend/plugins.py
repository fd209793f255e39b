"""The fixture plugins, ready for the frontend room."""

from __future__ import annotations

import fx_billing
import fx_kinds
import fx_todo

from host.frontend.model import PluginInput
from tests.frontend.building import fixture


def billing(version: str = "1.2.0") -> PluginInput:
    """Provides a contract."""
    return fixture("acme__billing", fx_billing, version)


def todo() -> PluginInput:
    """Uses billing's contract and its types."""
    return fixture("acme__todo", fx_todo, "0.4.1", uses=[billing()])


def kinds() -> PluginInput:
    """Sends and takes one of everything."""
    return fixture("acme__kinds", fx_kinds, "0.0.1")
