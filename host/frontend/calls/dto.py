"""What travels in place of a type for which there is a DTO."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin

from litestar.dto import DTOData

if TYPE_CHECKING:
    from litestar.handlers import BaseRouteHandler
    from litestar.typing import FieldDefinition

    from host.frontend.types.collector import Collector
    from host.frontend.types.wire import Mode


class _Annotations:
    """Stands in for Litestar's schema creator to learn the annotation behind a DTO."""

    def for_field_definition(self, field: FieldDefinition) -> Any:
        return field


def dto_expression(
    dto: Any, field: FieldDefinition, handler: BaseRouteHandler, mode: Mode, types: Collector, place: str, name: str
) -> str:
    """The type expression of what a DTO sends or takes.

    Args:
        dto: as the handler resolves it.
        field: what the handler takes or returns.
        handler: registered.
        mode: which way it travels.
        types: collects the types.
        place: where it stands, for warnings.
        name: for the class that Litestar has made of it.
    """
    return types.type_from_factory(lambda: _annotation(dto, field, handler, types, name), mode, place, field.raw)


def _annotation(dto: Any, field: FieldDefinition, handler: BaseRouteHandler, types: Collector, name: str) -> Any:
    made = dto.create_openapi_schema(field_definition=field, handler_id=handler.handler_id, schema_creator=_Annotations())
    annotation = made.raw
    if get_origin(annotation) is DTOData:
        annotation = get_args(annotation)[0]
    types.assign_name(annotation, name)
    return annotation
