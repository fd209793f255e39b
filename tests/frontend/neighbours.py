"""Sixteen plugins in fourteen distributions with the same names for everything, which use each other's types and a library's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Final

from tests.distributions import Project

#: The types of each of them; ``{tag}`` distinguishes them.
TYPES: Final = '''
from enum import Enum
from typing import Generic, Literal, Optional, TypeVar
from uuid import UUID

import msgspec
import pydantic

T = TypeVar("T")


class Status(Enum):
    """Where it stands for {tag}."""

    OPEN = "open"
    OWN = "{tag}"


class Record(pydantic.BaseModel):
    """A record of {tag}."""

    of: Literal["{tag}"] = "{tag}"
    status: Status = Status.OPEN
    parent: Optional["Record"] = None


class Promise(msgspec.Struct, rename="camel"):
    given_by: str
    kept: bool = False


class Task(msgspec.Struct, rename="camel"):
    """A task of {tag}."""

    id: UUID
    status: Status
    promise: Promise
    {tag}_only: int = 0


class Page(msgspec.Struct, Generic[T]):
    items: list[T]
    of: Literal["{tag}"] = "{tag}"
'''

#: The routes and channels of each of them: the same entities, operations and channels everywhere.
ROUTES: Final = """
from litestar import get, post
from litestar.params import JSONBody

from hookspecs import Channel, Child, Contract, Extension, ExtensionPoint, Frontend, Uses, hookimpl, operation

@get("/task")
async def all_tasks() -> Page[Task]: ...


@post("/task", opt=operation("dataCreate", broadcast=["changed"]))
async def create(data: JSONBody[Task]) -> Promise: ...


@get("/record")
async def records() -> list[Record]: ...


@hookimpl
def register_channels():
    return [Channel("changed", Task), Channel("paged", Page[Record])]


@hookimpl
def register_routes():
    return [all_tasks, create, records, *MORE]
"""


@dataclass(frozen=True)
class Neighbour:
    """One distribution.

    Args:
        files: path → content.
        plugins: its entry points.
        requires: the names of the distributions that it requires.
    """

    files: Mapping[str, str]
    plugins: Mapping[str, str] = field(default_factory=dict)
    requires: tuple[str, ...] = ()


def types(tag: str) -> str:
    """Return the source of the types of one plugin."""
    return TYPES.replace("{tag}", tag)


def module(tag: str, more: str = "MORE = []\n", imports: str = "") -> str:
    """Return the source of a plugin in one module.

    Args:
        tag: distinguishes its types from all others.
        more: source between types and routes; assigns further handlers to ``MORE``.
        imports: the source that replaces types of its own.
    """
    head = "from litestar import get\n\nfrom hookspecs import Child, Contract, Extension, ExtensionPoint, Uses, hookimpl\n\n"
    return (imports or types(tag)) + head + dedent(more) + ROUTES


BILLING: Final = '''
from typing import Literal, Protocol

import msgspec

Plan = Literal["pro", "free"]


class Quota(msgspec.Struct):
    plan: Plan
    used: int


class Unsent(msgspec.Struct):
    """No route of billing sends it."""

    why: str


class Billing(Protocol):
    async def quota(self) -> Quota: ...
'''

#: Imports the whole vocabulary.
_ALL: Final = "Page, Promise, Record, Status, Task"

DISTRIBUTIONS: Final[Mapping[str, Neighbour]] = {
    "common-lib": Neighbour({"common_lib.py": types("common")}),
    "acme-billing": Neighbour(
        {
            "acme_billing/__init__.py": "",
            "acme_billing/types.py": types("billing"),
            "acme_billing/contract.py": BILLING,
            "acme_billing/plugin.py": module(
                "billing",
                """
                from .contract import Billing, Quota

                @get("/quota")
                async def quota() -> Quota: ...

                class Biller:
                    async def quota(self) -> Quota: ...

                @hookimpl
                def register_contract():
                    return Contract(Billing, Biller(), "1.0")

                MORE = [quota]
                """,
                imports=f"from .types import {_ALL}\n",
            ),
        },
        {"acme__billing": "acme_billing.plugin"},
    ),
    "acme-todo": Neighbour(
        {
            "acme_todo/__init__.py": module(
                "todo",
                """
                from typing import Protocol
                from acme_billing.contract import Billing, Quota, Unsent

                class Hint(Protocol):
                    def hint(self) -> str: ...

                class Over(msgspec.Struct):
                    quota: Quota
                    unsent: Unsent

                @get("/quota")
                async def quota() -> Over: ...

                @hookimpl
                def register_contract():
                    return [Uses(Billing, "billing"), ExtensionPoint(Hint, "1.0")]

                MORE = [quota]
                """,
            )
        },
        {"acme__todo": "acme_todo"},
        ("acme-billing",),
    ),
    "acme-notes": Neighbour(
        {
            "acme_notes.py": module(
                "notes",
                """
                import common_lib

                @get("/shared")
                async def shared() -> common_lib.Page[common_lib.Task]: ...

                MORE = [shared]
                """,
            )
        },
        {"acme__notes": "acme_notes"},
        ("common-lib",),
    ),
    "acme-crm": Neighbour(
        {
            "acme_space/crm/__init__.py": "",
            "acme_space/crm/types.py": types("crm"),
            "acme_space/crm/plugin.py": module(
                "crm",
                """
                import acme_billing.types as billing
                import common_lib

                @get("/foreign")
                async def foreign() -> Page[billing.Task]: ...

                @get("/shared")
                async def shared() -> common_lib.Page[Task]: ...

                MORE = [foreign, shared]
                """,
                imports=f"from .types import {_ALL}\n",
            ),
        },
        {"acme__crm": "acme_space.crm.plugin"},
        ("acme-billing", "common-lib"),
    ),
    "acme-mail": Neighbour(
        {
            "acme_space/mail.py": module(
                "mail",
                """
                from acme_space.crm.types import Task as Foreign

                @get("/foreign")
                async def foreign() -> Foreign: ...

                MORE = [foreign]
                """,
            )
        },
        {"acme__mail": "acme_space.mail"},
        ("acme-crm",),
    ),
    "acme-suite": Neighbour(
        {
            "acme_suite/__init__.py": "",
            "acme_suite/common.py": "import msgspec\n\n\nclass Between(msgspec.Struct):\n    both: bool\n",
            "acme_suite/chat.py": module(
                "chat",
                """
                from acme_suite.common import Between

                @get("/between")
                async def between() -> Between: ...

                MORE = [between]
                """,
            ),
            "acme_suite/desk/__init__.py": "",
            "acme_suite/desk/types.py": types("desk"),
            "acme_suite/desk/plugin.py": module(
                "desk",
                """
                from acme_suite import chat
                from acme_suite.common import Between

                @get("/between")
                async def between() -> Between: ...

                @get("/foreign")
                async def foreign() -> Page[chat.Task]: ...

                MORE = [between, foreign]
                """,
                imports=f"from .types import {_ALL}\n",
            ),
        },
        {"acme__desk": "acme_suite.desk.plugin", "acme__chat": "acme_suite.chat"},
    ),
    "acme-shop": Neighbour(
        {
            "acme_shop/__init__.py": "",
            "acme_shop/line.py": module("line"),
            "acme_shop/plugin.py": module(
                "shop",
                """
                import acme_notes
                from acme_shop import line
                from acme_todo import Task as Foreign

                @get("/foreign")
                async def foreign() -> Foreign: ...

                @get("/line")
                async def lines() -> Page[line.Task]: ...

                @hookimpl
                def register_plugins():
                    return [Child(line, "line", "/lines"), Child(acme_notes, "notes", "/notes")]

                MORE = [foreign, lines]
                """,
            ),
        },
        {"acme__shop": "acme_shop.plugin"},
        ("acme-todo",),
    ),
    "acme-audit": Neighbour(
        {
            "acme_audit.py": module(
                "audit",
                """
                from acme_billing.contract import Billing, Quota

                @get("/quota")
                async def quota(billing: Billing | None) -> Quota: ...

                @hookimpl
                def register_contract():
                    return Uses(Billing, "billing", optional=True)

                MORE = [quota]
                """,
            )
        },
        {"acme__audit": "acme_audit"},
    ),
    "acme-reports": Neighbour(
        {
            "acme_reports.py": module(
                "reports",
                """
                import acme_notes
                import acme_todo

                class Hinter:
                    def hint(self) -> str: ...

                @get("/a")
                async def theirs() -> acme_todo.Page[acme_todo.Task]: ...

                @get("/b")
                async def ours() -> acme_todo.Page[Task]: ...

                @get("/c")
                async def mixed() -> dict[str, Page[acme_todo.Task] | Page[acme_notes.Task] | Page[Task]]: ...

                @hookimpl
                def register_contract():
                    return Extension(acme_todo.Hint, Hinter())

                MORE = [theirs, ours, mixed]
                """,
            )
        },
        {"acme__reports": "acme_reports"},
        ("acme-notes",),
    ),
    "acme-aaa": Neighbour(
        {
            "acme_aaa.py": module(
                "aaa",
                """
                import typing

                # Equal to the type that acme__orders writes in another order: one of them gets the other's object from a cache.
                @get("/union")
                async def union() -> list[typing.Optional[typing.Literal["a", "b"]]]: ...

                @get("/other")
                async def other() -> dict[str, typing.Union[int, str, None]]: ...

                @get("/generic")
                async def generic() -> Page[typing.Literal["a", "b"]]: ...

                MORE = [union, other, generic]
                """,
                imports=f"from acme_notes import {_ALL}\n",
            )
        },
        {"acme__aaa": "acme_aaa"},
        ("acme-notes",),
    ),
    "acme-zzz": Neighbour(
        {"acme_zzz.py": module("zzz", imports=f"from acme_notes import {_ALL}\n")},
        {"acme__zzz": "acme_zzz"},
    ),
    "other-todo": Neighbour({"other_todo.py": module("other")}, {"other__todo": "other_todo"}),
    "acme-ledger": Neighbour(
        {
            "acme_billing/ledger.py": module(
                "ledger",
                """
                from acme_billing.contract import Quota

                @get("/quota")
                async def quota() -> Quota: ...

                MORE = [quota]
                """,
            )
        },
        {"acme__ledger": "acme_billing.ledger"},
        ("acme-billing",),
    ),
    "acme-orders": Neighbour(
        {
            "acme_orders.py": module(
                "orders",
                """
                import acme_notes
                from typing import Union

                class Holder(pydantic.BaseModel):
                    union: Union[Literal["b", "a"], Record, int, None]

                @get("/union")
                async def union() -> list[Optional[Literal["b", "a"]]]: ...

                @get("/other")
                async def other() -> dict[str, Union[str, int, None]]: ...

                @get("/generic")
                async def generic() -> acme_notes.Page[Literal["b", "a"]]: ...

                @get("/held")
                async def held() -> Holder: ...

                MORE = [union, other, generic, held]
                """,
            )
        },
        {"acme__orders": "acme_orders"},
    ),
}

#: Plugin key → its distribution.
PLUGINS: Final = {key: name for name, distribution in DISTRIBUTIONS.items() for key in distribution.plugins}


def with_requirements(keys: Collection[str]) -> set[str]:
    """Return some plugins with all plugins that they require."""
    closure = set(keys)
    while True:
        wanted = {name for key in closure for name in DISTRIBUTIONS[PLUGINS[key]].requires}
        more = {key for key, name in PLUGINS.items() if name in wanted}
        if "acme__reports" in closure:
            more.add("acme__todo")  # it extends an extension point of acme__todo
        if more <= closure:
            return closure
        closure |= more


def install(project: Project, keys: Collection[str] = tuple(PLUGINS)) -> None:
    """Install the distributions of some plugins, and all distributions whose code they import."""
    imported = {
        "acme-audit": ("acme-billing",),
        "acme-zzz": ("acme-notes",),
        "acme-orders": ("acme-notes",),
        "acme-shop": ("acme-notes",),
        "acme-reports": ("acme-todo",),
    }
    ahead, wanted = [PLUGINS[key] for key in keys], set()
    while ahead:
        name = ahead.pop()
        wanted.add(name)
        ahead += [other for other in (*DISTRIBUTIONS[name].requires, *imported.get(name, ())) if other not in wanted]
    for name in (name for name in DISTRIBUTIONS if name in wanted):
        distribution = DISTRIBUTIONS[name]
        project.install(name, distribution.files, plugins=distribution.plugins, requires=distribution.requires)
