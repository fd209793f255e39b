"""The fixture plugins as the generator's input."""

from __future__ import annotations

import fx_billing
import fx_kinds
import fx_todo

from host.frontend.model import PluginInput
from tests.frontend.building import fixture


def billing(version: str = "1.2.0") -> PluginInput:
    """Return the plugin that provides a contract."""
    return fixture("acme__billing", fx_billing, version)


def todo() -> PluginInput:
    """Return the plugin that uses billing's contract and its types."""
    return fixture("acme__todo", fx_todo, "0.4.1", uses=[billing()])


def kinds() -> PluginInput:
    """Return the plugin that sends and accepts a value of every kind."""
    return fixture("acme__kinds", fx_kinds, "0.0.1")
