"""Write the generated parts of ``docs/architecture.md`` from the imports of the packages: ``python docs/make_architecture.py``."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "architecture.md"

#: In the order of the story that the page tells.
ROOMS = (
    "cli",
    "lifecycle",
    "web",
    "registration",
    "loading",
    "discovery",
    "data",
    "database",
    "frontend",
    "common",
    "hookspecs",
)


def imports() -> dict[str, set[str]]:
    """Return the rooms that each room imports."""
    graph = grimp.build_graph("host", "hookspecs", include_external_packages=False, cache_dir=None)
    rooms: dict[str, set[str]] = {room: set() for room in ROOMS}
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            start, end = _room(importer), _room(imported)
            if start != end and start in rooms and end in rooms:
                rooms[start].add(end)
    return rooms


def _room(module: str) -> str:
    top, _, rest = module.partition(".")
    return "hookspecs" if top == "hookspecs" else rest.partition(".")[0]


def reduced(rooms: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Return the imports between rooms that do not follow from others: of a -> b -> c and a -> c, only the first two."""

    def reachable(start: str) -> set[str]:
        return rooms[start].union(*(reachable(room) for room in rooms[start]))

    return [
        (start, end)
        for start in ROOMS
        for end in ROOMS
        if end in rooms[start] and not any(end in reachable(room) for room in rooms[start] if room != end)
    ]


def diagram(rooms: dict[str, set[str]]) -> str:
    """Return the picture in the language of Mermaid, which GitHub draws."""
    arrows = "".join(f"  {start} --> {end}\n" for start, end in reduced(rooms))
    return f"```mermaid\nflowchart TD\n{arrows}```\n"


def table(rooms: dict[str, set[str]]) -> str:
    """Return one row per room: its purpose and the rooms that it imports."""
    lines = ["| room | purpose | imports |", "| --- | --- | --- |"]
    for room in ROOMS:
        directory = ROOT / ("hookspecs" if room == "hookspecs" else f"host/{room}")
        docstring = ast.get_docstring(ast.parse((directory / "__init__.py").read_text(encoding="utf-8"))) or ""
        purpose = re.sub(r"``(.*?)``", r"`\1`", docstring.partition("\n")[0])
        used = ", ".join(other for other in ROOMS if other in rooms[room]) or "nothing"
        lines.append(f"| [`{directory.relative_to(ROOT)}`](../{directory.relative_to(ROOT)}) | {purpose} | {used} |")
    return "\n".join(lines) + "\n"


def render(page: str) -> str:
    """Return the page with its generated parts replaced."""
    rooms = imports()
    for name, content in (("diagram", diagram(rooms)), ("rooms", table(rooms))):
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}"
    return page


def main() -> None:
    """Write the page."""
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
