"""Record which plugins failed, why, and which others failed as their dependents."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from host.common.errors import BootError, DependencyFailedError, HostError
from host.common.naming import root_key
from host.common.rendering import error_block
from host.common.settings import Policy

#: The most plugins of a chain that a message names.
_SHOWN: Final = 8
_LOG: Final = logging.getLogger("host")


class Failures:
    """The failures of one start.

    Args:
        policy: the policies of single installed plugins by key, which hold for their children too.
        default: the policy of all other plugins.
        failed: called with the key of each plugin that fails.
    """

    def __init__(self, policy: Mapping[str, Policy], default: Policy, failed: Callable[[str], object] = lambda _key: None) -> None:
        self._note_failed = failed
        self._policy = policy
        self._default: Policy = default
        self._errors: dict[str, list[HostError]] = {}
        self._logged: set[int] = set()

    def __contains__(self, key: object) -> bool:
        return key in self._errors

    def __iter__(self) -> Iterator[str]:
        return iter(self._errors)

    def __getitem__(self, key: str) -> list[HostError]:
        return self._errors[key]

    def policy(self, key: str) -> Policy:
        """Return what happens to the start if this plugin fails."""
        return self._policy.get(root_key(key), self._default)

    @property
    def isolates(self) -> bool:
        """Whether any plugin may fail while the others are served."""
        return "isolate" in (self._default, *self._policy.values())

    def add(self, key: str, error: HostError) -> None:
        """Record a failure of a plugin; a plugin may have several."""
        self._errors.setdefault(key, []).append(error)
        self._note_failed(key)

    def fail_dependents(self, dependents: Mapping[str, Iterable[str]], describe: Callable[[str], dict[str, str]]) -> None:
        """Fail the plugins that depend on one that failed, each with the chain that leads to it.

        Args:
            dependents: key → the keys that depend on it.
            describe: returns the arguments by which an error names a plugin.
        """
        chains: dict[str, tuple[str, ...]] = {key: (key,) for key in self._errors}
        queue = list(chains)
        for key in queue:
            for dependent in sorted(dependents.get(key, ())):
                if dependent in self._errors:
                    continue
                chain = chains[dependent] = (dependent, *chains[key])
                message = f"not started, because it needs {' which needs '.join(_shortened(chain[1:]))}, which failed"
                error = DependencyFailedError(message, chain=chain, **describe(dependent), fix=f"fix {chain[-1]}")
                self.add(dependent, error)
                queue.append(dependent)

    def all(self) -> list[HostError]:
        """Return every error, once."""
        return list({id(error): error for errors in self._errors.values() for error in errors}.values())

    def check(self) -> None:
        """End the start if the policy of a failed plugin is ``abort``; else log each isolated failure once.

        Raises:
            BootError: contains every failure, also those of isolated plugins.
        """
        if any(self.policy(key) == "abort" for key, errors in self._errors.items() if not _only_dependents(errors)):
            raise BootError(self.all())
        for error in self.all():
            if id(error) not in self._logged:
                self._logged.add(id(error))
                _LOG.error("isolated, the others are served\n%s", error_block(error))


def _shortened(chain: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ends of a chain that is too long to be read."""
    return chain if len(chain) <= _SHOWN else (*chain[: _SHOWN // 2], f"({len(chain) - _SHOWN} more)", *chain[-_SHOWN // 2 :])


def _only_dependents(errors: list[HostError]) -> bool:
    return all(isinstance(error, DependencyFailedError) for error in errors)
