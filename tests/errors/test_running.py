"""Whatever goes wrong in ``host run`` ends the command in time, with its code, its block, and nothing left behind."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.distributions import Outcome, Project
from tests.errors.test_policies import BROKEN, WORKS, check_refused, install_broken
from tests.serverkit import Server

MODEL = """
    from beanie import Document
    class Item(Document): title: str
    @hookimpl
    def register_models(scope): return Item
"""


@contextmanager
def serving(project: Project, *arguments: str) -> Iterator[Server]:
    """A server of a project, which is stopped afterwards."""
    server = Server(project.directory, arguments, project.environment())
    try:
        yield server.start()
    finally:
        server.close()


def run(project: Project, *arguments: str) -> Outcome:
    """``host run`` to its end, which must come by itself."""
    return project.host("run", "--port", "0", *arguments)


@contextmanager
def silent_server() -> Iterator[int]:
    """Accepts connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


def test_a_start_that_fails_tells_every_failure(project: Project) -> None:
    project.environ["HOST_PLUGINS_TIMEOUT"] = "0.1"
    install_broken(project)
    done = run(project)
    assert done.code == 3
    assert done.stdout == ""
    for name, (_, _, code) in BROKEN.items():
        assert f"error[{code}]: " in done.stderr
        assert name.replace("-", "__") in done.stderr
    assert done.stderr.endswith("failures at start; exit code 3\n")
    assert "Traceback" not in done.stderr
    assert not (project.directory / "generated-config.ts").exists()


def test_two_workers_that_cannot_start_end_too(project: Project) -> None:
    project.install("shop-cart", "@hookimpl\nasync def on_startup(scope): raise OSError('no disk')")
    done = run(project, "--workers", "2")
    assert done.code == 3
    assert "OSError: no disk" in done.stderr


def test_traceback_shows_the_line_of_the_plugin(project: Project) -> None:
    project.install("shop-cart", "@hookimpl\nasync def on_startup(scope):\n    raise OSError('no disk')")
    done = run(project, "--traceback")
    assert done.code == 3
    assert "    raise OSError('no disk')" in done.stderr
    assert "shop_cart.py" in done.stderr


def test_isolate_serves_the_rest(project: Project) -> None:
    project.environ |= {"HOST_PLUGINS_TIMEOUT": "0.1", "HOST_PLUGINS_ON_FAILURE": "isolate"}
    install_broken(project)
    with serving(project) as server:
        assert httpx.get(f"{server.url}/shop__works/thing").text == "works"
        for name in BROKEN:
            key = name.replace("-", "__")
            check_refused(httpx.get(f"{server.url}/{key}/thing"), key)
        for _, _, code in BROKEN.values():
            assert f"error[{code}]: " in server.stderr
        assert server.stop() == 0


def test_what_fails_at_the_stop_is_told_and_is_the_exit_code(project: Project) -> None:
    project.install("shop-cart", "@hookimpl\nasync def on_shutdown(scope): raise OSError('no disk')")
    project.install("shop-mail", "@hookimpl\ndef on_shutdown(scope): print('mail is down', flush=True)")
    with serving(project) as server:
        assert server.stop() == 3
        assert "error[hook-raised]: on_shutdown raised OSError" in server.stderr
        assert server.stderr.endswith("1 failure at stop; exit code 3\n")
        assert "mail is down" in server.stdout


def test_an_error_in_a_request_is_logged_with_its_plugin_and_not_sent_to_the_client(project: Project) -> None:
    source = """
        from litestar import get
        @get("/thing")
        async def handler() -> str: raise RuntimeError("hunter2")
        @hookimpl
        def register_routes(scope): return [handler]
    """
    project.install("shop-cart", source)
    with serving(project) as server:
        answer = httpx.get(f"{server.url}/shop__cart/thing", headers={"X-Request-Id": "abc-1"})
        assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
        assert answer.json()["requestId"] == "abc-1"
        assert "hunter2" not in answer.text
        assert "GET /shop__cart/thing of shop__cart failed, request abc-1" in server.stderr


@pytest.mark.parametrize("host", ["256.1.1.1", "no.such.name.invalid", "192.0.2.1", "ü" * 70])
def test_an_address_that_is_none_of_ours(project: Project, host: str) -> None:
    done = run(project, "--host", host)
    assert done.code == 2
    assert "error[configuration]" in done.stderr
    assert "there is no host called" in done.stderr or "cannot be bound" in done.stderr


def test_a_database_that_never_answers_is_given_up_in_time(project: Project) -> None:
    project.install("shop-cart", MODEL)
    with silent_server() as port:
        project.environ["HOST_DATABASE_URL"] = f"mongodb://ada:hunter2@127.0.0.1:{port}/"
        before = time.monotonic()
        done = run(project)
    assert done.code == 4
    assert time.monotonic() - before < 25  # a client of MongoDB waits 30 s unless told otherwise
    assert "error[database-unreachable]" in done.stderr
    assert "hunter2" not in done.stderr


def test_no_database_is_needed_where_no_plugin_has_models(project: Project) -> None:
    project.install("shop-works", WORKS)
    project.environ["HOST_DATABASE_URL"] = "mongodb://127.0.0.1:1/"
    with serving(project) as server:
        assert httpx.get(f"{server.url}/shop__works/thing").text == "works"


@pytest.mark.parametrize("command", ["run", "generate-config", "routes", "plugins list", "plugins check", "plugins disable x"])
def test_malformed_settings_end_every_command(project: Project, command: str) -> None:
    project.configure("[plugins]\ndisable = []\n")
    done = project.host(*command.split())
    assert done.code == 2
    assert "error[settings]: unknown key 'disable'" in done.stderr


@pytest.mark.parametrize("command", ["generate-config", "routes", "plugins check"])
def test_a_broken_plugin_ends_every_command_that_needs_it(project: Project, command: str) -> None:
    project.install("shop-cart", "import nothing_such")
    done = project.host(*command.split())
    assert done.code == 3
    assert "error[import-failed]" in done.stderr


def test_a_failed_check_leaves_the_file_as_it_is(project: Project) -> None:
    project.install("shop-works", WORKS)
    assert project.host("generate-config").code == 0
    file = project.directory / "generated-config.ts"
    file.write_text(before := file.read_text() + "// mine\n")
    assert project.host("generate-config", "--check").code == 1
    project.install("shop-cart", "import nothing_such")
    assert project.host("generate-config").code == 3
    assert file.read_text() == before


def test_a_file_that_cannot_be_written_ends_the_start(project: Project) -> None:
    project.install("shop-works", WORKS)
    project.configure("[frontend]\noutput = 'no/such/directory/config.ts'\n")
    done = run(project)
    assert done.code == 2
    assert "error[configuration]" in done.stderr
    assert "no/such/directory/config.ts" in done.stderr


def test_a_plugin_that_prints_and_logs_at_import_harms_nothing(project: Project) -> None:
    noise = "import logging, warnings\nprint('noise')\nlogging.warning('noise')\nwarnings.warn('noise', stacklevel=1)\n"
    project.install("shop-cart", noise)
    assert project.host("plugins", "check").code == 0


def test_nothing_runs_any_more_after_a_start_that_failed(project: Project) -> None:
    project.install("shop-cart", MODEL + "\n    @hookimpl\n    def on_startup(scope): 1 / 0\n")
    server = Server(project.directory, (), project.environment()).begin()
    try:
        assert server.process.wait(30) == 3
    finally:
        server.close()
    assert server.database == []
