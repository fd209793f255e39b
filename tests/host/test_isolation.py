"""A plugin that fails under ``isolate`` leaves nothing behind and does not affect the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.distributions import Project
from tests.host.running import boot, client_of

ISOLATE = '[plugins]\non_failure = "isolate"\n'
ROUTE = """
    from litestar import get

    @get("/", sync_to_thread=False)
    def root() -> str:
        return "here"

    @hookimpl
    def register_routes(scope):
        return root
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def noting(log: Path) -> str:
    return f"""
    from pathlib import Path

    def note(what):
        with Path({str(log)!r}).open("a") as file:
            file.write(what + "\\n")
    """


def test_services_of_a_plugin_that_fails_at_start_up_are_closed_before_the_others_are_served(project: Project, log: Path) -> None:
    project.configure(ISOLATE)
    project.install(
        "shop-bad",
        noting(log)
        + """
    @hookimpl
    def register_services(scope):
        return {"pool": Service(lambda: note("open"), close=lambda _: note("closed"))}

    @hookimpl
    async def on_startup(scope):
        raise OSError("no disk")

    @hookimpl
    def on_shutdown(scope):
        note("shut down")
    """,
    )
    project.install("shop-good", ROUTE)
    with client_of(project) as client:
        assert client.get("/shop__good").text == "here"
        assert log.read_text(encoding="utf-8").splitlines() == ["open", "closed"]


def test_a_plugin_that_fails_in_on_ready_is_shut_down(project: Project, log: Path) -> None:
    project.configure(ISOLATE)
    project.install(
        "shop-bad",
        noting(log)
        + """
    @hookimpl
    def on_ready(scope):
        raise OSError("no disk")

    @hookimpl
    def on_shutdown(scope):
        note("shut down")
    """,
    )
    with client_of(project):
        assert log.read_text(encoding="utf-8").splitlines() == ["shut down"]


def test_names_of_a_plugin_that_loses_a_conflict_are_released(project: Project) -> None:
    project.configure(ISOLATE)
    protocols = "from typing import Protocol\nclass P(Protocol): ...\nclass Q(Protocol): ...\n"
    project.install("shop-protocols", {"shop_protocols.py": protocols}, plugins={})
    provide = """
    from shop_protocols import P, Q

    @hookimpl
    def register_contract(scope):
        return [Contract(protocol, object(), "1.0") for protocol in ({0},)]
    """
    project.install("shop-a", provide.format("P"))
    project.install("shop-b", provide.format("P, Q"))
    project.install("shop-c", provide.format("Q"))
    started = boot(project)
    assert started.order == ["shop__a", "shop__c"]


def test_the_user_of_an_optional_contract_is_served_without_its_provider(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("shop-protocols", {"shop_protocols.py": "from typing import Protocol\nclass P(Protocol): ...\n"}, plugins={})
    project.install(
        "shop-a",
        """
    from shop_protocols import P

    @hookimpl
    def register_contract(scope):
        return Contract(P, object(), "1.0")

    @hookimpl
    def on_startup(scope):
        raise OSError("no disk")
    """,
    )
    uses = """
    from shop_protocols import P

    @hookimpl
    def register_contract(scope):
        return Uses(P, "p", optional=True)
    """
    project.install("shop-b", ROUTE + uses)
    with client_of(project) as client:
        assert client.get("/shop__b").text == "here"
