"""What happens to users and their sessions."""

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
        options: who is an admin.
        tokens: issues tokens.
        throttle: counts logins.
    """

    options: AuthOptions
    tokens: Tokens
    throttle: Throttle

    async def register(self, data: Registration, passwords: Passwords, address: str) -> User:
        """Make a user.

        The hash is written first: where the process ends in between, a hash is left that belongs to nobody, and never a user
        who cannot sign in.

        Raises:
            EmailTaken: there is one.
            TooManyAttempts: too many register from that address.
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
            raise EmailTaken("somebody has registered with this email") from None
        return user

    async def login(self, data: Login, passwords: Passwords, address: str) -> tuple[Token, str]:
        """Sign in.

        Returns:
            what stands in the token, and the token.

        Raises:
            WrongCredentials: there is no such user, or the password is another.
            TooManyAttempts: too many logins have failed.
        """
        await self.throttle.enter(address, data.address)
        user = await User.find_one({"email": data.address})
        credential = await Credential.get(user.id) if user is not None else None
        fits = await passwords.fits(data.password, credential.hash if credential is not None else None)
        if user is None or credential is None or not fits:
            raise WrongCredentials
        await self.throttle.succeeded(address, data.address)
        if passwords.is_outdated(credential.hash):
            await _rehash(credential, await passwords.hash(data.password))
        if data.address in self.options.admins and ADMIN not in user.roles:
            await User.change({"_id": user.id}, {"roles": [*user.roles, ADMIN]})
        token, text = await self.tokens.issue(user.id)
        await Session(id=str(token.jti), user=user.id, expires_at=token.exp).insert()
        return token, text

    async def logout(self, text: str) -> None:
        """End the session of a token, in all processes."""
        token = await self.tokens.read(text)
        await Session.find({"_id": token.jti}).delete()

    async def get(self, user: str) -> User:
        """One user.

        Raises:
            UserNotFound: there is none.
        """
        found = await User.get(user)
        if found is None:
            raise UserNotFound(user)
        return found

    async def change_roles(self, user: str, data: RolesChange, editor: str | None) -> tuple[User, User]:
        """Give a user other roles.

        Args:
            user: the id.
            data: the roles.
            editor: the id of who does it.

        Returns:
            the user before and after.

        Raises:
            UserNotFound: there is none.
        """
        changed = await User.change({"_id": user}, {"roles": list(dict.fromkeys(data.roles))}, editor)
        if changed is None:
            raise UserNotFound(user)
        return changed


async def _rehash(credential: Credential, made: str) -> None:
    """Take another hash of the same password, unless the password is another by now."""
    await Credential.find_one({"_id": credential.id, "hash": credential.hash}).update({"$set": {"hash": made}})
