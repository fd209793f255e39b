"""The routes: registration, login, logout, the current user, and roles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get, patch, post
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException, ValidationException
from litestar.params import FromPath, JSONBody
from litestar.response import Response
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from acme_auth.accounts import ADMIN, Accounts
from acme_auth.browsers import check_origin, cookies, expired_cookies, token_of
from acme_auth.errors import EmailTaken, Forged, NotSignedIn, TooManyAttempts, UserNotFound, WrongCredentials
from acme_auth.models import User
from acme_auth.passwords import Passwords
from acme_auth.requests import Login, Registration, RolesChange, SignedIn
from acme_auth.throttle import address_of
from acme_auth.tokens import csrf_of
from hookspecs import Payload, RequestData, Scope, authenticated, operation, requires

AnyRequest = Request[Any, Any, Any]


@post("/register", opt=operation("dataCreate"), raises=[EmailTaken, TooManyAttempts, ValidationException])
async def register(
    request: AnyRequest, plugin_scope: Scope, accounts: Accounts, passwords: Passwords, data: JSONBody[Registration]
) -> Payload[User]:
    """Register a user."""
    user = await accounts.register(data, passwords, address_of(request, accounts.options.address_header))
    return await plugin_scope.payload([user], action="dataCreate")


@post("/login", opt=operation(), status_code=HTTP_200_OK, raises=[WrongCredentials, Forged, TooManyAttempts, ValidationException])
async def login(
    request: AnyRequest, plugin_scope: Scope, accounts: Accounts, passwords: Passwords, data: JSONBody[Login]
) -> Response[SignedIn]:
    """Sign in. The response contains the token for programs, and sets the cookies for browsers."""
    options = accounts.options
    check_origin(request, options.origins)  # or a page of another site could sign a browser in as its own user
    token, text = await accounts.login(data, passwords, address_of(request, options.address_header))
    secure = plugin_scope.environment != "development"
    return Response(
        SignedIn(token=text, csrf_token=csrf_of(token), expires_at=token.exp),
        cookies=cookies(token, text, seconds=options.token_seconds, secure=secure),
        headers={"Cache-Control": "no-store"},
    )


@post("/logout", opt=operation(), status_code=HTTP_204_NO_CONTENT, guards=[authenticated], raises=[NotSignedIn, Forged])
async def logout(request: AnyRequest, accounts: Accounts) -> Response[None]:
    """Sign out. The token is no longer valid anywhere."""
    sent = token_of(request)
    if sent is not None:
        await accounts.logout(sent.text)
    return Response(None, cookies=expired_cookies())


@get("/me", opt=operation("dataRead", name="get"), guards=[authenticated], raises=[NotSignedIn, UserNotFound])
async def me(plugin_scope: Scope, accounts: Accounts, request_data: RequestData) -> Payload[User]:
    """Get the current user."""
    user = request_data.user
    if user is None:
        raise NotSignedIn("sign in first")
    return await plugin_scope.payload([await accounts.get(user.id)], action="dataRead")


@patch(
    "/user/{id:uuid}/roles",
    opt=operation("dataUpdate"),
    guards=[requires(ADMIN)],
    raises=[UserNotFound, NotAuthorizedException, PermissionDeniedException, ValidationException],
)
async def change_roles(
    plugin_scope: Scope,
    accounts: Accounts,
    id: FromPath[UUID],  # noqa: A002 - the name of the path parameter on the wire
    data: JSONBody[RolesChange],
    request_data: RequestData,
) -> Payload[User]:
    """Replace the roles of a user, with effect from the user's next request."""
    editor = request_data.user.id if request_data.user is not None else None
    before, after = await accounts.change_roles(str(id), data, editor)
    return await plugin_scope.payload([after], action="dataUpdate", prev_version=before)
