"""What plugins are to each other in process: contracts with one provider, extension points with many contributors (R23, R24)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from hookspecs.values import Owned, check_class, check_name

T = TypeVar("T")


def _check_protocol(value: object, what: str = "a contract") -> None:
    check_class(value, what)
    if not getattr(value, "_is_protocol", False):
        raise TypeError(f"{what} must be a typing.Protocol, not {value!r}")


def _check_version(version: str, what: str) -> None:
    try:
        Version(version)
    except InvalidVersion:
        raise ValueError(f"{what}: {version!r} is not a version") from None


def _check_range(version: str, what: str) -> None:
    try:
        SpecifierSet(version)
    except InvalidSpecifier:
        raise ValueError(f"{what}: {version!r} is not a version range such as '>=1,<2'") from None


@dataclass(frozen=True, slots=True)
class Contract(Owned):
    """Provides a typed object to other plugins, in process (row R23).

    Whether the object has what the protocol asks for, with signatures that fit, is checked when all plugins have registered;
    then the error names those who use it too.

    Args:
        protocol: the ``typing.Protocol`` by which others know it.
        implementation: the object they get, itself and no proxy.
        version: a PEP 440 version of the protocol.

    Raises:
        TypeError: not a protocol.
        ValueError: not a version.
    """

    protocol: type[Any]
    implementation: Any
    version: str

    def __post_init__(self) -> None:
        _check_protocol(self.protocol)
        _check_version(self.version, f"contract {self.protocol.__name__}")


@dataclass(frozen=True, slots=True)
class Uses(Owned):
    """Takes a contract of another plugin.

    Args:
        protocol: the ``typing.Protocol``.
        name: the name of the handler argument that gets it.
        version: which versions fit, a PEP 440 specifier; "" for any.
        optional: the plugin loads without it and gets ``None``.

    Raises:
        TypeError: not a protocol.
        ValueError: the name cannot be injected, or the specifier is malformed.
    """

    protocol: type[Any]
    name: str
    version: str = ""
    optional: bool = False

    def __post_init__(self) -> None:
        _check_protocol(self.protocol)
        check_name(self.name, "contract")
        _check_range(self.version, f"contract {self.name!r}")


@dataclass(frozen=True, slots=True)
class ExtensionPoint(Owned):
    """Opens a place to which any number of plugins may add; read with :meth:`hookspecs.Scope.extensions` (row R24).

    Who adds starts after the plugin that opens the place, and fails with it.

    Args:
        protocol: what each of them must be, a ``typing.Protocol``.
        version: a PEP 440 version of the protocol.

    Raises:
        TypeError: not a protocol.
        ValueError: not a version.
    """

    protocol: type[Any]
    version: str = "1"

    def __post_init__(self) -> None:
        _check_protocol(self.protocol, "an extension point")
        _check_version(self.version, f"extension point {self.protocol.__name__}")


@dataclass(frozen=True, slots=True)
class Extension(Owned):
    """Adds to an extension point.

    Whether the implementation fits the protocol is checked when all plugins have registered, as it is for a :class:`Contract`.

    Args:
        protocol: the extension point's.
        implementation: what is added.
        version: which versions of the point fit, a PEP 440 specifier; "" for any.
        optional: the plugin loads where no enabled plugin has that extension point.

    Raises:
        TypeError: not a protocol.
        ValueError: the specifier is malformed.
    """

    protocol: type[Any]
    implementation: Any
    version: str = ""
    optional: bool = False

    def __post_init__(self) -> None:
        _check_protocol(self.protocol, "an extension point")
        _check_range(self.version, f"extension of {self.protocol.__name__}")


class Extensions(Sequence[T], Generic[T]):
    """What was added to an extension point: the objects themselves, in load order, and within a plugin in its own.

    Args:
        owned: the key of each one's plugin, and the object.
    """

    __slots__ = ("_items", "owners")

    def __init__(self, owned: Iterable[tuple[str, T]] = ()) -> None:
        pairs = tuple(owned)
        self._items = tuple(item for _, item in pairs)
        #: The key of the plugin that added each, in the same order.
        self.owners = tuple(owner for owner, _ in pairs)

    def owned(self) -> Iterator[tuple[str, T]]:
        """Each with the key of the plugin that added it."""
        return zip(self.owners, self._items, strict=True)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"Extensions({', '.join(f'{owner}: {item!r}' for owner, item in self.owned())})"
