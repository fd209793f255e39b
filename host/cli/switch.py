"""``host plugins enable`` and ``host plugins disable``: edit ``host.toml`` and keep its comments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click
import tomlkit

from host.common.errors import SettingsError, UnknownPluginError
from host.common.files import write
from host.common.naming import canonical, plugin_hint
from host.common.rendering import disable_command
from host.common.settings import Settings
from host.common.toml import FILE
from host.discovery.discover import Discovery, discover
from host.discovery.installed_plugin import InstalledPlugin


def switch(name: str, settings: Settings, *, on: bool) -> int:
    """Enable or disable a plugin.

    Args:
        name: A key, or a distribution for all of its plugins.
        settings: The settings.
        on: Whether to enable.

    Raises:
        UnknownPluginError: No installed plugin has this name.
        SettingsError: A variable of the environment overrides the file, or the file cannot be written.
    """
    if (place := settings.place("plugins", "disabled"))["key"] in settings.variables.values():
        message = f"{place['key']} overrides the disabled plugins in the file"
        raise SettingsError(message, **place, fix=f"change or unset {place['key']}")
    discovery = discover(settings, [])  # the switch may be what corrects the settings
    installed = list(discovery.installed)
    selected = [plugin for plugin in installed if plugin.named(name)]
    if not selected:
        candidates = {candidate for plugin in installed for candidate in (plugin.key, plugin.distribution)}
        raise UnknownPluginError(f"no installed plugin or distribution is called {name!r}", fix=plugin_hint(name, candidates))
    file = settings.file or settings.directory / FILE
    document = tomlkit.parse(file.read_text(encoding="utf-8")) if file.is_file() else tomlkit.document()
    table = _table(document, file)
    for plugin in selected:
        _set(table, plugin, name, installed, on=on)
    try:
        write(file, tomlkit.dumps(document))
    except OSError as error:
        raise SettingsError(f"{file.name} cannot be written: {error.strerror}", file=file, fix="make it writable") from None
    for plugin in selected:
        click.echo(f"{plugin.key} is {'enabled' if on else 'disabled'} in {file.name}")
    for plugin in () if on else _broken_dependents(selected, discovery):
        click.echo(f"warning: {plugin.key} requires it and will fail; disable it too: {disable_command(plugin.key)}", err=True)
    return 0


def _broken_dependents(disabled: list[InstalledPlugin], discovery: Discovery) -> list[InstalledPlugin]:
    """Return the enabled plugins that require a distribution without any enabled plugin left."""
    left = [plugin for plugin in discovery.enabled if plugin not in disabled]
    gone = {canonical(plugin.distribution) for plugin in disabled} - {canonical(plugin.distribution) for plugin in left}
    return [plugin for plugin in left if any(canonical(requirement.name) in gone for requirement in plugin.requirements)]


def _table(document: Any, file: Path) -> Any:
    """Return the table of plugins; create it if it does not exist."""
    for name in ("plugins",) if file.name == FILE else ("tool", "host", "plugins"):
        if name not in document:
            document[name] = tomlkit.table()
        document = document[name]
    return document


def _set(table: Any, plugin: InstalledPlugin, name: str, installed: list[InstalledPlugin], *, on: bool) -> None:
    names = list(table.get("disabled", []))
    # If a distribution has several plugins, the others stay disabled: its name is replaced by their keys.
    others = {name: [other.key for other in installed if other.named(name) and other.key != plugin.key] for name in names}
    kept = list(dict.fromkeys(key for name in names for key in (others[name] if plugin.named(name) else [name])))
    if not on:
        # If two distributions have the same key, only the one that was named is disabled.
        kept.append(plugin.key if name == plugin.key else plugin.distribution)
    if kept != names:
        table["disabled"] = kept
    enabled = table.get("enabled", "installed")
    if on and isinstance(enabled, list) and not any(plugin.named(name) for name in enabled):
        enabled.append(plugin.key)
