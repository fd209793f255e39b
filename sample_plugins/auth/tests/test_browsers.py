"""Cookies: a cookie alone is not enough to change or to subscribe to anything."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

FIELD = "X-CSRF-Token"


def cookie_lines(answer):
    return {line.split("=")[0]: line for line in answer.headers.get_list("set-cookie")}


def test_the_token_is_in_a_cookie_that_no_script_can_read(api, member, email):
    member()
    answer = api.post("/acme__auth/login", json={"email": email, "password": "correct horse"})
    lines = cookie_lines(answer)
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(lines["acme_auth"].split("; "))
    assert "HttpOnly" not in lines["acme_auth_csrf"]
    assert answer.headers["cache-control"] == "no-store"


def test_the_cookie_is_enough_to_read(api, member, email):
    member()
    assert api.get("/acme__gate/who").json()[1] == email


@pytest.mark.parametrize("sent", [None, "", "guess", "\u00e9"])
def test_the_cookie_alone_does_not_allow_a_change(api, member, sent):
    member()
    headers = {} if sent is None else {FIELD: sent.encode("latin-1")}
    assert api.post("/acme__gate/change", headers=headers).status_code == 403


def test_the_csrf_header_allows_a_change(api, member):
    signed_in = member()
    assert api.cookies["acme_auth_csrf"] == signed_in["csrfToken"]
    assert api.post("/acme__gate/change", headers={FIELD: signed_in["csrfToken"]}).status_code == 201


def test_the_value_of_another_session_is_refused(api, member):
    other = member()
    member()
    assert api.post("/acme__gate/change", headers={FIELD: other["csrfToken"]}).status_code == 403


def test_a_bearer_header_needs_nothing_else(api, member):
    signed_in = member()
    assert api.post("/acme__gate/change", headers={"Authorization": f"Bearer {signed_in['token']}"}).status_code == 201


def test_logging_out_deletes_the_cookies(api, member):
    signed_in = member()
    answer = api.post("/acme__auth/logout", headers={FIELD: signed_in["csrfToken"]})
    assert answer.status_code == 204
    assert not api.cookies
    assert api.get("/acme__gate/perhaps").text == "nobody"


def test_a_browser_is_told_to_delete_an_invalid_token(api, member):
    signed_in = member()
    api.post("/acme__auth/logout", headers={"Authorization": f"Bearer {signed_in['token']}"})
    api.cookies.clear()
    answer = api.get("/acme__gate/perhaps", headers={"Cookie": f"acme_auth={signed_in['token']}"})
    assert answer.status_code == 401
    assert "Max-Age=0" in cookie_lines(answer)["acme_auth"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("own", 200),
        ("https://app.example.org", 200),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://[::1", 403),
    ],
)
def test_an_event_stream_by_cookie_requires_an_allowed_origin(api, member, url, origin, status):
    member()
    headers = {"Accept": "text/event-stream"} | ({} if origin is None else {"Origin": url if origin == "own" else origin})
    assert api.get("/acme__gate/who", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://app.example.org", 401), ("https://evil.example", 403), ("http://[::1", 403), ("http://", 403), ("", 403)],
)
def test_a_page_of_another_site_cannot_sign_a_browser_in(api, email, origin, status):
    body = {"email": email, "password": "correct horse"}
    assert api.post("/acme__auth/login", json=body, headers={"Origin": origin}).status_code == status


def opened(url, **options):
    """Return what the probe's WebSocket sends about its user; ``None`` if it is refused."""
    with suppress(InvalidStatus), connect(f"ws://{urlsplit(url).netloc}/acme__gate/socket", proxy=None, **options) as socket:
        return json.loads(socket.recv())
    return None


@pytest.mark.parametrize(
    ("origin", "known"),
    [
        ("own", True),
        ("https://app.example.org", True),
        ("https://evil.example", False),
        ("http://[::1", False),
        ("null", False),
        (None, False),
    ],
)
def test_a_websocket_by_cookie_requires_an_allowed_origin(member, url, origin, known):
    headers = {"Cookie": f"acme_auth={member()['token']}"}
    found = opened(url, origin=url if origin == "own" else origin, additional_headers=headers)
    assert (found is not None) is known


def test_a_websocket_by_header_requires_no_origin(api, member, url):
    signed_in = member()
    name, expires = opened(url, additional_headers={"Authorization": f"Bearer {signed_in['token']}"})
    assert name == api.get("/acme__gate/who").json()[0]
    assert datetime.fromtimestamp(expires, UTC) == datetime.fromisoformat(signed_in["expiresAt"])


def test_a_websocket_without_a_token_has_no_user(url):
    with connect(f"ws://{urlsplit(url).netloc}/acme__gate/socket", proxy=None) as socket:
        assert json.loads(socket.recv()) is None
