"""The errors that a route declares, as problem types by status."""

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


def problems_of(handler: HTTPRouteHandler, parameters: Parameters, types: Collector, place: str) -> tuple[tuple[int, str], ...]:
    """Return the errors of a route: its ``raises``, its error ``responses``, and 400 if Litestar validates its input.

    Args:
        handler: A registered handler.
        parameters: The parameters of the route.
        types: Collects the types.
        place: The route, for warnings.

    Returns:
        Status and type expression of each error, by status.
    """
    by_status: dict[int, dict[str, None]] = {}
    plain: set[int] = set()
    for error in handler.raises or ():
        status = int(error.status_code)
        extra = _extra(error, types, place)
        by_status.setdefault(status, {})
        if extra is None:
            plain.add(status)
        else:
            by_status[status][f"Problem<{status}, {extra}>"] = None
    for status, spec in sorted((handler.responses or {}).items()):
        if status in _ERRORS:
            by_status.setdefault(status, {})[_declared(status, spec, types, place)] = None
    if _is_checked(parameters):
        # `Invalid` includes a plain `Problem<400>` of the route itself.
        by_status.setdefault(_INVALID, {})[shared("Invalid")] = None
        plain.discard(_INVALID)
    return tuple(
        (status, f"Problem<{status}>" if status in plain else union(list(by_status[status]))) for status in sorted(by_status)
    )


def _is_checked(parameters: Parameters) -> bool:
    return (
        parameters.data is not None
        or any(parameter.checked for parameter in parameters.path)
        or any(parameter.kind != ParamType.PATH for parameter in parameters.others)
    )


def _extra(error: type[HTTPException], types: Collector, place: str) -> str | None:
    """Return the type of ``extra`` if the error class annotates it, else ``None``."""
    owner = next((cls for cls in error.__mro__ if "extra" in inspect.get_annotations(cls)), HTTPException)
    if owner is HTTPException:
        return None
    return types.type_from_factory(lambda: get_type_hints(owner, include_extras=True)["extra"], "out", place, owner)


def _declared(status: int, spec: ResponseSpec, types: Collector, place: str) -> str:
    """Return the type of a declared error response: the runtime turns it into a problem that has its fields too."""
    problem = f"Problem<{status}>"
    media = str(getattr(spec.media_type, "value", spec.media_type))
    container: Any = spec.data_container
    if "json" not in media or container is None or not all(_is_object(choice) for choice in choices(container)):
        return problem
    expression = types.type_of(container, "out", place)
    return f"{problem} & {f'({expression})' if ' | ' in expression else expression}"


def _is_object(annotation: Any) -> bool:
    cls = class_of(annotation)
    return cls is not None and (is_record_class(cls) or hasattr(cls, "model_fields")) and not issubclass(cls, tuple)
