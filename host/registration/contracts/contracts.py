"""Who provides a contract and who uses it; who opens an extension point and who adds to it (rows R23, R24)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from packaging.specifiers import SpecifierSet

from hookspecs import Contract, Extension, ExtensionPoint, Extensions, Uses
from host.common.errors import ContractError, PluginError
from host.frontend.model import contract_id
from host.registration.contracts.protocol_check import called, differences
from host.registration.contributions import Contributions

#: The key of a plugin, that of one that comes after it, whether this one needs it, and why.
Edge = tuple[str, str, bool, str]


def contract_name(contract: Contract) -> str:
    """How a contract is called where it is shown: ``acme__billing.quota@1``."""
    return contract_id(contract.owner, contract.protocol, contract.version)


@dataclass(frozen=True)
class Contracts:
    """The provided contracts and the extension points by protocol.

    Args:
        provided: at most one provider for a protocol; conflicts were dealt with before.
        points: at most one extension point for a protocol, likewise.
        added: the extensions by protocol, each with the key of its plugin, in load order; those whose version does not fit are
            not among them.
    """

    provided: Mapping[type[Any], Contract]
    points: Mapping[type[Any], ExtensionPoint] = field(default_factory=dict)
    added: Mapping[type[Any], Sequence[tuple[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, contributions: Iterable[Contributions]) -> Contracts:
        """The contracts of some plugins in load order; of two providers of one, the first counts."""
        provided: dict[type[Any], Contract] = {}
        points: dict[type[Any], ExtensionPoint] = {}
        added: dict[type[Any], list[tuple[str, Any]]] = {}
        plugins = list(contributions)
        for one in plugins:
            for contract in one.contracts:
                provided.setdefault(contract.protocol, contract)
            for point in one.points:
                points.setdefault(point.protocol, point)
        for one in plugins:
            for extension in one.extensions:
                if _takes(points.get(extension.protocol), extension):
                    added.setdefault(extension.protocol, []).append((one.key, extension.implementation))
        return cls(provided, points, added)

    def provider(self, uses: Uses) -> str | None:
        """The key of the plugin that provides it, ``None`` where nobody does or the version does not fit."""
        contract = self.provided.get(uses.protocol)
        return contract.owner if contract is not None and _fits(uses.version, contract.version) else None

    def host_of(self, extension: Extension) -> str | None:
        """The key of the plugin that has the extension point, ``None`` where nobody has or the version does not fit."""
        point = self.points.get(extension.protocol)
        return point.owner if point is not None and _takes(point, extension) else None

    def implementations(self, uses: Iterable[Uses]) -> dict[type[Any], Any]:
        """The implementations by protocol, ``None`` for an absent optional one."""
        return {one.protocol: self.provided[one.protocol].implementation if self.provider(one) else None for one in uses}

    def extensions(self, points: Iterable[ExtensionPoint]) -> dict[type[Any], Extensions[Any]]:
        """What was added to some extension points, by protocol."""
        return {one.protocol: Extensions(self.added.get(one.protocol, ())) for one in points}

    def edges(self, one: Contributions) -> Iterator[Edge]:
        """Who comes before a plugin because of what it uses and of where it adds."""
        used: list[tuple[str | None, Uses | Extension, str]] = [(self.provider(uses), uses, "contract") for uses in one.uses]
        added = [(self.host_of(extension), extension, "extension of") for extension in one.extensions]
        for first, value, what in (*used, *added):
            if first is not None and first != one.key:
                why = f"{'optional ' if value.optional else ''}{what} {value.protocol.__name__}"
                yield first, one.key, not value.optional, why

    def unfit(self, contributions: Sequence[Contributions]) -> Iterator[tuple[Contributions, PluginError]]:
        """The plugins whose implementations are not what the protocols ask for, each with what is missing.

        Args:
            contributions: of all plugins.
        """
        for one in contributions:
            for contract in one.contracts:
                name, users = contract.protocol.__name__, _users(contract, contributions)
                what = f"{one.key} provides {name} {contract.version}, used by {users}"
                yield from _unfit(one, contract.protocol, contract.implementation, what)
            for extension in one.extensions:
                if (owner := self.host_of(extension)) is not None:
                    what = f"{one.key} adds to the extension point {extension.protocol.__name__} of {owner}"
                    yield from _unfit(one, extension.protocol, extension.implementation, what)

    def problem(self, one: Contributions, value: Uses | Extension) -> PluginError | None:
        """What is wrong with something that a plugin uses, or with where it adds something; nothing where it is optional."""
        if value.optional:
            return None
        if isinstance(value, Uses):
            told = self._unprovided(one.key, value) if self.provider(value) is None else None
        else:
            told = self._nowhere(one.key, value) if self.host_of(value) is None else None
        return told and one.plugin.make_error(ContractError, told[0], hook="register_contract", fix=told[1])

    def _unprovided(self, key: str, uses: Uses) -> tuple[str, str]:
        name, contract = uses.protocol.__name__, self.provided.get(uses.protocol)
        if contract is not None:
            message = f"{key} wants {name} {uses.version}, and {contract.owner} provides {contract.version}"
            return message, f"upgrade the plugin {contract.owner}, or widen the range in Uses"
        message = f"{key} uses the contract {name}, and no enabled plugin provides it; provided: {_listed(self.provided.values())}"
        if point := self.points.get(uses.protocol):
            return message, f"{name} is an extension point of {point.owner}, to which one adds: return Extension({name}, …)"
        return message, _absent(uses, self.provided, "provides", "use it with optional=True")

    def _nowhere(self, key: str, extension: Extension) -> tuple[str, str]:
        name, point = extension.protocol.__name__, self.points.get(extension.protocol)
        if point is not None:
            message = f"{key} extends {name} {extension.version}, and {point.owner} has it in version {point.version}"
            return message, f"upgrade the plugin {point.owner}, or widen the range in Extension"
        known = _listed(self.points.values())
        message = f"{key} extends {name}, and no enabled plugin has such an extension point; there are: {known}"
        if contract := self.provided.get(extension.protocol):
            return message, f"{name} is a contract, whose one provider is {contract.owner}; return Uses({name}, …) to call it"
        return message, _absent(extension, self.points, "has", "add to it with optional=True")


def _absent(value: Uses | Extension, known: Iterable[type[Any]], verb: str, otherwise: str) -> str:
    """What to do about a protocol that nobody knows; maybe somebody knows another of that name."""
    protocol = value.protocol
    here = f"{protocol.__module__}.{protocol.__qualname__}"
    alike = sorted(f"{one.__module__}.{one.__qualname__}" for one in known if one.__name__ == protocol.__name__)
    if alike:
        return f"import {alike[0]}, which is another class than {here}"
    return f"install or enable the plugin that {verb} {here}, or {otherwise}"


def _listed(known: Iterable[Contract | ExtensionPoint]) -> str:
    return ", ".join(sorted(f"{one.protocol.__name__} {one.version} of {one.owner}" for one in known)) or "none"


def _users(contract: Contract, contributions: Iterable[Contributions]) -> str:
    found = [one.key for one in contributions for uses in one.uses if _uses(uses, contract)]
    return " and ".join(dict.fromkeys(found)) or "nobody"


def _uses(uses: Uses, contract: Contract) -> bool:
    return uses.protocol is contract.protocol and _fits(uses.version, contract.version)


def _unfit(
    one: Contributions, protocol: type[Any], implementation: object, what: str
) -> Iterator[tuple[Contributions, PluginError]]:
    if found := differences(protocol, implementation):
        texts, fixes = ("; ".join(texts) for texts in zip(*((each.text, each.fix) for each in found), strict=True))
        message = f"{what}, and {called(implementation)} does not fit it: {texts}"
        yield one, one.plugin.make_error(ContractError, message, hook="register_contract", fix=fixes)


def _takes(point: ExtensionPoint | None, extension: Extension) -> bool:
    return point is not None and _fits(extension.version, point.version)


def _fits(wanted: str, version: str) -> bool:
    return SpecifierSet(wanted).contains(version, prereleases=True)
