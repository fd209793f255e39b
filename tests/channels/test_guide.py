"""The plugin in ``docs/channels.md`` works as the guide says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from host import Host
from host.common.settings.model import ChannelsSettings
from tests.channels.clients import socket
from tests.conformance.kit import in_host
from tests.distributions import Project
from tests.inprocess import client_of

PAGE = (Path(__file__).parents[2] / "docs" / "channels.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The only block of code in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_plugin_of_the_guide_works(project: Project) -> None:
    project.install("acme-news", {"acme_news.py": block("python")})

    async def check(host: Host) -> None:
        async with socket(host) as ws, socket(host, {"X-Desk": "news"}) as desk, client_of(host) as client:
            await ws.subscribe("acme__news--published")
            refused = await ws.request({"subscribe": "acme__news--drafts"})
            assert (refused["error"], refused["status"]) == ("drafts are for the news desk", 403)
            await desk.subscribe("acme__news--drafts")
            answer = await client.post("/acme__news/story", json={"headLine": "x"})
            assert answer.status_code == 201
            assert await ws.next_message() == {"channel": "acme__news--published", "data": {"headLine": "x"}}

    in_host(project, check)


def test_the_settings_in_the_guide_are_the_defaults() -> None:
    shown = tomllib.loads(block("toml"))["channels"]
    assert shown == {name: getattr(ChannelsSettings(), name) for name in ChannelsSettings.__struct_fields__}
