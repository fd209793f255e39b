"""The documents: accounts and invoices. Stored and sent in camelCase."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import uuid4

from beanie import DecimalAnnotation, Document
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pymongo import ASCENDING, DESCENDING, IndexModel

from acme_billing.contract import Plan


def wire_name(name: str) -> str:
    """The name of a field in the database and on the wire; ``id`` is MongoDB's ``_id``."""
    return "_id" if name == "id" else to_camel(name)


#: A UUID as it is stored and sent: a string, lower case, with hyphens.
Identifier = Annotated[str, Field(json_schema_extra={"format": "uuid"})]


class Account(Document):
    """How much one account uses. Its limit is not stored: it is what the options give its plan.

    Args:
        id: the account's name; being the ``_id``, it is unique without an index of its own.
        plan: what it pays for.
        used: reserved units.
    """

    model_config = ConfigDict(alias_generator=wire_name)

    id: str  # type: ignore[assignment]  # names instead of ObjectIds
    plan: Plan = Plan.FREE
    used: int = 0


class InvoiceOpen(BaseModel):
    """Not paid yet."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    state: Literal["open"] = "open"
    due: date


class InvoicePaid(BaseModel):
    """Paid."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    state: Literal["paid"] = "paid"
    paid_at: datetime


class Invoice(Document):
    """The bill for a plan in a month.

    Args:
        id: a UUID.
        number: says month, account and plan, and so exists once.
        account: who pays.
        plan: what for.
        total: in the currency of the house.
        issued: on which day.
        status: open or paid; tell them apart by ``state``.
    """

    model_config = ConfigDict(alias_generator=wire_name)

    id: Identifier = Field(default_factory=lambda: str(uuid4()))  # type: ignore[assignment]  # UUIDs instead of ObjectIds
    number: str
    account: str
    plan: Plan
    total: DecimalAnnotation
    issued: date
    status: Annotated[InvoiceOpen | InvoicePaid, Field(discriminator="state")]

    class Settings:
        """The host names the collection; the indexes are the plugin's."""

        indexes = (
            IndexModel([("number", ASCENDING)], unique=True),
            IndexModel([("account", ASCENDING), ("issued", DESCENDING), ("_id", DESCENDING)]),
        )
