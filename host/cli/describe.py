"""Describe a plugin without importing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from host.discovery.discover import Discovery
    from host.discovery.installed_plugin import InstalledPlugin


def describe_plugin(plugin: InstalledPlugin, discovery: Discovery) -> dict[str, Any]:
    """Return a plugin as a JSON object, from its metadata and the settings."""
    problems = [error.message for error in discovery.errors if error.plugin == plugin.key]
    status = "disabled" if plugin not in discovery.enabled else "broken" if problems else "enabled"
    return {
        "key": plugin.key,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "status": status,
        "summary": plugin.summary,
        "target": plugin.target,
        "requires": [other.key for other in discovery.requires(plugin)],
        "problems": problems,
    }


def displayed_version(description: Mapping[str, Any]) -> str:
    """Return the version of a plugin for a table. A local plugin has no releases: its version "0" would only raise questions."""
    from host.discovery.local_plugins import DIRECTORY

    return "local" if description["distribution"].startswith(f"{DIRECTORY}/") else description["version"]
