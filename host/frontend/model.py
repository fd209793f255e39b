"""The input and the output of the generator."""

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
        owner: The plugin key.
        method: ``GET``, …, ``WEBSOCKET`` or ``ASGI``.
        path: The complete path in Litestar's notation, the plugin's prefix included: ``/acme__todo/task/{id:str}``.
        handler: The registered handler.
    """

    owner: str
    method: str
    path: str
    handler: Any


@dataclass(frozen=True)
class UsedContract:
    """A contract that a plugin uses.

    Args:
        id: The result of :func:`contract_id`.
        provider: The key of the plugin that provides it.
        protocol: The ``typing.Protocol``.
        optional: Whether the plugin loads without it.
    """

    id: str
    provider: str
    protocol: type[Any]
    optional: bool = False


@dataclass(frozen=True)
class PluginInput:
    """Everything that the generator reads about one plugin.

    Args:
        key: ``author__name``; for a child its parent's key, a dot and its name.
        author: The first half of the key.
        name: The last part of the key.
        version: The version of the distribution.
        prefix: The path under which the routes are mounted.
        package: The import package, possibly dotted, "" without one; the types defined in it belong to this plugin.
        routes: The routes, in any order.
        channels: The declared channels.
        payloads: The payload handlers of the plugin and of the plugins that contain it, for the data types.
        provides: The contracts that it provides.
        uses: The contracts that it uses, resolved.
        frontend: What ``generate_frontend`` returned.
        requires: The keys of the plugins that are installed wherever this one is. The providers of ``uses`` and the plugin that
            contains it are implied.
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
        text: The complete text, with LF and a final newline.
        digest: ``sha256-…`` of the plugins' parts; ``schemaHash`` in the file.
        digests: Maps a plugin key to the ``sha256-…`` of its part; ``schema`` in the plugin's object.
        warnings: One line per type that became ``unknown``, with plugin, route and type.
        parts: Maps a plugin key to the sections of the file that describe it.
    """

    text: str
    digest: str
    digests: Mapping[str, str]
    warnings: tuple[str, ...]
    parts: Mapping[str, str]


def contract_id(provider: str, protocol: type[Any], version: str) -> str:
    """Return the id of a contract in the file: ``acme__billing.quota@1``.

    Args:
        provider: The key of the plugin.
        protocol: The protocol; its name is part of the id, in camelCase.
        version: The version, PEP 440; its major number is part of the id.
    """
    name = protocol.__name__
    return f"{provider}.{name[:1].lower()}{name[1:]}@{Version(version).major}"
