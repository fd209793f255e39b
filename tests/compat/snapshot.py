"""What the sample plugins look like from outside, as JSON: routes, OpenAPI document, TypeScript and some answers."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from host import Host
from host.common.settings import load_settings
from host.web.litestar.routing import assembled_routes

#: Identifiers and times.
_VARIABLE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[0-9:.]+Z")
PLUGINS = {"HOST_PLUGINS_ENABLED": "acme__auth,acme__billing,acme__todo"}
REQUESTS = (
    ("GET", "/health/ready", None),
    ("GET", "/acme__todo/nothing", None),
    ("GET", "/acme__todo/task?limit=x", None),
    ("GET", "/acme__todo/task", None),
    ("POST", "/acme__auth/login", {"email": 3}),
    ("POST", "/acme__todo/task", {"title": "a"}),
)


async def snapshot() -> dict[str, Any]:
    """Start the plugins, and look."""
    with tempfile.TemporaryDirectory() as directory:
        async with Host(load_settings(Path(directory), PLUGINS)) as host:
            generated = host.generate().text
            routes = [(route.owner, route.method, route.path) for route in assembled_routes(host.app)]
            answers = await asyncio.gather(*(answer(host, *request) for request in REQUESTS))
            return {
                "routes": routes,
                "openapi": host.app.openapi_schema.to_schema(),
                "typescript": generated,
                "answers": answers,
            }


async def answer(host: Host, method: str, path: str, body: Any) -> tuple[int, Any, str | None]:
    """Status, content and schema header of one answer."""
    transport = httpx.ASGITransport(app=host.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://host") as client:
        response = await client.request(method, path, json=body, headers={"x-request-id": "one"})
        content = _VARIABLE.sub("", response.text)
        return response.status_code, json.loads(content), response.headers.get("x-schema")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(snapshot()), sort_keys=True))
