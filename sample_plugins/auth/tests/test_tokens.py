"""Forged tokens, over HTTP and on a WebSocket: 401 or 4401, never 500."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

SECRET = "a secret of tests that is long enough"


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def deep() -> str:
    return base64.urlsafe_b64encode(b"[" * 1400).decode()


def forged(token: str, how: str) -> str:
    """Return a valid token, changed in one way."""
    header, body, signature = token.split(".")
    claims = jwt.decode(token, SECRET, ["HS256"], audience="acme__auth")

    def signed(key: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
        kept = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        return jwt.encode(kept, key, algorithm)

    now = datetime.now(UTC)
    made = {
        "empty": "",
        "no token": "nonsense",
        "dots": "..",
        "not base64": "%%%.%%%.%%%",
        "not ascii": f"{header}.{body}.\u00e9",
        "not json": f"{base64.urlsafe_b64encode(b'{').decode()}.{body}.{signature}",
        "deep": f"{deep()}.{body}.{signature}",
        "long": "x" * 6000,
        "of another secret": signed("another secret of tests that is long"),
        "other claims": f"{header}.{part({**claims, 'sub': 'somebody'})}.{signature}",
        "no algorithm": f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "no algorithm, signed": f"{part({'alg': 'None', 'typ': 'JWT'})}.{body}.{signature}",
        "unknown algorithm": f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{body}.{signature}",
        "no object": f"{header}.{part([1])}.{signature}",
        "another algorithm": signed(algorithm="HS384") if len(SECRET) >= 48 else f"{part({'alg': 'HS384'})}.{body}.{signature}",
        "expired": signed(exp=now - timedelta(seconds=2), iat=now - timedelta(hours=1)),
        "from the future": signed(iat=now + timedelta(hours=1)),
        "no end": signed(exp=None),
        "another audience": signed(aud="other"),
        "several audiences": signed(aud=["acme__auth", "other"]),
        "no audience": signed(aud=None),
        "another issuer": signed(iss="other"),
        "another session": signed(jti="made up"),
        "no session": signed(jti=None),
        "an operator for a session": signed(jti=["a"]),
        "another user": signed(sub="10000000-0000-4000-8000-000000000000"),
        "an end out of range": signed(exp=10**20),
    }
    return made[how]


KINDS = [
    "empty",
    "no token",
    "dots",
    "not base64",
    "not ascii",
    "not json",
    "deep",
    "long",
    "of another secret",
    "other claims",
    "no algorithm",
    "no algorithm, signed",
    "unknown algorithm",
    "no object",
    "another algorithm",
    "expired",
    "from the future",
    "no end",
    "another audience",
    "several audiences",
    "no audience",
    "another issuer",
    "another session",
    "no session",
    "an operator for a session",
    "another user",
    "an end out of range",
]


@pytest.mark.parametrize("how", KINDS)
def test_a_forged_token_is_refused(api, member, how):
    token = forged(member()["token"], how)
    api.cookies.clear()
    answer = api.get("/acme__gate/perhaps", headers={"Authorization": f"Bearer {token}".strip().encode("latin-1")})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json"), answer.text
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("how", ["no token", "of another secret", "no algorithm", "expired", "another session"])
def test_a_forged_token_in_a_cookie_is_refused(api, member, how):
    token = forged(member()["token"], how)
    api.cookies.clear()
    assert api.get("/acme__gate/perhaps", headers={"Cookie": f"acme_auth={token}"}).status_code == 401


@pytest.mark.parametrize("how", ["no token", "of another secret", "no algorithm", "expired", "another session", "deep"])
def test_a_forged_token_on_a_websocket_is_refused(member, url, how):
    headers = {"Authorization": f"Bearer {forged(member()['token'], how)}"}
    address = f"ws://{urlsplit(url).netloc}/acme__gate/socket"
    with pytest.raises(InvalidStatus) as refused, connect(address, proxy=None, additional_headers=headers):
        pass
    assert refused.value.response.status_code == 403, "the probe closes it before it is open"


def test_a_forged_token_is_refused_even_with_a_valid_one_in_the_cookie(api, member):
    member()
    assert api.get("/acme__gate/who", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_another_kind_of_credentials_is_no_user(api):
    assert api.get("/acme__gate/perhaps", headers={"Authorization": "Basic YTpi"}).text == "nobody"
