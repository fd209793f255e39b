"""Orders, a module like :mod:`bench_people`."""

from __future__ import annotations

from datetime import datetime

from beanie import Document, PydanticObjectId
from litestar import Controller, get, post
from litestar.exceptions import NotFoundException
from pydantic import BaseModel, Field


class Line(BaseModel):
    article: str
    amount: int = 1


class Order(Document):
    number: int
    lines: list[Line] = Field(default_factory=list)
    placed: datetime | None = None


class OrderCreate(BaseModel):
    number: int
    lines: list[Line] = Field(default_factory=list)


class OrderController(Controller):
    path = "/order"

    @get("/")
    async def list_orders(self, limit: int = 20) -> list[Order]:
        return await Order.find().limit(limit).to_list()

    @get("/{order_id:str}")
    async def read(self, order_id: PydanticObjectId) -> Order:
        order = await Order.get(order_id)
        if order is None:
            raise NotFoundException(f"there is no order {order_id}")
        return order

    @post("/")
    async def create(self, data: OrderCreate) -> Order:
        return await Order(**data.model_dump()).insert()
