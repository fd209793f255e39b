"""What the plugin stores; it runs in this process, on a database of its own."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from acme_auth.models import Attempts, Credential, Session, SigningKey, User

from host import Host
from host.common.settings import load_settings

PASSWORD = "correct horse"
ADA = {"email": "ada@example.org", "password": PASSWORD}


@asynccontextmanager
async def running(directory: Path, **options: int) -> AsyncIterator[httpx.AsyncClient]:
    """Start the plugin and yield a client."""
    lines = [f"{name} = {value}" for name, value in {"hash_memory": 8192, "hash_rounds": 1, **options}.items()]
    text = ['[plugins]\nenabled = ["acme-auth"]', "[plugins.acme__auth.options]", 'admins = ["root@example.org"]', *lines]
    (directory / "host.toml").write_text("\n".join(text), encoding="utf-8")
    async with Host(load_settings(directory, {})) as host:
        transport = httpx.ASGITransport(app=host.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://host/acme__auth") as client:
            yield client


async def enter(client: httpx.AsyncClient, **changes: str) -> httpx.Response:
    """Register a user and sign in."""
    await client.post("/register", json={**ADA, **changes})
    return await client.post("/login", json={**ADA, **changes})


def test_neither_responses_nor_logs_nor_other_collections_contain_password_or_hash(tmp_path, caplog):
    async def life() -> str:
        async with running(tmp_path) as client:
            answers = [await enter(client), await client.get("/me"), await client.post("/login", json={**ADA, "password": "wrong"})]
            kept = [await model.get_pymongo_collection().find().to_list() for model in (User, Session, Attempts)]
            (credential,) = await Credential.find_all().to_list()
            assert credential.hash.startswith("$argon2id$")
            assert credential.hash not in repr(credential)
        logged = [
            record.getMessage() for record in caplog.records if not record.name.startswith("pymongo")
        ]  # which logs all commands
        return "\n".join([*(answer.text for answer in answers), repr(kept), *logged])

    with caplog.at_level(logging.DEBUG):
        seen = asyncio.run(life())
    assert PASSWORD not in seen
    assert "argon2" not in seen


def test_a_password_is_hashed_again_at_a_login_after_the_parameters_changed(tmp_path):
    async def hashed() -> str:
        (credential,) = await Credential.find_all().to_list()
        return credential.hash

    async def life() -> list[str]:
        hashes = []
        async with running(tmp_path) as client:
            await enter(client)
            hashes.append(await hashed())
        async with running(tmp_path, hash_rounds=2) as client:
            assert (await client.post("/login", json={**ADA, "password": "incorrect"})).status_code == 401
            hashes.append(await hashed())
            assert (await client.post("/login", json=ADA)).status_code == 200
            hashes.append(await hashed())
            assert (await client.post("/login", json=ADA)).status_code == 200
            hashes.append(await hashed())
        return hashes

    first, unproven, changed, again = asyncio.run(life())
    assert "t=1" in first
    assert unproven == first
    assert "t=2" in changed
    assert again == changed


def test_expired_documents_are_removed_by_the_database(tmp_path):
    async def life() -> list[dict[str, int]]:
        async with running(tmp_path):
            indexes = [await model.get_pymongo_collection().index_information() for model in (Session, Attempts)]
        return [information["expiresAt_1"] for information in indexes]

    assert [index["expireAfterSeconds"] for index in asyncio.run(life())] == [0, 0]


def test_a_missing_secret_is_created_once(tmp_path):
    async def life() -> list[str]:
        tokens = []
        for _ in range(2):
            async with running(tmp_path) as client:
                tokens.append((await enter(client)).json()["token"])
                client.cookies.clear()
                for token in tokens:
                    assert (await client.get("/me", headers={"Authorization": f"Bearer {token}"})).status_code == 200
                (key,) = await SigningKey.find_all().to_list()
                assert len(key.secret.encode()) >= 32
        return tokens

    assert len(set(asyncio.run(life()))) == 2


def test_a_token_expires(tmp_path):
    async def life() -> float:
        async with running(tmp_path, token_seconds=1) as client:
            token = (await enter(client)).json()["token"]
            began = time.monotonic()
            while (await client.get("/me", headers={"Authorization": f"Bearer {token}"})).status_code == 200:
                assert time.monotonic() < began + 60
                await asyncio.sleep(0.02)
            return time.monotonic() - began

    assert asyncio.run(life()) < 20


@pytest.mark.parametrize("how", ["deleted", "removed"])
def test_a_deleted_user_is_signed_out_and_cannot_sign_in(tmp_path, how):
    async def life() -> list[int]:
        async with running(tmp_path) as client:
            token = (await enter(client)).json()["token"]
            client.cookies.clear()
            (user,) = await User.find_all().to_list()
            await (user.delete() if how == "deleted" else user.hard_delete())
            me = await client.get("/me", headers={"Authorization": f"Bearer {token}"})
            return [me.status_code, (await client.post("/login", json=ADA)).status_code]

    assert asyncio.run(life()) == [401, 401]


def test_a_user_added_to_the_admins_becomes_one_at_the_next_login(tmp_path):
    async def life() -> list[list[str]]:
        roles = []
        async with running(tmp_path) as client:
            await User(email="root@example.org").insert()
            (user,) = await User.find_all().to_list()
            await client.post("/register", json={**ADA, "email": "other@example.org"})
            (other,) = await Credential.find_all().to_list()
            await Credential(id=user.id, hash=other.hash).insert()
            await client.post("/login", json={**ADA, "email": "root@example.org"})
            roles += [user.roles for user in await User.find({"email": "root@example.org"}).to_list()]
        return roles

    assert asyncio.run(life()) == [["admin"]]


def test_an_unknown_email_takes_as_long_as_a_wrong_password(tmp_path):
    async def life() -> tuple[float, float]:
        async with running(tmp_path, hash_rounds=20, attempts=1000) as client:
            await enter(client)

            async def shortest(email: str) -> float:
                times = []
                for _ in range(4):
                    began = time.process_time()  # that of the hash, however busy the machine is
                    await client.post("/login", json={"email": email, "password": "incorrect"})
                    times.append(time.process_time() - began)
                return min(times)

            return await shortest("ada@example.org"), await shortest("nobody@example.org")

    wrong_password, unknown_email = asyncio.run(life())
    assert unknown_email > wrong_password / 2
