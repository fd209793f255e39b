"""Match contracts with their providers and users, and extension points with their extensions."""

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

#: The key of a plugin, the key of another that comes after it, whether the other one needs it, and why.
Edge = tuple[str, str, bool, str]


def contract_name(contract: Contract) -> str:
    """Return the name by which a contract is shown: ``acme__billing.quota@1``."""
    return contract_id(contract.owner, contract.protocol, contract.version)


@dataclass(frozen=True)
class Contracts:
    """The provided contracts and the extension points by protocol.

    Args:
        provided: at most one provider per protocol; conflicts were resolved before.
        points: at most one extension point per protocol, likewise.
        added: the extensions by protocol, each with the key of its plugin, in load order, without those whose version does not
            match.
    """

    provided: Mapping[type[Any], Contract]
    points: Mapping[type[Any], ExtensionPoint] = field(default_factory=dict)
    added: Mapping[type[Any], Sequence[tuple[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, contributions: Iterable[Contributions]) -> Contracts:
        """Return the contracts of plugins in load order; of two providers of the same contract, the first counts."""
        provided: dict[type[Any], Contract] = {}
        points: dict[type[Any], ExtensionPoint] = {}
        added: dict[type[Any], list[tuple[str, Any]]] = {}
        plugins = list(contributions)
        for plugin in plugins:
            for contract in plugin.contracts:
                provided.setdefault(contract.protocol, contract)
            for point in plugin.points:
                points.setdefault(point.protocol, point)
        for plugin in plugins:
            for extension in plugin.extensions:
                if _takes(points.get(extension.protocol), extension):
                    added.setdefault(extension.protocol, []).append((plugin.key, extension.implementation))
        return cls(provided, points, added)

    def provider(self, uses: Uses) -> str | None:
        """Return the key of the plugin that provides a contract, ``None`` if there is none or its version does not match."""
        contract = self.provided.get(uses.protocol)
        return contract.owner if contract is not None and _fits(uses.version, contract.version) else None

    def host_of(self, extension: Extension) -> str | None:
        """Return the key of the plugin with the extension point, ``None`` if there is none or its version does not match."""
        point = self.points.get(extension.protocol)
        return point.owner if point is not None and _takes(point, extension) else None

    def implementations(self, uses: Iterable[Uses]) -> dict[type[Any], Any]:
        """Return the implementations by protocol, ``None`` for an absent optional one."""
        return {use.protocol: self.provided[use.protocol].implementation if self.provider(use) else None for use in uses}

    def extensions(self, points: Iterable[ExtensionPoint]) -> dict[type[Any], Extensions[Any]]:
        """Return the extensions of extension points, by protocol."""
        return {point.protocol: Extensions(self.added.get(point.protocol, ())) for point in points}

    def edges(self, plugin: Contributions) -> Iterator[Edge]:
        """Yield the plugins that come before a plugin, because it uses their contracts or extends their extension points."""
        used: list[tuple[str | None, Uses | Extension, str]] = [(self.provider(uses), uses, "contract") for uses in plugin.uses]
        added = [(self.host_of(extension), extension, "extension of") for extension in plugin.extensions]
        for first, value, what in (*used, *added):
            if first is not None and first != plugin.key:
                why = f"{'optional ' if value.optional else ''}{what} {value.protocol.__name__}"
                yield first, plugin.key, not value.optional, why

    def validation_errors(self, contributions: Sequence[Contributions]) -> Iterator[tuple[Contributions, PluginError]]:
        """Yield an error for each implementation that does not match its protocol, with the differences.

        Args:
            contributions: of all plugins.
        """
        for plugin in contributions:
            for contract in plugin.contracts:
                name, users = contract.protocol.__name__, _users(contract, contributions)
                what = f"{plugin.key} provides {name} {contract.version}, used by {users}"
                yield from _validation_errors(plugin, contract.protocol, contract.implementation, what)
            for extension in plugin.extensions:
                if (owner := self.host_of(extension)) is not None:
                    what = f"{plugin.key} extends the extension point {extension.protocol.__name__} of {owner}"
                    yield from _validation_errors(plugin, extension.protocol, extension.implementation, what)

    def problem(self, plugin: Contributions, value: Uses | Extension) -> PluginError | None:
        """Return what is wrong with a contract that a plugin uses, or with an extension of it; ``None`` if it is optional."""
        if value.optional:
            return None
        if isinstance(value, Uses):
            problem = self._unprovided(plugin.key, value) if self.provider(value) is None else None
        else:
            problem = self._no_point(plugin.key, value) if self.host_of(value) is None else None
        return problem and plugin.make_error(ContractError, problem[0], hook="register_contract", fix=problem[1])

    def _unprovided(self, key: str, uses: Uses) -> tuple[str, str]:
        name, contract = uses.protocol.__name__, self.provided.get(uses.protocol)
        if contract is not None:
            message = f"{key} requires {name} {uses.version}, but {contract.owner} provides {contract.version}"
            return message, f"upgrade the plugin {contract.owner}, or widen the range in Uses"
        message = f"{key} uses the contract {name}, and no enabled plugin provides it; provided: {_listed(self.provided.values())}"
        if point := self.points.get(uses.protocol):
            return message, f"{name} is an extension point of {point.owner}; extend it: return Extension({name}, …)"
        return message, _absent(uses, self.provided, "provides", "use it with optional=True")

    def _no_point(self, key: str, extension: Extension) -> tuple[str, str]:
        name, point = extension.protocol.__name__, self.points.get(extension.protocol)
        if point is not None:
            message = f"{key} extends {name} {extension.version}, and {point.owner} has it in version {point.version}"
            return message, f"upgrade the plugin {point.owner}, or widen the range in Extension"
        known = _listed(self.points.values())
        message = f"{key} extends {name}, and no enabled plugin has such an extension point; available: {known}"
        if contract := self.provided.get(extension.protocol):
            return message, f"{name} is a contract, which {contract.owner} provides; return Uses({name}, …) to call it"
        return message, _absent(extension, self.points, "has", "extend it with optional=True")


def _absent(value: Uses | Extension, known: Iterable[type[Any]], verb: str, otherwise: str) -> str:
    """Return what to do about a protocol that is not available; maybe another class of the same name is."""
    protocol = value.protocol
    here = f"{protocol.__module__}.{protocol.__qualname__}"
    alike = sorted(f"{other.__module__}.{other.__qualname__}" for other in known if other.__name__ == protocol.__name__)
    if alike:
        return f"import {alike[0]}, which is another class than {here}"
    return f"install or enable the plugin that {verb} {here}, or {otherwise}"


def _listed(known: Iterable[Contract | ExtensionPoint]) -> str:
    return ", ".join(sorted(f"{value.protocol.__name__} {value.version} of {value.owner}" for value in known)) or "none"


def _users(contract: Contract, contributions: Iterable[Contributions]) -> str:
    users = [plugin.key for plugin in contributions for uses in plugin.uses if _uses(uses, contract)]
    return " and ".join(dict.fromkeys(users)) or "no plugin"


def _uses(uses: Uses, contract: Contract) -> bool:
    return uses.protocol is contract.protocol and _fits(uses.version, contract.version)


def _validation_errors(
    plugin: Contributions, protocol: type[Any], implementation: object, what: str
) -> Iterator[tuple[Contributions, PluginError]]:
    if found := differences(protocol, implementation):
        texts, fixes = ("; ".join(texts) for texts in zip(*((each.text, each.fix) for each in found), strict=True))
        message = f"{what}, and {called(implementation)} does not match it: {texts}"
        yield plugin, plugin.plugin.make_error(ContractError, message, hook="register_contract", fix=fixes)


def _takes(point: ExtensionPoint | None, extension: Extension) -> bool:
    return point is not None and _fits(extension.version, point.version)


def _fits(wanted: str, version: str) -> bool:
    return SpecifierSet(wanted).contains(version, prereleases=True)
