"""``host plugins enable`` and ``disable``: an edit of ``host.toml`` that keeps its comments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click
import tomlkit

from host.common.errors import SettingsError, UnknownPluginError
from host.common.files import write
from host.common.naming import canonical, plugin_hint
from host.common.rendering import disabling
from host.common.settings import Settings
from host.common.toml import FILE
from host.discovery.discover import Discovery, discover
from host.discovery.installed_plugin import InstalledPlugin


def switch(name: str, settings: Settings, *, on: bool) -> int:
    """Enable or disable a plugin.

    Args:
        name: a key, or a distribution for all of its plugins.
        settings: the settings.
        on: whether to enable.

    Raises:
        UnknownPluginError: no installed plugin is called so.
        SettingsError: a variable of the environment overrules the file, or the file cannot be written.
    """
    if (place := settings.place("plugins", "disabled"))["key"] in settings.variables.values():
        message = f"{place['key']} overrules what the file says of disabled plugins"
        raise SettingsError(message, **place, fix=f"change or unset {place['key']}")
    discovery = discover(settings, [])  # what is wrong with the settings may be what the switch mends
    installed = list(discovery.installed)
    meant = [plugin for plugin in installed if plugin.named(name)]
    if not meant:
        known = {known for plugin in installed for known in (plugin.key, plugin.distribution)}
        raise UnknownPluginError(f"no installed plugin or distribution is called {name!r}", fix=plugin_hint(name, known))
    file = settings.file or settings.directory / FILE
    document = tomlkit.parse(file.read_text(encoding="utf-8")) if file.is_file() else tomlkit.document()
    table = _table(document, file)
    for plugin in meant:
        _set(table, plugin, name, installed, on=on)
    try:
        write(file, tomlkit.dumps(document))
    except OSError as error:
        raise SettingsError(f"{file.name} cannot be written: {error.strerror}", file=file, fix="make it writable") from None
    for plugin in meant:
        click.echo(f"{plugin.key} is {'enabled' if on else 'disabled'} in {file.name}")
    for plugin in () if on else _left_without(meant, discovery):
        click.echo(f"warning: {plugin.key} requires it and will fail; leave that one out too: {disabling(plugin.key)}", err=True)
    return 0


def _left_without(disabled: list[InstalledPlugin], discovery: Discovery) -> list[InstalledPlugin]:
    """The enabled plugins that require a distribution of which no plugin is left."""
    left = [plugin for plugin in discovery.enabled if plugin not in disabled]
    gone = {canonical(plugin.distribution) for plugin in disabled} - {canonical(plugin.distribution) for plugin in left}
    return [plugin for plugin in left if any(canonical(one.name) in gone for one in plugin.requirements)]


def _table(document: Any, file: Path) -> Any:
    """The table of plugins, made where there is none."""
    for name in ("plugins",) if file.name == FILE else ("tool", "host", "plugins"):
        if name not in document:
            document[name] = tomlkit.table()
        document = document[name]
    return document


def _set(table: Any, plugin: InstalledPlugin, name: str, installed: list[InstalledPlugin], *, on: bool) -> None:
    names = list(table.get("disabled", []))
    # A distribution that stands for several plugins goes on standing for the others.
    others = {one: [other.key for other in installed if other.named(one) and other.key != plugin.key] for one in names}
    kept = list(dict.fromkeys(key for one in names for key in (others[one] if plugin.named(one) else [one])))
    if not on:
        # Of two distributions with one key, only the one that was named.
        kept.append(plugin.key if name == plugin.key else plugin.distribution)
    if kept != names:
        table["disabled"] = kept
    chosen = table.get("enabled", "installed")
    if on and isinstance(chosen, list) and not any(plugin.named(one) for one in chosen):
        chosen.append(plugin.key)
