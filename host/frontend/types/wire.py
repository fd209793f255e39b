"""What a collected type is, and the scalars that JSON does not have."""

from __future__ import annotations

import datetime as dt
import decimal
import ipaddress
import pathlib
import re
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

#: ``out``: what the server sends; ``in``: what it takes. A type may differ: a field with a default may be left out going in.
Mode = Literal["in", "out"]

#: Who serialises it: pydantic its own models and all in them, msgspec the rest. One class may travel both ways. A document is
#: ``msgspec`` where the host is asked for it, and ``pydantic`` within a model.
Family = Literal["pydantic", "msgspec", ""]


class TypeKey(NamedTuple):
    """One shape of one type.

    Args:
        type: a class, a generic alias or a type alias.
        family: who serialises it; "" where all do it alike.
        mode: which way; ``out`` where both are alike.
    """

    type: Any
    family: Family
    mode: Mode


def is_document(cls: type[Any]) -> bool:
    """Whether it is a class of Beanie's documents."""
    document = getattr(sys.modules.get("beanie"), "Document", None)
    return document is not None and issubclass(cls, document)


@dataclass(frozen=True, slots=True)
class Member:
    """One property of an interface.

    Args:
        declaration: without the semicolon: ``due?: DateTime | null``.
        docs: lines of its comment.
    """

    declaration: str
    docs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """What a named type is.

    Args:
        members: of an interface; ``None`` for an alias.
        alias: the type expression of an alias.
        docs: lines of its comment.
        values: of an enumeration, for the table ``enums``.
    """

    members: tuple[Member, ...] | None = None
    alias: str = "unknown"
    docs: tuple[str, ...] = ()
    values: tuple[str | int | float, ...] = ()

    @property
    def text(self) -> str:
        """All that refers to other types."""
        return self.alias if self.members is None else "\n".join(member.declaration for member in self.members)


_MARK: Final = "\0"
REFERENCE: Final = re.compile("\0([^\0]+)\0")


def shared(name: str) -> str:
    """A reference to a type that the file declares for all plugins. It is resolved when names are given."""
    return f"{_MARK}{name}{_MARK}"


def reference(number: int) -> str:
    """A reference to a collected type, by its number in the collection."""
    return f"{_MARK}{number}{_MARK}"


def references(text: str) -> list[int]:
    """The numbers of the collected types to which a text refers."""
    return [int(name) for name in REFERENCE.findall(text) if name.isdigit()]


#: How msgspec and Litestar write what JSON does not have. The classes below, and subclasses of them.
SCALARS: Final[Mapping[type[Any], str]] = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    type(None): "null",
    dt.datetime: shared("DateTime"),
    dt.date: shared("DateOnly"),
    dt.time: shared("TimeOnly"),
    dt.timedelta: shared("Duration"),
    uuid.UUID: shared("UUID"),
    decimal.Decimal: shared("Decimal"),
    bytes: shared("Base64"),
    bytearray: shared("Base64"),
    memoryview: shared("Base64"),
    pathlib.PurePath: "string",
    re.Pattern: "string",
    ipaddress.IPv4Address: "string",
    ipaddress.IPv6Address: "string",
    ipaddress.IPv4Interface: "string",
    ipaddress.IPv6Interface: "string",
    ipaddress.IPv4Network: "string",
    ipaddress.IPv6Network: "string",
}

#: The same for what pydantic calls a format.
FORMATS: Final[Mapping[str, str]] = {
    "date-time": shared("DateTime"),
    "date": shared("DateOnly"),
    "time": shared("TimeOnly"),
    "duration": shared("Duration"),
    "uuid": shared("UUID"),
    "uuid1": shared("UUID"),
    "uuid3": shared("UUID"),
    "uuid4": shared("UUID"),
    "uuid5": shared("UUID"),
    "uuid6": shared("UUID"),
    "uuid7": shared("UUID"),
    "uuid8": shared("UUID"),
    "decimal": shared("Decimal"),
}
