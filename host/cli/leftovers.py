"""``host plugins show``: a plugin from its metadata, and its collections in the database."""

from __future__ import annotations

import asyncio
from typing import Any

import rich_click as click
from pymongo.errors import PyMongoError

from host.cli.common import print_json
from host.cli.describe import describe_plugin, displayed_version
from host.cli.tables import Table
from host.common.describe import describe_exception
from host.common.errors import DatabaseError, SettingsError, UnknownPluginError
from host.common.naming import is_key, plugin_hint
from host.common.settings import Settings
from host.database.connect import connect
from host.database.embedded.lease import start
from host.discovery.discover import Discovery, discover


def show_plugin(name: str, settings: Settings, *, json_output: bool) -> int:
    """Show the metadata of a plugin and its collections in the database.

    Args:
        name: A key or a distribution; the key may be that of a plugin that was uninstalled.
        settings: The settings.
        json_output: Whether to print JSON.

    Raises:
        UnknownPluginError: No plugin has this name, and there is no data of one.
    """
    problems: list[SettingsError] = []  # ignored: the settings may still name the very plugin that was uninstalled
    discovery = discover(settings, problems)
    installed = [describe_plugin(plugin, discovery) for plugin in discovery.installed if plugin.named(name)]
    keys = {plugin["key"] for plugin in installed} or ({name} if is_key(name) else set())
    problem = ""
    try:
        data = asyncio.run(_data(settings, keys))
    except DatabaseError as error:
        data, problem = {}, error.message
    except PyMongoError as error:
        data, problem = {}, f"the database rejected the query: {describe_exception(error)}"
    if not installed and not any(data.values()) and not problem:
        raise _not_found(name, discovery)
    shown = installed or [{"key": name, "status": "not installed"}]
    for plugin in shown:
        plugin["collections"] = data.get(plugin["key"], [])
    if json_output:
        print_json({"plugins": shown, "databaseProblem": problem or None})
    else:
        _print(shown, problem)
    return 0


def _not_found(name: str, discovery: Discovery) -> UnknownPluginError:
    candidates = {candidate for plugin in discovery.installed for candidate in (plugin.key, plugin.distribution)}
    if not is_key(name):
        message = f"no installed plugin or distribution is called {name!r}"
        hint = plugin_hint(name, candidates)
        return UnknownPluginError(message, fix=f"{hint}; for a plugin that was uninstalled, pass its key, author__name")
    return UnknownPluginError(f"{name!r} is not installed and has left no data", fix=plugin_hint(name, candidates))


async def _data(settings: Settings, keys: set[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the collections of plugins with their numbers of documents; an embedded database that never ran has none."""
    url = settings.database.url
    if not url and not (settings.state / "mongodb").is_dir():
        return {}
    lease = None if url else start(settings.state, mongod=settings.database.mongod)
    try:
        client = await connect(await lease.wait_async() if lease else url, timeout=settings.database.timeout)
        try:
            database = client[settings.database.name]
            names = sorted(await database.list_collection_names())
            return {
                key: [
                    {"name": name, "documents": await database[name].count_documents({})}
                    for name in names
                    if name.startswith(f"{key}-")
                ]
                for key in sorted(keys)
            }
        finally:
            await client.close()
    finally:
        if lease is not None:
            lease.release()


def _print(shown: list[dict[str, Any]], problem: str) -> None:
    for plugin in shown:
        table = Table(plugin["key"], "")
        for name in ("status", "distribution", "version", "summary", "target"):
            if plugin.get(name):
                table.add_row(name, displayed_version(plugin) if name == "version" else plugin[name])
        for name in ("requires", "problems"):
            if plugin.get(name):
                table.add_row(name, ", ".join(plugin[name]))
        for collection in plugin["collections"]:
            count = collection["documents"]
            table.add_row("data", f"{collection['name']}: {count} document{'' if count == 1 else 's'}")
        table.print()
        if plugin["status"] == "not installed" and plugin["collections"]:
            click.echo("Its data is still there. Install the plugin again to use it, or drop the collections to delete it.")
    if problem:
        click.echo(f"Its data cannot be listed: {problem}", err=True)
