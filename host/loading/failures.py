"""Which plugins failed, why, and who was taken along (rows F20; peers.md part 3)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from host.common.errors import BootError, DependencyFailedError, HostError
from host.common.naming import root_key
from host.common.rendering import error_block
from host.common.settings import Policy

#: So many plugins of a chain are told.
_SHOWN: Final = 8
_LOG: Final = logging.getLogger("host")


class Failures:
    """The failures of one start.

    Args:
        policy: the policy of each installed plugin by key, which holds for its children too; of the others, the policy of all.
        default: the policy of all.
        failed: called with the key of each plugin that fails.
    """

    def __init__(self, policy: Mapping[str, Policy], default: Policy, failed: Callable[[str], object] = lambda _key: None) -> None:
        self._note_failed = failed
        self._policy = policy
        self._default: Policy = default
        self._errors: dict[str, list[HostError]] = {}
        self._told: set[int] = set()

    def __contains__(self, key: object) -> bool:
        return key in self._errors

    def __iter__(self) -> Iterator[str]:
        return iter(self._errors)

    def __getitem__(self, key: str) -> list[HostError]:
        return self._errors[key]

    def policy(self, key: str) -> Policy:
        """What becomes of the start when this plugin fails."""
        return self._policy.get(root_key(key), self._default)

    @property
    def isolates(self) -> bool:
        """Whether any plugin may fail while the others are served."""
        return "isolate" in (self._default, *self._policy.values())

    def add(self, key: str, error: HostError) -> None:
        """Record a failure of a plugin; each one counts, not only the first."""
        self._errors.setdefault(key, []).append(error)
        self._note_failed(key)

    def fail_dependents(self, dependants: Mapping[str, Iterable[str]], describe: Callable[[str], dict[str, str]]) -> None:
        """Fail whoever depends on a plugin that failed, with the chain that leads there.

        Args:
            dependants: key → the keys that depend on it.
            describe: gives the arguments by which an error names a plugin.
        """
        chains: dict[str, tuple[str, ...]] = {key: (key,) for key in self._errors}
        queue = list(chains)
        for key in queue:
            for dependant in sorted(dependants.get(key, ())):
                if dependant in self._errors:
                    continue
                chain = chains[dependant] = (dependant, *chains[key])
                message = f"not started, because it needs {' which needs '.join(_shortened(chain[1:]))}, which failed"
                error = DependencyFailedError(message, chain=chain, **describe(dependant), fix=f"mend {chain[-1]}")
                self.add(dependant, error)
                queue.append(dependant)

    def all(self) -> list[HostError]:
        """Every error once."""
        return list({id(error): error for errors in self._errors.values() for error in errors}.values())

    def check(self) -> None:
        """Stop the start where the policy of one that failed says so; else log what is isolated, once.

        Raises:
            BootError: with every failure, also those that alone would have been isolated.
        """
        if any(self.policy(key) == "abort" for key, errors in self._errors.items() if not _only_dependents(errors)):
            raise BootError(self.all())
        for error in self.all():
            if id(error) not in self._told:
                self._told.add(id(error))
                _LOG.error("isolated, the others are served\n%s", error_block(error))


def _shortened(chain: tuple[str, ...]) -> tuple[str, ...]:
    """The ends of a chain that nobody would read whole."""
    return chain if len(chain) <= _SHOWN else (*chain[: _SHOWN // 2], f"({len(chain) - _SHOWN} more)", *chain[-_SHOWN // 2 :])


def _only_dependents(errors: list[HostError]) -> bool:
    return all(isinstance(error, DependencyFailedError) for error in errors)
