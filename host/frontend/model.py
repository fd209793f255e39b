"""The border of the room: what the host hands in, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from hookspecs import Frontend

if TYPE_CHECKING:
    from hookspecs import Channel, Contract, PayloadHandler


@dataclass(frozen=True)
class Route:
    """One method on one path of the assembled application.

    Args:
        owner: the key of the plugin.
        method: ``GET``, …, ``WEBSOCKET`` or ``ASGI``.
        path: the whole path as Litestar writes it, with the plugin's prefix: ``/acme__todo/task/{id:str}``.
        handler: the registered handler.
    """

    owner: str
    method: str
    path: str
    handler: Any


@dataclass(frozen=True)
class UsedContract:
    """A contract that a plugin takes from another.

    Args:
        id: as :func:`contract_id` gives it.
        provider: the key of the plugin that provides it.
        protocol: the ``typing.Protocol``.
        optional: whether the plugin can be without it.
    """

    id: str
    provider: str
    protocol: type[Any]
    optional: bool = False


@dataclass(frozen=True)
class PluginInput:
    """All that the file says of one plugin comes from here.

    Args:
        key: ``author__name``; of a plugin inside another, that one's key, a dot and its name.
        author: the first half of the key.
        name: the last part of the key.
        version: of the distribution.
        prefix: the path under which the routes are.
        package: the import package, maybe dotted, "" for none; types defined in it are this plugin's.
        routes: in any order.
        channels: the declared ones.
        payloads: the payload handlers, for the datatypes; also those of the plugins in which it lies.
        provides: the provided contracts.
        uses: the contracts it takes, resolved.
        frontend: what ``generate_frontend`` returned.
        requires: keys of the plugins that are there wherever this one is; the providers of ``uses`` need not be named again,
            nor the plugin in which it lies.
    """

    key: str
    author: str
    name: str
    version: str
    prefix: str
    package: str
    routes: tuple[Route, ...] = ()
    channels: tuple[Channel, ...] = ()
    payloads: tuple[PayloadHandler, ...] = ()
    provides: tuple[Contract, ...] = ()
    uses: tuple[UsedContract, ...] = ()
    frontend: Frontend = field(default_factory=Frontend)
    requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class Generated:
    """The generated file.

    Args:
        text: all of it, LF, with a final newline.
        digest: ``sha256-…`` of what came from the plugins; also in the file, as ``schemaHash``.
        digests: plugin key → ``sha256-…`` of that plugin's part; also in its object, as ``schema``.
        warnings: one line for each type that became ``unknown``: plugin, route, type.
        parts: plugin key → the sections of the file that concern it.
    """

    text: str
    digest: str
    digests: Mapping[str, str]
    warnings: tuple[str, ...]
    parts: Mapping[str, str]


def contract_id(provider: str, protocol: type[Any], version: str) -> str:
    """How a contract is called in the file: ``acme__billing.quota@1``.

    Args:
        provider: the key of the plugin.
        protocol: its name goes in, in camelCase.
        version: PEP 440; the major goes in.
    """
    name = protocol.__name__
    return f"{provider}.{name[:1].lower()}{name[1:]}@{Version(version).major}"
