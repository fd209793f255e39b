"""Write plugins with many routes, as pip leaves them, for the measurements of generated TypeScript.

Five routes belong to one entity. Each route has its own request and response model; with five nested models and two enums that
makes 17 component schemas per entity. Entities use msgspec and pydantic models alternately.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from benchmarks.distributions import install_plugin

#: Routes per plugin.
ROUTES: Final = 50
#: Routes in total → plugins.
PLUGINS: Final = {50: 1, 500: 10, 2000: 40}

_VERBS: Final = {
    "create": ("post", ""),
    "replace": ("put", "/{id:str}"),
    "update": ("patch", "/{id:str}"),
    "createSearch": ("post", "/search"),
    "createCopy": ("post", "/{id:str}/copy"),
}

_HEAD: Final = '''"""A plugin."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID

from litestar import patch, post, put
from msgspec import Meta, Struct
from pydantic import BaseModel, Field

from hookspecs import hookimpl

'''

_MSGSPEC: Final = {
    "base": "Struct",
    "text": "Annotated[str, Meta(min_length=1, max_length=200, description='What it is called.')]",
    "count": "Annotated[int, Meta(ge=0)]",
}
_PYDANTIC: Final = {
    "base": "BaseModel",
    "text": "Annotated[str, Field(min_length=1, max_length=200, description='What it is called.')]",
    "count": "Annotated[int, Field(ge=0)]",
}

_ENUMS: Final = """
class {name}State(Enum):
    OPEN = "open"
    DONE = "done"
    LATE = "late"


class {name}Unit(Enum):
    PIECE = "piece"
    HOUR = "hour"
"""

_MODELS: Final = '''
class {name}{verb}Part({base}):
    label: {text}
    weight: float | None = None
    unit: {name}Unit = {name}Unit.PIECE
    tags: list[str] = []


class {name}{verb}Input({base}):
    title: {text}
    part: {name}{verb}Part
    amount: {count} = 0
    state: {name}State = {name}State.OPEN
    due: date | None = None
    mode: Literal["fast", "slow"] = "fast"
    extra: dict[str, int] = {{}}


class {name}{verb}Done({base}):
    """What became of it."""

    id: UUID
    title: str
    state: {name}State
    created: datetime
    parts: list[{name}{verb}Part]
    owner: str | None = None
    place: tuple[float, float] | None = None
'''

_ROUTE: Final = '''
@{method}("/{entity}{path}", sync_to_thread=False)
def {entity}_{verb}({argument}data: {model}Input) -> {model}Done:
    """Do it."""
    raise NotImplementedError
'''

_END: Final = """

@hookimpl
def register_routes():
    return [{handlers}]
"""


def install(site: Path, plugins: int, routes: int = ROUTES) -> Path:
    """Write the plugins.

    Args:
        site: a directory; created if missing.
        plugins: how many.
        routes: the routes of each plugin.

    Returns:
        The site.
    """
    site.mkdir(exist_ok=True)
    for number in range(plugins):
        install_plugin(site, f"bench-p{number:02d}", f"bench_p{number:02d}", source=source(number, routes))
    return site


def source(plugin: int, routes: int) -> str:
    """Return the source of one plugin. Model names differ between plugins, which is the better case for OpenAPI."""
    entities = range(routes // len(_VERBS))
    handlers = ", ".join(f"item{number}_{verb}" for number in entities for verb in _VERBS)
    return _HEAD + "".join(_entity(number, f"P{plugin:02d}Item{number}") for number in entities) + _END.format(handlers=handlers)


def _entity(number: int, name: str) -> str:
    entity, words = f"item{number}", _PYDANTIC if number % 2 else _MSGSPEC
    text = [_ENUMS.format(name=name)]
    for verb, (method, path) in _VERBS.items():
        upper = verb[0].upper() + verb[1:]
        argument = "id: str, " if "id" in path else ""
        text.append(_MODELS.format(name=name, verb=upper, **words))
        text.append(_ROUTE.format(method=method, entity=entity, path=path, verb=verb, argument=argument, model=name + upper))
    return "\n".join(text)
