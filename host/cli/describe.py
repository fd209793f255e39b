"""Describe a plugin without importing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
