"""The settings: their model, loading from file and environment, and diagnostics."""

from __future__ import annotations

from host.common.settings.loader import load_settings
from host.common.settings.model import (
    RESERVED_PREFIXES,
    STATE,
    HookSettings,
    PluginSettings,
    PluginsSettings,
    Policy,
    SettingLocation,
    Settings,
)

__all__ = (
    "RESERVED_PREFIXES",
    "STATE",
    "HookSettings",
    "PluginSettings",
    "PluginsSettings",
    "Policy",
    "SettingLocation",
    "Settings",
    "load_settings",
)
