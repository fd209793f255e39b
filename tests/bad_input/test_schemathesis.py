"""Requests to every route of the sample plugins, valid and invalid according to their own OpenAPI document.

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

#: The status is not a 5xx; status, headers and body conform to the route's documentation.
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
    """The requests and the failures of one phase."""

    failures: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)

    def add(self, event: object) -> None:
        """Record an event of the run."""
        if isinstance(event, NonFatalError | FatalError):
            self.failures.add(f"schemathesis itself: {event}")
        if not isinstance(event, ScenarioFinished):
            return
        self.statuses.update(
            interaction.response.status_code
            for interaction in event.recorder.interactions.values()
            if interaction.response is not None
        )
        self.operations.add(event.recorder.label)
        for checks in event.recorder.checks.values():
            for check in checks:
                if check.status == Status.FAILURE and check.failure_info is not None:
                    self.failures.add(f"{event.recorder.label}: {check.name}: {check.failure_info.failure.message}")


def run(server: Server, phase: str, examples: int, paths: str = "", **headers: str) -> Findings:
    """Send requests with schemathesis.

    Args:
        server: the server that receives them.
        phase: ``coverage`` tries the boundaries of each parameter, ``fuzzing`` generates random requests.
        examples: how many requests are generated for each route.
        paths: a pattern for the paths; all paths if empty.
        headers: headers of each request.
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
                # The requests that a response would lead to depend on what was stored before.
                "fuzzing": {"enabled": phase == "fuzzing", "extra-data-sources": {"responses": False}},
            },
        }
    )
    schema = schemathesis.openapi.from_url(f"{server.url}/schema/openapi.json", config=config)
    findings = Findings()
    for event in from_schema(schema.include(path_regex=paths) if paths else schema).execute():
        findings.add(event)
    return findings


@pytest.mark.parametrize(("phase", "examples"), [("coverage", 1), ("fuzzing", 30)])
def test_every_route_responds_as_documented_to_any_request(server: Server, phase: str, examples: int) -> None:
    findings = run(server, phase, examples)
    assert not findings.failures, "\n\n".join(sorted(findings.failures))
    assert not [status for status in findings.statuses if status >= 500]
    assert min(findings.statuses[status] for status in (200, 400, 404)) > 10, findings.statuses
    assert {"GET /acme__todo/task", "GET /acme__billing/quota", "POST /acme__auth/login"} <= findings.operations
    assert "Traceback" not in server.stderr


def test_routes_that_require_a_login_respond_as_documented_to_any_request(server: Server, client: httpx.Client) -> None:
    login = {"email": "root@example.org", "password": "correct horse"}
    assert client.post("/acme__auth/register", json=login).status_code == 201
    token = client.post("/acme__auth/login", json=login).json()["token"]
    findings = run(server, "fuzzing", 30, "/roles$", Authorization=f"Bearer {token}")
    assert not findings.failures, "\n\n".join(sorted(findings.failures))
    assert findings.statuses[404], findings.statuses
    assert findings.statuses.keys() <= {400, 404, 415}, findings.statuses


def test_a_route_that_fails_or_breaks_its_schema_is_reported(project: Project, serve: Serve) -> None:
    project.install("shop-cart", BUILT_WRONG)
    server = serve('[plugins]\nenabled = ["shop-cart"]', environment={"PYTHONPATH": str(project.site.directory)})
    failures = "\n".join(run(server, "fuzzing", 5).failures)
    assert "GET /shop__cart/falls: not_a_server_error" in failures
    assert "GET /shop__cart/lies: response_schema_conformance" in failures
