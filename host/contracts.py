"""Who provides a contract and who uses it (row R23)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from packaging.specifiers import SpecifierSet

from hookspecs import Contract, ExtensionPoint, Extensions, Uses
from host.contributions import Contributions
from host.errors import ContractError, PluginError
from host.frontend.model import contract_id


def contract_name(contract: Contract) -> str:
    """How a contract is called where it is shown: ``acme__billing.quota@1``."""
    return contract_id(contract.owner, contract.protocol, contract.version)


@dataclass(frozen=True)
class Contracts:
    """The provided contracts by protocol.

    Args:
        provided: at most one provider for a protocol; conflicts were dealt with before.
        added: the extensions by protocol, each with the key of its plugin, in load order.
    """

    provided: Mapping[type[Any], Contract]
    added: Mapping[type[Any], Sequence[tuple[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, contributions: Iterable[Contributions]) -> Contracts:
        """The contracts of some plugins in load order; of two providers of one, the first counts."""
        found: dict[type[Any], Contract] = {}
        for one in contributions:
            for contract in one.contracts:
                found.setdefault(contract.protocol, contract)
        return cls(found)

    def provider(self, uses: Uses) -> str | None:
        """The key of the plugin that provides it, ``None`` where nobody does or the version does not fit."""
        contract = self.provided.get(uses.protocol)
        return contract.owner if contract is not None and _fits(uses, contract) else None

    def implementations(self, uses: Iterable[Uses]) -> dict[type[Any], Any]:
        """The implementations by protocol, ``None`` for an absent optional one."""
        return {one.protocol: self.provided[one.protocol].implementation if self.provider(one) else None for one in uses}

    def extensions(self, points: Iterable[ExtensionPoint]) -> dict[type[Any], Extensions[Any]]:
        """What was added to some extension points, by protocol."""
        return {one.protocol: Extensions(self.added.get(one.protocol, ())) for one in points}

    def problem(self, user: Contributions, uses: Uses) -> PluginError | None:
        """What is wrong with a use that is not optional."""
        if uses.optional or self.provider(uses) is not None:
            return None
        contract = self.provided.get(uses.protocol)
        if contract is None:
            known = ", ".join(sorted(contract_name(one) for one in self.provided.values())) or "none"
            name = uses.protocol.__name__
            message = f"{user.key} uses the contract {name}, and no enabled plugin provides it; provided: {known}"
            fix = f"install or enable the plugin that provides {uses.protocol.__module__}.{name}, or use it with optional=True"
            return user.plugin.blame(ContractError, message, hook="register_contract", fix=fix)
        message = f"{user.key} wants {uses.protocol.__name__} {uses.version}, and {contract.owner} provides {contract.version}"
        fix = f"upgrade the plugin {contract.owner}, or widen the range in Uses"
        return user.plugin.blame(ContractError, message, hook="register_contract", fix=fix)


def _fits(uses: Uses, contract: Contract) -> bool:
    return SpecifierSet(uses.version).contains(contract.version, prereleases=True)
