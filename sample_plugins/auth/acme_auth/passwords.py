"""Hashes of passwords: argon2id, in threads of its own, since one takes some ten milliseconds and much memory."""

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

#: How many passwords are hashed at once; each takes ``hash_memory``.
THREADS = 2


class Passwords:
    """Makes hashes and compares passwords with them.

    Args:
        options: how much work a hash is.
    """

    def __init__(self, options: AuthOptions) -> None:
        self._hasher = PasswordHasher(time_cost=options.hash_rounds, memory_cost=options.hash_memory)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="acme__auth")
        self._nobodys = ""

    async def prepare(self) -> None:
        """Make the hash that the password of an unknown user is compared with."""
        self._nobodys = await self.hash(secrets.token_urlsafe())

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    async def hash(self, password: str) -> str:
        """The hash of a password, with its parameters and a salt of its own."""
        return await self._run(self._hasher.hash, password)

    async def fits(self, password: str, stored: str | None) -> bool:
        """Whether a password belongs to a hash.

        Args:
            password: as it was typed.
            stored: the hash, ``None`` where there is no such user: that takes as long, and fits never.
        """
        try:
            await self._run(self._hasher.verify, stored or self._nobodys, password)
        except VerifyMismatchError:
            return False
        return stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than these."""
        return self._hasher.check_needs_rehash(stored)

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: function(*args, **kwargs))


async def open_passwords(scope: Scope) -> Passwords:
    """Make the service."""
    made = Passwords(scope.options)
    await made.prepare()
    return made
