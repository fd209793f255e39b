"""Each example of the reference runs as a plugin in ``plugins/``, and does what the text above it says."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator
from uuid import uuid4

import pytest

from host import Host
from tests.channels.clients import socket
from tests.conformance.kit import in_host
from tests.distributions import Project
from tests.hooks.specifications import specifications
from tests.inprocess import client_of

KEY = "acme__notes"
EXAMPLES = {specification.name: specification.example[1] for specification in specifications()}
#: A plugin that knows each user by a header; rules need such a plugin.
LOGIN = """
from hookspecs import Authenticator, Contract, User, hookimpl

class ByHeader:
    async def authenticate(self, connection):
        name = connection.headers.get("x-user")
        return User(id=name) if name else None

@hookimpl
def register_contract():
    return Contract(Authenticator, ByHeader(), version="1.0")
"""

Check = Callable[[Host], Awaitable[None]]


class Example:
    """One example in a project of its own."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def place(self, hook: str) -> None:
        """Save the example of a hook as the page says."""
        self.add(KEY, EXAMPLES[hook])

    def add(self, key: str, source: str) -> None:
        """Save a plugin in ``plugins/``."""
        self.write(f"{key}.py", source)
        self.project.site.keys.append(key)

    def write(self, name: str, content: str) -> None:
        """Save a file in ``plugins/``."""
        path = self.project.directory / "plugins" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def use_database(self, url: str) -> None:
        """Let the host use a database of its own on a server."""
        self.project.environ |= {"HOST_DATABASE_URL": url, "HOST_DATABASE_NAME": f"hooks_{uuid4().hex}"}

    def register(self) -> Host:
        """Register without starting anything, as ``host generate-config`` does."""
        host = Host(self.project.settings, role="build")
        asyncio.run(host.assemble())
        return host

    def serve(self, check: Check) -> None:
        """Start the host, check something, stop it."""
        in_host(self.project, check)


@pytest.fixture
def example(project: Project) -> Iterator[Example]:
    before = set(sys.modules)
    yield Example(project)
    for name in set(sys.modules) - before:
        if name.startswith("acme__"):
            del sys.modules[name]


def test_plugin_options(example: Example) -> None:
    example.place("plugin_options")
    example.project.configure(f"[plugins.{KEY}]\noptions = {{ page_size = 50 }}\n")
    assert example.register().plugins[KEY].scope.options.page_size == 50


def test_register_plugins(example: Example) -> None:
    example.place("register_plugins")

    async def check(host: Host) -> None:
        async with client_of(host) as client:
            assert (await client.get("/acme__notes/archive")).text == "acme__notes.archive keeps 30 notes"

    example.serve(check)


def test_configure(example: Example) -> None:
    example.place("configure")
    example.register()
    assert logging.getLogger(f"host.plugin.{KEY}").level == logging.DEBUG


def test_register_models(example: Example, mongo: str) -> None:
    example.place("register_models")
    example.use_database(mongo)

    async def check(host: Host) -> None:
        note = host.boot.models["acme__notes-note"]
        await note(title="Buy milk").insert()
        assert [found.title for found in await note.find_all().to_list()] == ["Buy milk"]

    example.serve(check)


def test_register_services(example: Example) -> None:
    example.place("register_services")

    async def check(host: Host) -> None:
        async with client_of(host) as client:
            assert (await client.get("/acme__notes/sum")).text == "3 from acme"

    example.serve(check)


def test_register_contract(example: Example) -> None:
    example.place("register_contract")

    async def check(host: Host) -> None:
        async with client_of(host) as client:
            assert (await client.get("/acme__notes/now")).text == "12:00"

    example.serve(check)


def test_register_payload(example: Example, mongo: str) -> None:
    example.place("register_payload")
    example.use_database(mongo)

    async def check(host: Host) -> None:
        async with client_of(host) as client:
            row = (await client.post("/acme__notes/note", json={"title": "Buy milk"})).json()["body"]["items"][0]
            assert (row["_displayName"], row["_completion"]) == ("Buy milk", "open")

    example.serve(check)


def test_register_rules(example: Example, mongo: str) -> None:
    example.place("register_rules")
    example.add("acme__login", LOGIN)
    example.use_database(mongo)

    async def check(host: Host) -> None:
        async with client_of(host) as client:
            answer = await client.post("/acme__notes/note", json={"title": "Buy milk"}, headers={"X-User": "ada"})
            path = f"/acme__notes/note/{answer.json()['body']['items'][0]['id']}"
            assert (await client.get(path)).status_code == 200
            assert (await client.delete(path, headers={"X-User": "bob"})).status_code == 403
            assert (await client.delete(path, headers={"X-User": "ada"})).status_code == 200

    example.serve(check)


def test_register_channels(example: Example) -> None:
    example.place("register_channels")

    async def check(host: Host) -> None:
        async with socket(host) as ws, client_of(host) as client:
            await ws.subscribe("acme__notes--noteCreated")
            await client.post("/acme__notes/note", json={"title": "Buy milk"})
            assert await ws.next_message() == {"channel": "acme__notes--noteCreated", "data": {"title": "Buy milk"}}

    example.serve(check)


def test_register_layer(example: Example) -> None:
    example.place("register_layer")

    async def check(host: Host) -> None:
        async with client_of(host) as client:
            assert (await client.get("/acme__notes/note/milk")).text == "Buy milk"
            answer = await client.get("/acme__notes/note/bread")
            assert (answer.status_code, answer.json()) == (404, {"missing": "bread"})

    example.serve(check)


def test_register_middleware(example: Example) -> None:
    example.place("register_middleware")

    async def check(host: Host) -> None:
        async with client_of(host) as client:
            assert (await client.get("/acme__notes/note")).headers["x-notes"] == "1"
            assert "x-notes" not in (await client.get("/health/live")).headers

    example.serve(check)


def test_register_routes(example: Example) -> None:
    example.place("register_routes")

    async def check(host: Host) -> None:
        async with client_of(host) as client:
            assert (await client.get("/acme__notes/note")).json() == {KEY: ["Buy milk"]}

    example.serve(check)


def test_register_static(example: Example) -> None:
    example.place("register_static")
    example.write("pages/index.html", "<title>Notes</title>")
    example.write("pages/app.css", "p {}")

    async def check(host: Host) -> None:
        async with client_of(host) as client:
            assert (await client.get("/acme__notes/app")).text == "<title>Notes</title>"
            assert (await client.get("/acme__notes/app/app.css")).text == "p {}"

    example.serve(check)


def test_generate_frontend(example: Example) -> None:
    example.place("generate_frontend")
    text = example.register().generate().text
    assert "memo: {" in text
    assert 'icon: "pencil"' in text


def test_app_built(example: Example, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    example.place("app_built")
    host = example.register()
    assert f"the application has {len(host.app.routes)} routes" in caplog.messages


def test_on_startup(example: Example, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    example.place("on_startup")

    async def check(host: Host) -> None:
        assert host.plugins[KEY].scope.services["words"] == {"milk", "bread"}
        assert "2 words are known" in caplog.messages

    example.serve(check)


def test_on_ready(example: Example, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    example.place("on_ready")

    async def check(_host: Host) -> None:
        assert "imports .md files" in caplog.messages

    example.serve(check)


def test_authorize_socket(example: Example) -> None:
    example.place("authorize_socket")

    async def check(host: Host) -> None:
        async with socket(host) as ws, socket(host, {"X-Desk": "news"}) as desk:
            await ws.subscribe("acme__notes--published")
            refused = await ws.request({"subscribe": "acme__notes--drafts"})
            assert (refused["status"], refused["error"]) == (403, "drafts are for the news desk")
            await desk.subscribe("acme__notes--drafts")

    example.serve(check)


def test_check_health(example: Example) -> None:
    example.place("check_health")

    async def check(host: Host) -> None:
        async with client_of(host) as client:
            assert (await client.get("/health/ready")).json()["plugins"][KEY] == {"status": "ready"}

    example.serve(check)


def test_on_shutdown(example: Example, caplog: pytest.LogCaptureFixture) -> None:
    example.place("on_shutdown")

    async def check(_host: Host) -> None:
        assert "not saved: Buy milk" not in caplog.messages

    example.serve(check)
    assert "not saved: Buy milk" in caplog.messages


def test_each_example_is_run_here() -> None:
    assert [hook for hook in EXAMPLES if f"test_{hook}" not in globals()] == []
