"""People: the module that the plugin and the hand-written application of the startup measurement share."""

from __future__ import annotations

from beanie import Document, PydanticObjectId
from litestar import Controller, delete, get, patch, post
from litestar.exceptions import NotFoundException
from pydantic import BaseModel, Field


class Person(Document):
    name: str
    mail: str | None = None
    tags: list[str] = Field(default_factory=list)


class PersonCreate(BaseModel):
    name: str
    mail: str | None = None


class PersonUpdate(BaseModel):
    name: str | None = None
    mail: str | None = None


class PersonController(Controller):
    path = "/person"

    @get("/")
    async def list_people(self, limit: int = 20) -> list[Person]:
        return await Person.find().limit(limit).to_list()

    @get("/{person_id:str}")
    async def read(self, person_id: PydanticObjectId) -> Person:
        return await _find(person_id)

    @post("/")
    async def create(self, data: PersonCreate) -> Person:
        return await Person(**data.model_dump()).insert()

    @patch("/{person_id:str}")
    async def update(self, person_id: PydanticObjectId, data: PersonUpdate) -> Person:
        person = await _find(person_id)
        return await person.set(data.model_dump(exclude_unset=True))

    @delete("/{person_id:str}")
    async def remove(self, person_id: PydanticObjectId) -> None:
        await (await _find(person_id)).delete()


async def _find(person_id: PydanticObjectId) -> Person:
    person = await Person.get(person_id)
    if person is None:
        raise NotFoundException(f"there is no person {person_id}")
    return person
