"""raclette's composable for frontends, written with nothing but the object of a plugin in the generated file (row R40)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.distributions import Project
from tests.frontend.compile import COMPILERS, compile_files
from tests.frontend.running import bundled, run

HERE: Final = Path(__file__).parent
SHELF: Final = """
    from dataclasses import dataclass
    from litestar import get, post
    from litestar.params import FromPath, JSONBody

    @dataclass
    class Book:
        title: str

    @get("/book/{_id:str}", opt=operation("dataRead"))
    async def read(_id: FromPath[str]) -> Book: return Book(_id)
    @post("/book", opt=operation("dataCreate", broadcast=["bookCreated"]))
    async def create(data: JSONBody[Book]) -> Book: return data

    @hookimpl
    def register_channels(scope): return Channel("bookCreated", Book)
    @hookimpl
    def register_routes(scope): return [read, create]
"""


@pytest.fixture
def page(project: Project) -> Path:
    """The composable, copied beside the generated file of a plugin."""
    project.install("acme-shelf", SHELF)
    assert project.host("generate-config").code == 0
    return Path(shutil.copy(HERE / "use_plugin_api.ts", project.directory))


@pytest.mark.parametrize("compiler", COMPILERS)
def test_R40_raclettes_composable_can_be_written_from_the_file_alone(page: Path, compiler: str) -> None:
    """raclette's own file fails the strict flags, because its ``payload`` has no type."""
    assert compile_files([page], compiler) == ""


def test_R40_the_composable_sends_requests_with_store_actions_and_listens_to_channels(page: Path) -> None:
    assert json.loads(run(bundled(page))) == {
        # Parameters are encoded; raclette leaves this to the caller.
        "read": {"id": "plugin-acme__shelf-book-get", "storeActionType": "dataRead", "data": "get /acme__shelf/book/a%2Fb%20c"},
        "created": {"id": "plugin-acme__shelf-book-create", "storeActionType": "dataCreate", "data": "post /acme__shelf/book"},
        # The listener uses the short name of the channel, the message its full name.
        "heard": [{"title": "Ada"}],
        "refused": "Error: acme__shelf has no channel bookBurnt",
    }
