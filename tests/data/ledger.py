"""Two plugins with a collection each: ``acme__quota`` counts what ``acme__shop`` creates, in one transaction."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from host import Host
from host.registration.scope import PluginScope
from host.web.channels.message import Message
from tests.distributions import Project
from tests.inprocess import running

T = TypeVar("T")

QUOTA = """
from __future__ import annotations

from typing import Protocol

from hookspecs import Contract, hookimpl
from host.data import Conflict, Document


class Account(Document):
    name: str
    used: int = 0


class Quota(Protocol):
    async def take(self, name: str) -> int: ...


class Accounts:
    async def take(self, name: str) -> int:
        account = await Account.find_one(Account.name == name)
        if account is None:
            raise Conflict(f"no account {name}")
        await account.set({Account.used: account.used + 1})
        return account.used


@hookimpl
def register_models(): return Account

@hookimpl
def register_contract(): return Contract(Quota, Accounts(), "1.0")

@hookimpl
async def on_startup():
    if await Account.count() == 0:
        await Account(name="main").insert()
"""

SHOP = """
from __future__ import annotations

from acme_quota import Account, Quota
from litestar import get, post
from litestar.params import FromQuery

from hookspecs import Channel, Scope, Uses, hookimpl
from host.data import Conflict, Document


class Thing(Document):
    title: str = "a"


async def make(scope: Scope, identifier: str | None = None, title: str = "a") -> Thing:
    await scope.use(Quota).take("main")
    if title == "refused":
        raise Conflict("refused")
    thing = await (Thing(title=title) if identifier is None else Thing(id=identifier, title=title)).insert()
    await scope.broadcast("made", thing.id)
    return thing


@post("/thing")
async def create(plugin_scope: Scope, id: FromQuery[str], title: FromQuery[str] = "a") -> str:
    return (await plugin_scope.transaction(make, plugin_scope, id, title)).id


@get("/count")
async def count() -> list[int]:
    account = await Account.find_one()
    return [account.used if account else -1, await Thing.count()]


@get("/thing")
async def ids() -> list[str]:
    return [thing.id async for thing in Thing.find()]


@hookimpl
def register_models(): return Thing

@hookimpl
def register_contract(): return Uses(Quota, "quota")

@hookimpl
def register_channels(): return Channel("made", str)

@hookimpl
def register_routes(): return [create, count, ids]
"""


def install(project: Project, url: str = "") -> None:
    """Install both plugins.

    Args:
        project: gets them.
        url: of a MongoDB; "" for the project's own.
    """
    project.install("acme-quota", {"acme_quota.py": QUOTA})
    project.install("acme-shop", {"acme_shop.py": SHOP}, requires=["acme-quota"])
    project.configure(f'[database]\nurl = "{url}"\nname = "test{uuid4().hex[:12]}"\n')


class Heard:
    """Subscribes to a channel."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self._came = asyncio.Event()

    async def take(self, message: Message) -> None:
        """Take a message."""
        self.messages.append(json.loads(message.text)["data"])
        self._came.set()

    async def until(self, last: Any) -> list[Any]:
        """All messages, once a certain one has come."""
        async with asyncio.timeout(60):
            while last not in self.messages:
                self._came.clear()
                await self._came.wait()
        return self.messages


class Ledger:
    """Both plugins, started.

    Args:
        host: in which they are.
        client: of their routes.
    """

    def __init__(self, host: Host, client: httpx.AsyncClient) -> None:
        self.host = host
        self.client = client
        self.quota: ModuleType = importlib.import_module("acme_quota")
        self.shop: ModuleType = importlib.import_module("acme_shop")
        self.scope: PluginScope = host.plugins["acme__shop"].scope
        self.heard = Heard()

    async def counts(self) -> tuple[int, int]:
        """What was taken, and how many things there are."""
        account = await self.quota.Account.find_one()
        return account.used, await self.shop.Thing.count(deleted=None)


def during(project: Project, function: Callable[[Ledger], Awaitable[T]]) -> T:
    """Start a host, do something with its plugins, stop it."""

    async def life() -> T:
        async with running(project) as (host, client):
            ledger, broker = Ledger(host, client), host.boot.channels
            connection = broker.connect(None)
            broker.subscribe(connection, [broker.channel_states["acme__shop--made"]])
            hearing = asyncio.create_task(connection.send_loop(ledger.heard.take))
            try:
                return await function(ledger)
            finally:
                broker.disconnect(connection)
                await hearing
                await ledger.quota.Account.get_pymongo_collection().database.client.drop_database(project.settings.database.name)

    return asyncio.run(life())
