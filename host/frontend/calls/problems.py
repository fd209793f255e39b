"""Which errors a call can meet that its route declares, by status."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from litestar.enums import ParamType
from litestar.exceptions import HTTPException

from host.frontend.calls.annotations import choices, class_of
from host.frontend.text import union
from host.frontend.types.expressions import is_record_class
from host.frontend.types.wire import shared

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.openapi.datastructures import ResponseSpec

    from host.frontend.calls.parameters import Parameters
    from host.frontend.types.collector import Collector

_INVALID: Final = 400
_ERRORS: Final = range(400, 600)


def problems_of(handler: HTTPRouteHandler, taken: Parameters, types: Collector, place: str) -> tuple[tuple[int, str], ...]:
    """What a route refuses with: what it ``raises``, its further ``responses``, and 400 where Litestar checks what it takes.

    Args:
        handler: registered.
        taken: what the route takes.
        types: collects the types.
        place: where it stands, for warnings.

    Returns:
        status and type expression of each, by status.
    """
    found: dict[int, dict[str, None]] = {}
    plain: set[int] = set()
    for error in handler.raises or ():
        status = int(error.status_code)
        extra = _extra(error, types, place)
        found.setdefault(status, {})
        if extra is None:
            plain.add(status)
        else:
            found[status][f"Problem<{status}, {extra}>"] = None
    for status, spec in sorted((handler.responses or {}).items()):
        if status in _ERRORS:
            found.setdefault(status, {})[_declared(status, spec, types, place)] = None
    if _is_checked(taken):
        # One of ours that says nothing of its own fits that too.
        found.setdefault(_INVALID, {})[shared("Invalid")] = None
        plain.discard(_INVALID)
    return tuple((status, f"Problem<{status}>" if status in plain else union(list(found[status]))) for status in sorted(found))


def _is_checked(taken: Parameters) -> bool:
    return (
        taken.data is not None or any(one.checked for one in taken.path) or any(one.kind != ParamType.PATH for one in taken.others)
    )


def _extra(error: type[HTTPException], types: Collector, place: str) -> str | None:
    """The type of ``extra``, where the class of the error annotates it itself."""
    owner = next((cls for cls in error.__mro__ if "extra" in inspect.get_annotations(cls)), HTTPException)
    if owner is HTTPException:
        return None
    return types.type_from_factory(lambda: get_type_hints(owner, include_extras=True)["extra"], "out", place, owner)


def _declared(status: int, spec: ResponseSpec, types: Collector, place: str) -> str:
    """The type of a response that is declared beside the success: the runtime makes a problem of it that has its fields too."""
    problem = f"Problem<{status}>"
    media = str(getattr(spec.media_type, "value", spec.media_type))
    container: Any = spec.data_container
    if "json" not in media or container is None or not all(_is_object(one) for one in choices(container)):
        return problem
    shown = types.type_of(container, "out", place)
    return f"{problem} & {f'({shown})' if ' | ' in shown else shown}"


def _is_object(annotation: Any) -> bool:
    cls = class_of(annotation)
    return cls is not None and (is_record_class(cls) or hasattr(cls, "model_fields")) and not issubclass(cls, tuple)
