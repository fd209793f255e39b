"""The generated parts of ``docs/architecture.md`` are up to date, and no page has a link to a missing file."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://)([^)#\s]+)(#[^)\s]*)?\)")


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """Load the script that writes the generated parts."""
    spec = importlib.util.spec_from_file_location("make_architecture", ROOT / "docs" / "make_architecture.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_architecture_page_matches_the_imports(maker: ModuleType) -> None:
    page = maker.PAGE.read_text(encoding="utf-8")
    assert page == maker.render(page), "run: python docs/make_architecture.py"


def test_the_picture_has_every_import_between_rooms(maker: ModuleType) -> None:
    """Following the arrows of the picture leads from each room to all the rooms that it imports."""
    rooms = maker.imports()
    arrows = maker.reduced(rooms)

    def reachable(start: str) -> set[str]:
        ends = {end for begin, end in arrows if begin == start}
        return ends.union(*(reachable(end) for end in ends))

    assert {room: sorted(ends - reachable(room)) for room, ends in rooms.items()} == {room: [] for room in rooms}


def test_every_room_is_in_the_picture(maker: ModuleType) -> None:
    directories = {path.parent.name for path in (ROOT / "host").glob("*/__init__.py")}
    assert set(maker.ROOMS) == directories | {"hookspecs"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_point_to_files(page: Path) -> None:
    targets = [match[1] for match in LINK.finditer(page.read_text(encoding="utf-8"))]
    assert [target for target in targets if not (page.parent / target).exists()] == []
