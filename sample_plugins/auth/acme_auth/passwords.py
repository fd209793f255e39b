"""Password hashes: argon2id, in threads of their own, as each takes tens of milliseconds and much memory."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from acme_auth.options import AuthOptions
from hookspecs import Scope

P = ParamSpec("P")
T = TypeVar("T")

#: How many passwords are hashed at the same time; each takes ``hash_memory``.
THREADS = 2


class Passwords:
    """Hashes and verifies passwords.

    Args:
        options: contain the parameters of argon2.
    """

    def __init__(self, options: AuthOptions) -> None:
        self._hasher = PasswordHasher(time_cost=options.hash_rounds, memory_cost=options.hash_memory)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="acme__auth")
        self._dummy_hash = ""

    async def prepare(self) -> None:
        """Create the hash against which passwords of unknown users are verified."""
        self._dummy_hash = await self.hash(secrets.token_urlsafe())

    def close(self) -> None:
        """Stop the threads."""
        self._threads.shutdown()

    async def hash(self, password: str) -> str:
        """Return the hash of a password, with its parameters and a new salt."""
        return await self._run(self._hasher.hash, password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """Return whether a password matches a hash.

        Args:
            password: the password.
            stored: the hash; ``None`` for an unknown user, which takes as long and never matches.
        """
        try:
            await self._run(self._hasher.verify, stored or self._dummy_hash, password)
        except VerifyMismatchError:
            return False
        return stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Return whether a hash was created with other parameters."""
        return self._hasher.check_needs_rehash(stored)

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: function(*args, **kwargs))


async def open_passwords(scope: Scope) -> Passwords:
    """Create the service."""
    passwords = Passwords(scope.options)
    await passwords.prepare()
    return passwords
