"""A collected type and its body, references to it, and the scalars that JSON does not have."""

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

#: The direction. ``out``: what the server sends; ``in``: what it accepts, where a field with a default may be omitted.
Mode = Literal["in", "out"]

#: The library that serializes a type: pydantic its models and everything in them, msgspec the rest. A class may be both. A document
#: is ``msgspec`` if a route returns it, and ``pydantic`` within a model.
Family = Literal["pydantic", "msgspec", ""]


class TypeKey(NamedTuple):
    """A shape of a type.

    Args:
        type: A class, a generic alias or a type alias.
        family: The library that serializes it; "" if both do it alike.
        mode: The direction; ``out`` if both are alike.
    """

    type: Any
    family: Family
    mode: Mode


def is_document(cls: type[Any]) -> bool:
    """Return whether a class is a Beanie document."""
    document = getattr(sys.modules.get("beanie"), "Document", None)
    return document is not None and issubclass(cls, document)


@dataclass(frozen=True, slots=True)
class Member:
    """One property of an interface.

    Args:
        declaration: Its declaration without the semicolon: ``due?: DateTime | null``.
        docs: The lines of its comment.
    """

    declaration: str
    docs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a named type.

    Args:
        members: The members of an interface; ``None`` for an alias.
        alias: The type expression of an alias.
        docs: The lines of its comment.
        values: The values of an enumeration, for the table ``enums``.
    """

    members: tuple[Member, ...] | None = None
    alias: str = "unknown"
    docs: tuple[str, ...] = ()
    values: tuple[str | int | float, ...] = ()

    @property
    def text(self) -> str:
        """The text that refers to other types."""
        return self.alias if self.members is None else "\n".join(member.declaration for member in self.members)


_MARK: Final = "\0"
REFERENCE: Final = re.compile("\0([^\0]+)\0")


def shared(name: str) -> str:
    """Return a reference to a type that the file declares for all plugins; it is resolved with the others."""
    return f"{_MARK}{name}{_MARK}"


def reference(number: int) -> str:
    """Return a reference to a collected type by its number."""
    return f"{_MARK}{number}{_MARK}"


def references(text: str) -> list[int]:
    """Return the numbers of the collected types that a text refers to."""
    return [int(name) for name in REFERENCE.findall(text) if name.isdigit()]


#: How msgspec and Litestar serialize what JSON does not have, for these classes and their subclasses.
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

#: The same by pydantic's ``format``.
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
