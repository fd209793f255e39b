"""Three plugins that do not use each other's internals: one's users, another's tasks and channels, a third's quota."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.serverkit import HOST, Serve, Server, serve

__all__ = ("serve",)

TOML = """
[plugins]
enabled = ["acme-auth", "acme-billing", "acme-todo"]

[plugins.acme__auth]
options = { admins = ["root@example.org"], hash_rounds = 1, hash_memory = 8192 }

[plugins.acme__billing]
options = { limits = { free = 2 }, role = "admin" }

[plugins.acme__todo]
options = { private = true }
"""
CREATED = "acme__todo--taskCreated"
DELETED = "acme__todo--taskDeleted"


@pytest.fixture
def server(serve: Serve) -> Server:
    return serve(TOML)


@contextmanager
def signed_in(server: Server, email: str) -> Iterator[httpx.Client]:
    """Yield a client that has registered and logged in."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        account = {"email": email, "password": "correct horse battery staple"}
        assert client.post("/acme__auth/register", json={**account, "name": email.partition("@")[0]}).status_code == 201
        answer = client.post("/acme__auth/login", json=account)
        assert answer.status_code == 200, answer.text
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        yield client


@contextmanager
def listening(client: httpx.Client, *channels: str) -> Iterator[ClientConnection]:
    """Yield the user's socket, subscribed to channels."""
    url = str(client.base_url).replace("http", "ws", 1).rstrip("/") + "/channels"
    headers = {name: client.headers[name] for name in ("Authorization",) if name in client.headers}
    with connect(url, additional_headers=headers, proxy=None) as socket:
        for channel in channels:
            socket.send(json.dumps({"subscribe": channel, "ack": True}))
            assert receive(socket) == {"subscribed": channel}
        yield socket


def receive(socket: ClientConnection) -> Any:
    return json.loads(socket.recv(timeout=60))


def test_private_tasks_reach_only_their_owner(server: Server):
    with (
        signed_in(server, "ada@example.org") as ada,
        signed_in(server, "bob@example.org") as bob,
        listening(ada, CREATED, DELETED) as of_ada,
        listening(bob, CREATED, DELETED) as of_bob,
    ):
        created = ada.post("/acme__todo/task", json={"title": "Only mine"})
        assert created.status_code == 201, created.text
        assert receive(of_ada) == {"channel": CREATED, "data": created.json()}
        task = created.json()["body"]["items"][0]["id"]

        assert bob.get("/acme__todo/task").json()["body"]["items"] == []
        for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("DELETE", "/hard"), ("POST", "/restore")):
            body = {"title": "Stolen"} if method == "PATCH" else None
            assert bob.request(method, f"/acme__todo/task/{task}{path}", json=body).status_code == 404

        gone = ada.delete(f"/acme__todo/task/{task}")
        assert receive(of_ada) == {"channel": DELETED, "data": gone.json()}

        # Bob's first message is about his own task: he got none about Ada's before.
        own = bob.post("/acme__todo/task", json={"title": "Bob's"})
        assert receive(of_bob) == {"channel": CREATED, "data": own.json()}


def test_each_user_has_a_separate_quota(server: Server):
    with signed_in(server, "ada@example.org") as ada, signed_in(server, "bob@example.org") as bob:
        assert [ada.post("/acme__todo/task", json={"title": "T"}).status_code for _ in range(3)] == [201, 201, 402]
        assert len(ada.get("/acme__todo/task").json()["body"]["items"]) == 2
        assert bob.post("/acme__todo/task", json={"title": "T"}).status_code == 201


def test_only_admins_see_other_users_quotas(server: Server):
    quotas = "acme__billing--quotaChanged"
    with (
        signed_in(server, "ada@example.org") as ada,
        signed_in(server, "root@example.org") as root,
        httpx.Client(base_url=server.url) as anonymous,
    ):
        answers = [client.get("/acme__billing/quota?account=x").status_code for client in (anonymous, ada, root)]
        assert answers == [401, 403, 200]
        assert ada.patch("/acme__billing/quota/plan", json={"plan": "pro", "account": "x"}).status_code == 403
        with listening(root, quotas) as of_root, listening(ada) as of_ada:
            of_ada.send(json.dumps({"subscribe": quotas}))
            assert receive(of_ada)["status"] == 403
            assert ada.post("/acme__todo/task", json={"title": "T"}).status_code == 201
            assert receive(of_root)["data"]["used"] == 1


def test_an_anonymous_client_sees_nothing(server: Server):
    with httpx.Client(base_url=server.url) as anonymous:
        for method, path, body in (("GET", "/task", None), ("POST", "/task", {"title": "T"})):
            answer = anonymous.request(method, f"/acme__todo{path}", json=body)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        with listening(anonymous) as socket:
            socket.send(json.dumps({"subscribe": CREATED, "ack": True}))
            reply = receive(socket)
            assert (reply["channel"], reply["status"]) == (CREATED, 401)


def test_a_forged_token_opens_no_socket(server: Server):
    with httpx.Client(base_url=server.url, headers={"Authorization": "Bearer forged.forged.forged"}) as forger:
        assert forger.get("/acme__todo/task").status_code == 401
        with listening(forger) as socket, pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=60)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_private_tasks_without_an_authenticator_do_not_load(tmp_path: Path):
    (tmp_path / "host.toml").write_text(
        '[plugins]\nenabled = ["acme-billing", "acme-todo"]\n[plugins.acme__todo]\noptions = { private = true }\n', encoding="utf-8"
    )
    command = [HOST, "plugins", "check", "--json"]
    outcome = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert outcome.returncode == 3
    (error,) = json.loads(outcome.stdout)["errors"]
    assert (error["code"], error["plugin"]) == ("contract", "acme__todo")
    assert "Authenticator" in error["message"]
