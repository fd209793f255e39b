"""Users and their sessions: registration, login, logout, roles."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.security.jwt import Token

from acme_auth.errors import EmailTaken, UserNotFound, WrongCredentials
from acme_auth.models import Credential, Session, User
from acme_auth.options import AuthOptions
from acme_auth.passwords import Passwords
from acme_auth.requests import Login, Registration, RolesChange
from acme_auth.throttle import Throttle
from acme_auth.tokens import Tokens
from host.data import Conflict

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Registers users, and signs them in and out.

    Args:
        options: the options of the plugin.
        tokens: issues and reads tokens.
        throttle: limits attempts.
    """

    options: AuthOptions
    tokens: Tokens
    throttle: Throttle

    async def register(self, data: Registration, passwords: Passwords, address: str) -> User:
        """Create a user.

        The hash is written first. If the process ends between the two writes, an unused hash remains, but never a user who cannot
        sign in.

        Raises:
            EmailTaken: a user has this email already.
            TooManyAttempts: there were too many registrations from this address.
        """
        await self.throttle.register(address)
        roles = [ADMIN] if data.address in self.options.admins else []
        user = User(email=data.address, name=data.name, roles=roles)
        user.owner = user.id
        credential = Credential(id=user.id, hash=await passwords.hash(data.password))
        await credential.insert()
        try:
            await user.insert()
        except Conflict:
            await credential.delete()
            raise EmailTaken("this email is already registered") from None
        return user

    async def login(self, data: Login, passwords: Passwords, address: str) -> tuple[Token, str]:
        """Sign a user in.

        Returns:
            The decoded token, and the token as a string.

        Raises:
            WrongCredentials: the user does not exist, or the password is wrong.
            TooManyAttempts: too many logins have failed.
        """
        await self.throttle.enter(address, data.address)
        user = await User.find_one({"email": data.address})
        credential = await Credential.get(user.id) if user is not None else None
        # For an unknown user too, so that the time of the response does not reveal whether the email is registered.
        correct = await passwords.verify(data.password, credential.hash if credential is not None else None)
        if user is None or credential is None or not correct:
            raise WrongCredentials
        await self.throttle.succeeded(address, data.address)
        if passwords.is_outdated(credential.hash):
            await _replace_hash(credential, await passwords.hash(data.password))
        if data.address in self.options.admins and ADMIN not in user.roles:
            await User.change({"_id": user.id}, {"roles": [*user.roles, ADMIN]})
        token, text = await self.tokens.issue(user.id)
        await Session(id=str(token.jti), user=user.id, expires_at=token.exp).insert()
        return token, text

    async def logout(self, text: str) -> None:
        """End the session of a token."""
        token = await self.tokens.read(text)
        await Session.find({"_id": token.jti}).delete()

    async def get(self, identifier: str) -> User:
        """Return a user.

        Raises:
            UserNotFound: the user does not exist.
        """
        user = await User.get(identifier)
        if user is None:
            raise UserNotFound(identifier)
        return user

    async def change_roles(self, user: str, data: RolesChange, editor: str | None) -> tuple[User, User]:
        """Replace the roles of a user.

        Args:
            user: the id of the user.
            data: the new roles.
            editor: the id of the user who changes them.

        Returns:
            The user before and after.

        Raises:
            UserNotFound: the user does not exist.
        """
        changed = await User.change({"_id": user}, {"roles": list(dict.fromkeys(data.roles))}, editor)
        if changed is None:
            raise UserNotFound(user)
        return changed


async def _replace_hash(credential: Credential, new: str) -> None:
    """Store another hash of the same password, unless the password was changed meanwhile."""
    await Credential.find_one({"_id": credential.id, "hash": credential.hash}).update({"$set": {"hash": new}})
