"""The order of hook calls: phase by phase, dependencies first, and in reverse at the stop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from host.common.errors import BootError
from tests.distributions import Project
from tests.host.running import boot, client_of

TRACE = """
    from pathlib import Path

    def note(what):
        with Path({log!r}).open("a") as file:
            file.write(what + "\\n")

    @hookimpl
    async def configure(scope): note(f"configure {{scope.name}}")
    @hookimpl
    def register_services(scope):
        note(f"services {{scope.name}}")
        return {{"thing": Service(lambda: note(f"make {{scope.name}}"), close=lambda _: note(f"close {{scope.name}}"))}}
    @hookimpl
    def generate_frontend(scope): note(f"frontend {{scope.name}}")
    @hookimpl
    def app_built(scope, app): note(f"built {{scope.name}}")
    @hookimpl
    async def on_startup(scope): note(f"startup {{scope.name}}")
    @hookimpl
    def on_ready(scope): note(f"ready {{scope.name}}")
    @hookimpl
    async def on_shutdown(scope): note(f"shutdown {{scope.name}}")
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def install_traced(project: Project, log: Path, name: str, *requires: str, more: str = "") -> None:
    project.install(name, TRACE.format(log=str(log)) + more, requires=requires)


def test_all_plugins_finish_a_phase_before_the_next_begins(project: Project, log: Path) -> None:
    install_traced(project, log, "a-first", "z-base")
    install_traced(project, log, "z-base")
    with client_of(project):
        pass
    assert log.read_text(encoding="utf-8").splitlines() == [
        *("configure base", "configure first"),
        *("services base", "services first"),
        *("frontend base", "frontend first"),
        *("built base", "built first"),
        *("make base", "startup base", "make first", "startup first"),
        *("ready base", "ready first"),
        *("shutdown first", "close first", "shutdown base", "close base"),
    ]


def test_a_used_contract_joins_the_start_order(project: Project, log: Path) -> None:
    project.install("m-protocol", {"m_protocol.py": "from typing import Protocol\nclass P(Protocol): ...\n"}, plugins={})
    uses = "\n    from m_protocol import P\n    @hookimpl\n    def register_contract(scope): return Uses(P, 'p')\n"
    gives = "\n    from m_protocol import P\n    @hookimpl\n    def register_contract(scope): return Contract(P, object(), '1.0')\n"
    install_traced(project, log, "a-user", more=uses)
    install_traced(project, log, "b-giver", more=gives)
    with client_of(project):
        pass
    lines = log.read_text(encoding="utf-8").splitlines()
    assert lines.index("startup giver") < lines.index("startup user")
    assert lines.index("shutdown user") < lines.index("shutdown giver")


def test_a_rule_of_order_in_the_settings_is_kept(project: Project) -> None:
    project.install("a-one")
    project.install("b-two")
    project.configure('[plugins]\norder = ["b__two before a__one"]')
    assert boot(project).order == ["b__two", "a__one"]


def test_a_shutdown_continues_after_an_error_and_reports_it(project: Project, log: Path) -> None:
    install_traced(project, log, "a-base")
    project.install("b-bad", "@hookimpl\ndef on_shutdown(scope): raise ValueError('stuck')", requires=["a-base"])
    with pytest.raises(BaseExceptionGroup) as raised, client_of(project):
        pass
    assert raised.group_contains(BootError, match="1 failure", depth=None) or isinstance(raised.value, BootError)
    assert log.read_text(encoding="utf-8").splitlines()[-2:] == ["shutdown base", "close base"]


def test_a_plugin_without_hooks_is_loaded_without_a_warning(project: Project) -> None:
    project.install("shop-frontend")
    started = boot(project)
    assert (started.order, started.failures.all()) == (["shop__frontend"], [])


def test_options_are_the_plugins_own_class_with_values_from_the_environment(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.install(
        "shop-cart",
        """
        import json
        from pydantic import BaseModel

        class Options(BaseModel):
            page_size: int = 20
            key: str
            mail: dict[str, str] = {}

        @hookimpl
        def plugin_options():
            return Options

        @hookimpl
        def register_services(scope):
            return {"seen": json.dumps(scope.options.model_dump())}
        """,
    )
    project.configure(
        '[plugins.shop-cart]\noptions = { page_size = 50, key = { env = "CART_KEY" }, mail = { password = { env = "CART_KEY" } } }'
    )
    monkeypatch.setenv("CART_KEY", "k")
    [contribution] = boot(project).contributions
    assert json.loads(contribution.services["seen"]) == {"page_size": 50, "key": "k", "mail": {"password": "k"}}
