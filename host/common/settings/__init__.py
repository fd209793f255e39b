"""The settings: values, where they are read, and what is said of mistakes in them."""

from __future__ import annotations

from host.common.settings.loader import load_settings
from host.common.settings.model import (
    RESERVED_PREFIXES,
    STATE,
    HookSettings,
    PluginSettings,
    PluginsSettings,
    Policy,
    Settings,
    SourceLocation,
)

__all__ = (
    "RESERVED_PREFIXES",
    "STATE",
    "HookSettings",
    "PluginSettings",
    "PluginsSettings",
    "Policy",
    "Settings",
    "SourceLocation",
    "load_settings",
)
