"""How plugins use each other in process: contracts with one provider, extension points with any number of contributors."""

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
    """Provide a typed object to other plugins; returned by ``register_contract``.

    When all plugins have registered, the host checks that the object has the members of the protocol with compatible signatures.
    The error names the plugins that use the contract too.

    Args:
        protocol: The ``typing.Protocol`` that other plugins import.
        implementation: The object that they receive: itself, not a proxy.
        version: The version of the protocol, PEP 440.

    Raises:
        TypeError: ``protocol`` is not a protocol.
        ValueError: ``version`` is not a version.

    Example:
        >>> class Clock(Protocol):
        ...     def now(self) -> str: ...
        >>> class Noon:
        ...     def now(self) -> str:
        ...         return "12:00"
        >>> Contract(Clock, Noon(), version="1.0").implementation.now()
        '12:00'
    """

    protocol: type[Any]
    implementation: Any
    version: str

    def __post_init__(self) -> None:
        _check_protocol(self.protocol)
        _check_version(self.version, f"contract {self.protocol.__name__}")


@dataclass(frozen=True, slots=True)
class Uses(Owned):
    """Use a contract that another plugin provides; returned by ``register_contract``.

    The plugin starts after the provider and fails with it, unless the contract is optional.

    Args:
        protocol: The ``typing.Protocol``.
        name: The handler argument that receives the implementation; elsewhere ``scope.use(protocol)`` returns it.
        version: The versions that fit, a PEP 440 specifier such as ``>=1,<2``; "" for any.
        optional: Load without a provider; the implementation is ``None`` then.

    Raises:
        TypeError: ``protocol`` is not a protocol.
        ValueError: ``name`` cannot be injected, or ``version`` is not a specifier.

    Example:
        >>> class Clock(Protocol):
        ...     def now(self) -> str: ...
        >>> Uses(Clock, "clock", version=">=1,<2").optional
        False
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
    """Accept additions from any number of plugins; returned by ``register_contract``.

    :meth:`hookspecs.Scope.extensions` returns the additions. A plugin that adds one starts after this plugin and fails with it.

    Args:
        protocol: The ``typing.Protocol`` that each addition implements.
        version: The version of the protocol, PEP 440.

    Raises:
        TypeError: ``protocol`` is not a protocol.
        ValueError: ``version`` is not a version.

    Example:
        >>> class Importer(Protocol):
        ...     def suffix(self) -> str: ...
        >>> ExtensionPoint(Importer).version
        '1'
    """

    protocol: type[Any]
    version: str = "1"

    def __post_init__(self) -> None:
        _check_protocol(self.protocol, "an extension point")
        _check_version(self.version, f"extension point {self.protocol.__name__}")


@dataclass(frozen=True, slots=True)
class Extension(Owned):
    """Add an object to an extension point; returned by ``register_contract``.

    The host checks the object against the protocol as it does for a :class:`Contract`.

    Args:
        protocol: The protocol of the extension point.
        implementation: The object to add.
        version: The versions of the extension point that fit, a PEP 440 specifier; "" for any.
        optional: Load even if no enabled plugin has the extension point.

    Raises:
        TypeError: ``protocol`` is not a protocol.
        ValueError: ``version`` is not a specifier.

    Example:
        >>> class Importer(Protocol):
        ...     def suffix(self) -> str: ...
        >>> class Markdown:
        ...     def suffix(self) -> str:
        ...         return ".md"
        >>> Extension(Importer, Markdown()).optional
        False
    """

    protocol: type[Any]
    implementation: Any
    version: str = ""
    optional: bool = False

    def __post_init__(self) -> None:
        _check_protocol(self.protocol, "an extension point")
        _check_range(self.version, f"extension of {self.protocol.__name__}")


class Extensions(Sequence[T], Generic[T]):
    """The objects that plugins added to an extension point, in load order, and in the order of each plugin's own list.

    Args:
        owned: Pairs of a plugin key and the object that the plugin added.

    Example:
        >>> list(Extensions([("acme__markdown", ".md"), ("acme__word", ".docx")]))
        ['.md', '.docx']
    """

    __slots__ = ("_items", "owners")

    def __init__(self, owned: Iterable[tuple[str, T]] = ()) -> None:
        pairs = tuple(owned)
        self._items = tuple(item for _, item in pairs)
        #: The key of the plugin that added each object, in the same order.
        self.owners = tuple(owner for owner, _ in pairs)

    def owned(self) -> Iterator[tuple[str, T]]:
        """Return pairs of a plugin key and the object that the plugin added."""
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
