"""The part of the document base class that declares the fields and reads; it excludes soft-deleted documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import beanie
from beanie.exceptions import CollectionWasNotInitialized
from pydantic import ConfigDict, Field, PrivateAttr, TypeAdapter
from pymongo.asynchronous.client_session import AsyncClientSession

from host.common.compat.beanie import QUERY_CLASSES, STATE, adopt, is_open
from host.data.documents.fields import Identifier, UtcDatetime, as_identifier, new_identifier, now, wire_name
from host.data.documents.metaclass import DocumentMeta
from host.data.documents.queries import FindMany, FindOne


class Findable(beanie.Document, metaclass=DocumentMeta):
    """The reading part of :class:`~host.data.documents.document.Document`."""

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
    if not TYPE_CHECKING and not QUERY_CLASSES.works:

        @classmethod
        def find_many(cls, *args: Any, **options: Any) -> Any:
            """Find documents by criteria."""
            return adopt(FindMany, super().find_many(*args, **options)).take_deleted()

        @classmethod
        def find_one(cls, *args: Any, **options: Any) -> Any:
            """Find one document by criteria."""
            return adopt(FindOne, super().find_one(*args, **options)).take_deleted()

    #: Validate values of single fields; built on first use.
    type_adapters: ClassVar[dict[str, TypeAdapter[Any]]]
    _stored: bool = PrivateAttr(default=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Check the stored names of the fields.

        Raises:
            TypeError: the class renames a field of the host, or names one of its own ``self``, which Beanie cannot read.
        """
        super().__pydantic_init_subclass__(**kwargs)
        cls.type_adapters = {}
        for name, field in Findable.model_fields.items():
            if (alias := cls.model_fields[name].alias) != field.alias:
                raise TypeError(f"{cls.__name__}.{name} must stay {field.alias!r} in the database, not {alias!r}")
        if named_self := [name for name, field in cls.model_fields.items() if field.alias == "self"]:
            raise TypeError(f"{cls.__name__}.{named_self[0]} cannot be 'self' in the database: Beanie would not read it back")

    @classmethod
    def get_settings(cls) -> Any:
        """Return Beanie's settings of this class.

        Settings are not inherited here: a class that is not open would use those of its base, and thus the collection of its base.

        Raises:
            CollectionWasNotInitialized: the class is not open: no plugin registers it, or the database is not open yet.
        """
        if not is_open(cls):
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
        """Return the document with an id, or ``None`` if it does not exist or the id is not a UUID.

        Args:
            document_id: a UUID or its string.
            session: pymongo's session.
            ignore_cache: bypass Beanie's cache.
            fetch_links: fetch linked documents too.
            with_children: include documents of subclasses.
            nesting_depth: how many levels of links are followed.
            nesting_depths_per_field: the same for single fields.
            pymongo_kwargs: ``deleted``, and arguments for pymongo.
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
        """Return the number of documents."""
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
        """Run an aggregation pipeline; with a stage that must come first, such as ``$geoNear``, pass ``deleted=None``."""
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
        """Return the distinct values of a field, which is named as it is in the database."""
        return await cls.find(filter or {}, session=session, deleted=deleted).distinct(key, **kwargs)

    @property
    def is_stored(self) -> bool:
        """Whether the document was read from the database or written to it."""
        return self._stored or self.get_saved_state() is not None

    def mark_stored(self) -> None:
        """Note that the document is stored, which Beanie does not of documents that are written together."""
        if STATE.works:
            self._save_state()
        self._stored = True

    if TYPE_CHECKING or STATE.works:

        def _save_state(self) -> None:
            """Note that the document is stored; Beanie calls this for each document that it reads or writes."""
            super()._save_state()
            self._stored = True

    else:

        @classmethod
        def model_validate(cls, obj: Any, **options: Any) -> Self:
            """Validate data, and note that the document is stored if they have an ``_id``."""
            document = super().model_validate(obj, **options)
            document._stored = isinstance(obj, Mapping) and "_id" in obj  # noqa: SLF001 - of the same class
            return document

        async def save(self, *args: Any, **options: Any) -> Self:
            """Write the document, new or not."""
            document = await super().save(*args, **options)
            self._stored = True
            return document
