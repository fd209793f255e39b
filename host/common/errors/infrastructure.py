"""Errors of the database and of the server that carries messages between processes."""

from __future__ import annotations

from host.common.errors.base import HostError


class DatabaseError(HostError):
    """The database cannot be used."""

    code = "database"
    exit_code = 4


class DatabaseUnreachableError(DatabaseError):
    """The server at ``database.url`` does not answer."""

    code = "database-unreachable"


class EmbeddedDatabaseError(DatabaseError):
    """The embedded MongoDB cannot be started."""

    code = "embedded-database"


class ChannelsUnreachableError(HostError):
    """The server at ``channels.url`` does not answer."""

    code = "channels-unreachable"
    exit_code = 4
