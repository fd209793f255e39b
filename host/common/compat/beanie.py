"""What the host uses of Beanie beyond its documented API, which is the package itself and its documents, queries and fields.

Documents cannot be written correctly without the functions that encode them and that run the actions around a method. If one of
these is gone, this module cannot be imported, and neither can plugins with models. Everything else has a fallback.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import beanie
from beanie.odm.fields import ExpressionField
from beanie.odm.queries import delete, find, update

from host.common.compat.probe import Feature, load, probe, warnings_of

__all__ = [
    "FEATURES",
    "QUERY_CLASSES",
    "STATE",
    "Encoder",
    "ExpressionField",
    "adopt",
    "delete",
    "find",
    "get_dict",
    "is_open",
    "linked_class",
    "parse_obj",
    "update",
    "wrap_with_actions",
]

_LIBRARY: Final = "beanie"
Q = TypeVar("Q")

REQUIRED: Final = probe(
    _LIBRARY,
    "documents cannot be written without it; pip install an earlier beanie",
    "beanie.odm.actions:wrap_with_actions",
    "beanie.odm.utils.dump:get_dict",
    "beanie.odm.utils.encoder:Encoder",
)
QUERY_CLASSES: Final = probe(
    _LIBRARY,
    "the queries of documents are exchanged after Beanie has made them, which costs a little",
    "beanie:Document._find_many_query_class",
    "beanie:Document._find_one_query_class",
)
WRITE_CLASSES: Final = probe(
    _LIBRARY,
    "updates and deletions by queries are exchanged after Beanie has made them, which costs a little",
    "beanie.odm.queries.find:FindMany.UpdateQueryType",
    "beanie.odm.queries.find:FindMany.DeleteQueryType",
    "beanie.odm.queries.find:FindOne.UpdateQueryType",
    "beanie.odm.queries.find:FindOne.DeleteQueryType",
)
PARSING: Final = probe(
    _LIBRARY,
    "documents that the host reads without a query of Beanie are validated by pydantic, which finds subclasses more slowly",
    "beanie.odm.utils.parsing:parse_obj",
)
STATE: Final = probe(
    _LIBRARY,
    "a document that was validated from data with an _id is treated as stored",
    "beanie:Document._save_state",
)
#: The attribute in which Beanie keeps the settings of an initialised class. Other classes have only its annotation.
_SETTINGS: Final = "_document_settings"
SETTINGS: Final = Feature(
    _LIBRARY,
    "whether a class is initialised is found by comparing its settings with those of its bases, which is slower",
    (f"beanie:Document.{_SETTINGS}",),
    () if _SETTINGS in beanie.Document.__annotations__ else (f"beanie:Document.{_SETTINGS}",),
)
REGISTRY: Final = probe(
    _LIBRARY,
    "the class that a link names by a string is found among the subclasses of Document",
    "beanie.odm.registry:DocsRegistry.evaluate_fr",
)
FEATURES: Final = (REQUIRED, QUERY_CLASSES, WRITE_CLASSES, PARSING, STATE, SETTINGS, REGISTRY)

if not REQUIRED.works:
    raise ImportError("; ".join(warnings_of([REQUIRED])))

if TYPE_CHECKING:
    from beanie.odm.actions import wrap_with_actions
    from beanie.odm.utils.dump import get_dict
    from beanie.odm.utils.encoder import Encoder
else:
    Encoder = load("beanie.odm.utils.encoder:Encoder")
    get_dict = load("beanie.odm.utils.dump:get_dict")
    wrap_with_actions = load("beanie.odm.actions:wrap_with_actions")

_parse_obj: Final[Any] = load("beanie.odm.utils.parsing:parse_obj")
_registry: Final[Any] = load("beanie.odm.registry:DocsRegistry")


def adopt(kind: type[Q], query: Any) -> Q:
    """Return a query as one of another class, with its filters, sorting and options.

    Args:
        kind: a subclass of its class.
        query: as Beanie has made it; returned itself if it is of that class already.
    """
    if isinstance(query, kind):
        return query
    adopted = kind.__new__(kind)
    adopted.__dict__.update(query.__dict__)
    return adopted


def parse_obj(model: type[Any], stored: Mapping[str, Any]) -> Any:
    """Return the document that the database returned, as an instance of the subclass that it was stored as.

    Args:
        model: the class by which it was searched.
        stored: what the database returned.
    """
    if PARSING.works:
        return _parse_obj(model, stored)
    class_id = stored.get(model.get_settings().class_id)
    name = class_id.rpartition(".")[2] if isinstance(class_id, str) else model.__name__
    document = next((cls for cls in _family(model) if cls.__name__ == name), model).model_validate(stored)
    if hasattr(document, "mark_stored"):
        document.mark_stored()
    return document


def is_open(model: type[beanie.Document]) -> bool:
    """Return whether Beanie has settings of the class itself, not only of a base."""
    if SETTINGS.works:
        return _SETTINGS in vars(model)
    settings = _settings_of(model)
    return settings is not None and all(_settings_of(cls) is not settings for cls in model.__mro__[1:])


def linked_class(name: Any) -> Any:
    """Return the class that a link is annotated with, also if that is a forward reference."""
    if REGISTRY.works:
        return _registry.evaluate_fr(name)
    wanted = getattr(name, "__forward_arg__", name)
    return next((cls for cls in _family(beanie.Document) if cls.__name__ == wanted), name)


def _settings_of(cls: type[Any]) -> Any:
    if not issubclass(cls, beanie.Document):
        return None
    try:
        return beanie.Document.get_settings.__func__(cls)  # type: ignore[attr-defined]  # a class method of Beanie's
    except Exception:  # noqa: BLE001 - Beanie raises AttributeError or its own error, by version
        return None


def _family(cls: type[Any]) -> Iterator[type[Any]]:
    yield cls
    for inner in cls.__subclasses__():
        yield from _family(inner)
