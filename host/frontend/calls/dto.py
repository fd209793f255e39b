"""The type that travels if a route has a DTO."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin

from litestar.dto import DTOData

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.handlers import BaseRouteHandler
    from litestar.typing import FieldDefinition

    from host.frontend.types.collector import Collector
    from host.frontend.types.wire import Mode


class _Annotations:
    """Replaces Litestar's schema creator: whatever a DTO asks it for, it returns the annotation behind the DTO, not a schema."""

    def __getattr__(self, _method: str) -> Callable[[FieldDefinition], FieldDefinition]:
        return lambda field: field


def dto_expression(
    dto: Any, field: FieldDefinition, handler: BaseRouteHandler, mode: Mode, types: Collector, place: str, name: str
) -> str:
    """Return the type expression of what a DTO sends or accepts.

    Args:
        dto: The DTO that the handler resolved.
        field: What the handler accepts or returns.
        handler: A registered handler.
        mode: The direction.
        types: Collects the types.
        place: The route, for warnings.
        name: The name of the class that Litestar created.
    """
    return types.type_from_factory(lambda: _annotation(dto, field, handler, types, name), mode, place, field.raw)


def _annotation(dto: Any, field: FieldDefinition, handler: BaseRouteHandler, types: Collector, name: str) -> Any:
    field_definition = dto.create_openapi_schema(
        field_definition=field, handler_id=handler.handler_id, schema_creator=_Annotations()
    )
    annotation = field_definition.raw
    if get_origin(annotation) is DTOData:
        annotation = get_args(annotation)[0]
    types.assign_name(annotation, name)
    return annotation
