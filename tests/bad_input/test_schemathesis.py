"""Every route of the sample plugins, with what their own OpenAPI document allows and with what it does not.

The requests are the same in each run.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import httpx
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

from tests.distributions import Project
from tests.serverkit import Serve, Server, serve

__all__ = ("serve",)

#: No 5xx; and status, headers and body are such as the document says of that route.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
)
PHASES = ("examples", "coverage", "fuzzing", "stateful")
BUILT_WRONG = """
    import msgspec
    from litestar import get
    from litestar.params import FromQuery

    class Item(msgspec.Struct):
        size: int

    @get("/lies", sync_to_thread=False)
    def lies() -> Item:
        return {"size": "big"}

    @get("/falls", sync_to_thread=False)
    def falls(number: FromQuery[int]) -> int:
        return 1 // 0

    @hookimpl
    def register_routes(scope):
        return [lies, falls]
"""


@dataclass
class Findings:
    """What one phase did and found."""

    failures: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)

    def add(self, event: object) -> None:
        """Note what an event of the run tells."""
        if isinstance(event, NonFatalError | FatalError):
            self.failures.add(f"schemathesis itself: {event}")
        if not isinstance(event, ScenarioFinished):
            return
        self.statuses.update(one.response.status_code for one in event.recorder.interactions.values() if one.response is not None)
        self.operations.add(event.recorder.label)
        for checks in event.recorder.checks.values():
            for one in checks:
                if one.status == Status.FAILURE and one.failure_info is not None:
                    self.failures.add(f"{event.recorder.label}: {one.name}: {one.failure_info.failure.message}")


def run(server: Server, phase: str, examples: int, paths: str = "", **headers: str) -> Findings:
    """Let schemathesis send requests.

    Args:
        server: to whom.
        phase: ``coverage`` goes through the boundaries of each parameter, ``fuzzing`` invents.
        examples: how many requests are invented a route.
        paths: only to paths that match this.
        headers: of each request.
    """
    config = SchemathesisConfig.from_dict(
        {
            "seed": 4,
            "headers": headers,
            "cache": {"enabled": False},
            "workers": 1,
            "generation": {"deterministic": True, "max-examples": examples, "database": "none"},
            "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
            "phases": {
                **{name: {"enabled": name == phase} for name in PHASES},
                # What a request learns from an answer depends on what was stored before.
                "fuzzing": {"enabled": phase == "fuzzing", "extra-data-sources": {"responses": False}},
            },
        }
    )
    schema = schemathesis.openapi.from_url(f"{server.url}/schema/openapi.json", config=config)
    found = Findings()
    for event in from_schema(schema.include(path_regex=paths) if paths else schema).execute():
        found.add(event)
    return found


@pytest.mark.parametrize(("phase", "examples"), [("coverage", 1), ("fuzzing", 30)])
def test_every_route_answers_as_it_says_whatever_it_is_sent(server: Server, phase: str, examples: int) -> None:
    found = run(server, phase, examples)
    assert not found.failures, "\n\n".join(sorted(found.failures))
    assert not [status for status in found.statuses if status >= 500]
    assert min(found.statuses[status] for status in (200, 400, 404)) > 10, found.statuses
    assert {"GET /acme__todo/task", "GET /acme__billing/quota", "POST /acme__auth/login"} <= found.operations
    assert "Traceback" not in server.stderr


def test_so_do_the_routes_behind_a_login(server: Server, client: httpx.Client) -> None:
    login = {"email": "root@example.org", "password": "correct horse"}
    assert client.post("/acme__auth/register", json=login).status_code == 201
    token = client.post("/acme__auth/login", json=login).json()["token"]
    found = run(server, "fuzzing", 30, "/roles$", Authorization=f"Bearer {token}")
    assert not found.failures, "\n\n".join(sorted(found.failures))
    assert found.statuses[404], found.statuses
    assert found.statuses.keys() <= {400, 404, 415}, found.statuses


def test_a_route_that_falls_or_lies_would_be_found(project: Project, serve: Serve) -> None:
    project.install("shop-cart", BUILT_WRONG)
    server = serve('[plugins]\nenabled = ["shop-cart"]', environment={"PYTHONPATH": str(project.site.directory)})
    found = "\n".join(run(server, "fuzzing", 5).failures)
    assert "GET /shop__cart/falls: not_a_server_error" in found
    assert "GET /shop__cart/lies: response_schema_conformance" in found
