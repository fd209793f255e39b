"""The plugin ``acme__auth``: knows the users, for all other plugins.

This module is all that the host calls. Other plugins import nothing of it: they ask with the guards ``authenticated`` and
``requires("role")`` of ``hookspecs``.
"""

from __future__ import annotations

from typing import Any

from beanie import Document

from acme_auth.accounts import Accounts
from acme_auth.authenticator import JWTAuthenticator
from acme_auth.browsers import CSRF_COOKIE, CSRF_HEADER
from acme_auth.models import Attempts, Credential, Session, SigningKey, User
from acme_auth.options import AuthOptions
from acme_auth.passwords import Passwords, open_passwords
from acme_auth.routes import change_roles, login, logout, me, register
from acme_auth.throttle import Throttle
from acme_auth.tokens import Tokens
from hookspecs import Authenticator, Contract, Frontend, PayloadHandler, Scope, Service, hookimpl


@hookimpl
def plugin_options() -> type[AuthOptions]:
    """The secret, how long one stays signed in, who is an admin, how often one may try."""
    return AuthOptions


@hookimpl
def register_models() -> list[type[Document]]:
    """Users in one collection, and what is secret in others."""
    return [User, Credential, Session, Attempts, SigningKey]


@hookimpl
def register_contract(scope: Scope) -> Contract:
    """What the guards of all plugins ask; it needs the database only when it is asked."""
    return Contract(Authenticator, JWTAuthenticator(Tokens.of(scope.options), scope.options.origins), version="1")


@hookimpl
def register_services(scope: Scope) -> dict[str, Any]:
    """What the routes of this plugin use."""
    accounts = Accounts(scope.options, Tokens.of(scope.options), Throttle(scope.options))
    return {"accounts": accounts, "passwords": Service(open_passwords, close=Passwords.close)}


@hookimpl
def register_payload() -> PayloadHandler:
    """How a user is shown."""
    return PayloadHandler(User, display_name=lambda user: user.name or user.email, completion=describe)


@hookimpl
def register_routes() -> list[Any]:
    """All of them under ``/acme__auth``."""
    return [register, login, logout, me, change_roles]


@hookimpl
def generate_frontend() -> Frontend:
    """How a page shows that it means what it sends: ``createApi(…, { csrf: acme__auth.custom.csrf })``."""
    return Frontend(custom={"csrf": {"cookie": CSRF_COOKIE, "header": CSRF_HEADER}})


def describe(user: User) -> str:
    """The second line of a user: email and roles."""
    return ", ".join([user.email, *user.roles])
