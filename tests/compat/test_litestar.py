"""A Litestar that has renamed all that the host uses of it beyond its reference: the same application, assembled slower."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import pytest

from host.common.compat.litestar import FEATURES
from tests.compat.renaming import host, rename_in, run, run_tests, warnings
from tests.distributions import Project

#: The names of each use, but for those that are words of other things in Litestar, too.
NAMES = {
    "layers": "ownership_layers",
    "registration": "construct_routing_trie,on_registration,create_kwargs_model,create_handler_map,handler_parameter_model",
    "injection": "dependency_batches,handler_parameter_model",
    "forms": "expected_form_data",
    "signatures": "from_fn",
    "sockets": "_receive_mode,_send_mode,_ws_stream_options",
    "listeners": "_fn",
    "schemas": "get_schema_for_field_definition,get_reference_for_field_definition",
    "descriptions": "for_field_definition",
}
#: What is less without its names: lists of one value in forms, types and comments of sockets, the name of one component.
UNEQUAL = ("forms", "sockets", "listeners", "descriptions")
EQUAL = f"litestar:{','.join(names for feature, names in NAMES.items() if feature not in UNEQUAL)}"

FORM = {
    "acme_form.py": """
from dataclasses import dataclass
from typing import Annotated
from hookspecs import hookimpl
from litestar import post
from litestar.enums import RequestEncodingType
from litestar.params import Body

@dataclass
class Words:
    words: list[str]

@post("/words")
async def take(data: Annotated[Words, Body(media_type=RequestEncodingType.URL_ENCODED)]) -> int: return len(data.words)

@hookimpl
def register_routes(): return [take]
"""
}
LIVE = """
    from litestar import websocket_listener
    @websocket_listener("/live", sync_to_thread=False)
    def listen(data: str) -> str:
        '''Echo.'''
        return data
    @hookimpl
    def register_routes(): return [listen]
"""
SEND = """
    import asyncio, httpx
    from host import Host
    async def main():
        async with Host(".") as host:
            transport = httpx.ASGITransport(app=host.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://host") as client:
                for words in (["a"], ["a", "b"]):
                    print((await client.post("/acme__form/words", data={"words": words})).status_code)
    asyncio.run(main())
"""


def test_the_installed_litestar_has_all_names():
    assert [feature.missing for feature in FEATURES] == [()] * len(FEATURES)


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_each_missing_name_is_reported(names: str):
    lines = warnings(f"litestar:{names}", "litestar")
    assert all(line.startswith(f"litestar {version('litestar')} has no ") for line in lines)
    reported = {line.split(" has no ")[1].partition(":")[0].rpartition(".")[2] for line in lines}
    assert reported == set(names.split(","))


@pytest.fixture(scope="module")
def fast() -> Any:
    return json.loads(run("", "-m", "tests.compat.snapshot"))


@pytest.fixture(scope="module")
def plain() -> Any:
    return json.loads(run(EQUAL, "-m", "tests.compat.snapshot"))


@pytest.mark.parametrize("part", ["routes", "openapi", "typescript", "answers"])
def test_the_application_is_the_same(fast: Any, plain: Any, part: str):
    assert plain[part] == fast[part]
    assert len(fast[part]) > 1


def test_handlers_get_what_the_host_provides():
    run_tests(EQUAL, "tests/host/test_application.py", "tests/host/test_injection.py", "tests/host/test_authentication.py")


def test_a_list_of_one_value_in_a_form_is_refused(project: Project):
    project.install("acme-form", FORM)
    rename_in(project, f"litestar:{NAMES['forms']}")
    outcome = project.python(SEND)
    assert outcome.stdout == "400\n201\n", outcome


def test_frames_of_sockets_are_unknown(project: Project):
    project.install("acme-live", LIVE)
    rename_in(project, f"litestar:{NAMES['sockets']},{NAMES['listeners']}")
    ended = host(project, "generate-config", "--output", "generated.ts")
    assert ended.returncode == 0, ended
    assert "Socket<[], unknown, unknown>" in (project.directory / "generated.ts").read_text(encoding="utf-8")
