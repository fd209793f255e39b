"""The plugin ``acme__auth``: it authenticates users for all other plugins.

The host calls this module only. Other plugins do not import it: they use the guards ``authenticated`` and ``requires("role")`` of
``hookspecs``.
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
    """Return the class of the options: the secret, the lifetime of sessions, the admins, the limits on attempts."""
    return AuthOptions


@hookimpl
def register_models() -> list[type[Document]]:
    """Return the document classes: users in one collection, secrets in others."""
    return [User, Credential, Session, Attempts, SigningKey]


@hookimpl
def register_contract(scope: Scope) -> Contract:
    """Provide the authenticator for the guards of all plugins."""
    return Contract(Authenticator, JWTAuthenticator(Tokens.of(scope.options), scope.options.origins), version="1")


@hookimpl
def register_services(scope: Scope) -> dict[str, Any]:
    """Return the services of the routes."""
    accounts = Accounts(scope.options, Tokens.of(scope.options), Throttle(scope.options))
    return {"accounts": accounts, "passwords": Service(open_passwords, close=Passwords.close)}


@hookimpl
def register_payload() -> PayloadHandler:
    """Describe how a user is displayed."""
    return PayloadHandler(User, display_name=lambda user: user.name or user.email, completion=describe)


@hookimpl
def register_routes() -> list[Any]:
    """Return the routes below ``/acme__auth``."""
    return [register, login, logout, me, change_roles]


@hookimpl
def generate_frontend() -> Frontend:
    """Add the names of the CSRF cookie and header for ``createApi(…, { csrf: acme__auth.custom.csrf })``."""
    return Frontend(custom={"csrf": {"cookie": CSRF_COOKIE, "header": CSRF_HEADER}})


def describe(user: User) -> str:
    """Return the second line of a user: email and roles."""
    return ", ".join([user.email, *user.roles])
