"""Documents as they are found: their fields, and the half of their class that reads and leaves the bin closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import beanie
from beanie.exceptions import CollectionWasNotInitialized
from beanie.odm.settings.document import DocumentSettings
from pydantic import ConfigDict, Field, PrivateAttr, TypeAdapter
from pymongo.asynchronous.client_session import AsyncClientSession

from host.data.documents.fields import Identifier, UtcDatetime, as_identifier, new_identifier, now, wire_name
from host.data.documents.metaclass import DocumentMeta
from host.data.documents.queries import FindMany, FindOne


class Findable(beanie.Document, metaclass=DocumentMeta):
    """The half of :class:`~host.data.documents.document.Document` that reads."""

    model_config = ConfigDict(alias_generator=wire_name)

    id: Identifier = Field(default_factory=new_identifier)  # type: ignore[assignment]  # UUIDs instead of ObjectIds
    version: int = 1
    tags: list[str] = Field(default_factory=list)
    owner: str | None = None
    last_editor: str | None = None
    is_deleted: bool = False
    created_at: UtcDatetime = Field(default_factory=now)
    updated_at: UtcDatetime = Field(default_factory=lambda data: data.get("created_at") or now())

    _find_many_query_class: ClassVar[type] = FindMany
    _find_one_query_class: ClassVar[type] = FindOne
    #: What checks values of single fields, made when it is needed.
    checks: ClassVar[dict[str, TypeAdapter[Any]]]
    _stored: bool = PrivateAttr(default=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Check what the host relies on.

        Raises:
            TypeError: the class names the host's fields otherwise, or one of its own ``self``, which Beanie cannot read.
        """
        super().__pydantic_init_subclass__(**kwargs)
        cls.checks = {}
        for name, field in Findable.model_fields.items():
            if (found := cls.model_fields[name].alias) != field.alias:
                raise TypeError(f"{cls.__name__}.{name} must stay {field.alias!r} in the database, not {found!r}")
        if wrong := [name for name, field in cls.model_fields.items() if field.alias == "self"]:
            raise TypeError(f"{cls.__name__}.{wrong[0]} cannot be 'self' in the database: Beanie would not read it back")

    @classmethod
    def get_settings(cls) -> DocumentSettings:
        """Beanie's settings of this class.

        Those of the base are not inherited: a class that is not open would be stored with them, wherever that is.

        Raises:
            CollectionWasNotInitialized: the class is not open: no plugin registers it, or it is too early.
        """
        if "_document_settings" not in vars(cls):
            message = f"{cls.__name__} is not open: return it from register_models, and wait for on_startup"
            raise CollectionWasNotInitialized(message)
        return super().get_settings()

    @classmethod
    async def get(
        cls,
        document_id: Any,
        session: AsyncClientSession | None = None,
        ignore_cache: bool = False,
        fetch_links: bool = False,
        with_children: bool = False,
        nesting_depth: int | None = None,
        nesting_depths_per_field: dict[str, int] | None = None,
        **pymongo_kwargs: Any,
    ) -> Self | None:
        """The document with an id, ``None`` where there is none, or where this is no id.

        Args:
            document_id: a UUID or its text.
            session: pymongo's.
            ignore_cache: not to be answered from Beanie's cache.
            fetch_links: with what it links to.
            with_children: also of a subclass.
            nesting_depth: how far links are followed.
            nesting_depths_per_field: the same for single fields.
            pymongo_kwargs: ``deleted``, and what pymongo takes.
        """
        try:
            identifier = as_identifier(document_id)
        except ValueError:
            return None
        return await cls.find_one(
            {"_id": identifier},
            session=session,
            ignore_cache=ignore_cache,
            fetch_links=fetch_links,
            with_children=with_children,
            nesting_depth=nesting_depth,
            nesting_depths_per_field=nesting_depths_per_field,
            **pymongo_kwargs,
        )

    @classmethod
    async def count(cls, *, deleted: bool | None = False) -> int:
        """How many documents there are."""
        return await cls.find_all(deleted=deleted).count()

    @classmethod
    def aggregate(  # one signature for Beanie's two
        cls,
        aggregation_pipeline: list[Any],
        projection_model: Any = None,
        session: AsyncClientSession | None = None,
        ignore_cache: bool = False,
        *,
        deleted: bool | None = False,
        **pymongo_kwargs: Any,
    ) -> Any:
        """Beanie's pipeline over the documents; ``deleted=None`` for stages that must be the first, such as ``$geoNear``."""
        return cls.find_all(deleted=deleted).aggregate(
            aggregation_pipeline, projection_model, session=session, ignore_cache=ignore_cache, **pymongo_kwargs
        )

    @classmethod
    async def distinct(
        cls,
        key: str,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - Beanie's name
        session: AsyncClientSession | None = None,
        *,
        deleted: bool | None = False,
        **kwargs: Any,
    ) -> list[Any]:
        """The values of a field, by its name in the database."""
        return await cls.find(filter or {}, session=session, deleted=deleted).distinct(key, **kwargs)

    @property
    def is_stored(self) -> bool:
        """Whether the document came from the database or was written to it."""
        return self._stored or self._saved_state is not None

    def _save_state(self) -> None:
        """Beanie calls it for each document that it read or wrote."""
        super()._save_state()
        self._stored = True
