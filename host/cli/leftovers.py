"""``host plugins show``: a plugin from its metadata, and the collections that are there for it in the database."""

from __future__ import annotations

import asyncio
from typing import Any

import rich_click as click
from pymongo.errors import PyMongoError

from host.cli.common import print_json
from host.cli.describe import describe
from host.cli.tables import Table
from host.common.describe import describe_exception
from host.common.errors import DatabaseError, SettingsError, UnknownPluginError
from host.common.naming import is_key, plugin_hint
from host.common.settings import Settings
from host.database.connect import connect
from host.database.embedded.lease import start
from host.discovery.discover import Discovery, discover


def show_plugin(name: str, settings: Settings, *, json_output: bool) -> int:
    """Show what is known of a plugin, and what it has in the database.

    Args:
        name: a key or a distribution; a key also of a plugin that is gone.
        settings: the settings.
        json_output: whether to print JSON.

    Raises:
        UnknownPluginError: no plugin is called so, and it left nothing.
    """
    problems: list[SettingsError] = []  # the settings may still name a plugin that is gone: maybe the one that is asked for
    discovery = discover(settings, problems)
    found = [describe(plugin, discovery) for plugin in discovery.installed if plugin.named(name)]
    keys = {one["key"] for one in found} or ({name} if is_key(name) else set())
    problem = ""
    try:
        data = asyncio.run(_data(settings, keys))
    except DatabaseError as error:
        data, problem = {}, error.message
    except PyMongoError as error:
        data, problem = {}, f"it refuses to answer: {describe_exception(error)}"
    if not found and not any(data.values()) and not problem:
        _refuse(name, discovery)
    shown = found or [{"key": name, "status": "not installed"}]
    for one in shown:
        one["collections"] = data.get(one["key"], [])
    if json_output:
        print_json({"plugins": shown, "databaseProblem": problem or None})
    else:
        _print(shown, problem)
    return 0


def _refuse(name: str, discovery: Discovery) -> None:
    known = {known for plugin in discovery.installed for known in (plugin.key, plugin.distribution)}
    if not is_key(name):
        message = f"no installed plugin or distribution is called {name!r}"
        raise UnknownPluginError(message, fix=plugin_hint(name, known) + "; for one that is gone, give its key, author__name")
    raise UnknownPluginError(f"{name!r} is not installed and has left no data", fix=plugin_hint(name, known))


async def _data(settings: Settings, keys: set[str]) -> dict[str, list[dict[str, Any]]]:
    """The collections of some plugins with their numbers of documents; an embedded database that never ran has none."""
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
    for one in shown:
        table = Table(one["key"], "")
        for name in ("status", "distribution", "version", "summary", "target"):
            if one.get(name):
                table.add_row(name, one[name])
        for name in ("requires", "problems"):
            if one.get(name):
                table.add_row(name, ", ".join(one[name]))
        for collection in one["collections"]:
            count = collection["documents"]
            table.add_row("data", f"{collection['name']}: {count} document{'' if count == 1 else 's'}")
        table.print()
        if one["status"] == "not installed" and one["collections"]:
            click.echo("Its data stayed. Install the plugin again to use it; drop the collections to be rid of it.")
    if problem:
        click.echo(f"Its data is not known: {problem}", err=True)
