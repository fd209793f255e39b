"""The document classes: accounts and invoices. In the database and on the wire, their fields are camelCase."""

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
    """Return the name of a field in the database and on the wire; ``id`` is MongoDB's ``_id``."""
    return "_id" if name == "id" else to_camel(name)


#: A UUID as it is stored and sent: a lower-case string with hyphens.
Identifier = Annotated[str, Field(json_schema_extra={"format": "uuid"})]


class Account(Document):
    """An account. Its limit is not stored: the options contain the limits of the plans.

    Args:
        id: the name of the account; as the ``_id``, it is unique without another index.
        plan: its plan.
        used: the number of reserved units.
    """

    model_config = ConfigDict(alias_generator=wire_name)

    id: str  # type: ignore[assignment]  # names instead of ObjectIds
    plan: Plan = Plan.FREE
    used: int = 0


class InvoiceOpen(BaseModel):
    """The status of an invoice that is not paid yet."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    state: Literal["open"] = "open"
    due: date


class InvoicePaid(BaseModel):
    """The status of a paid invoice."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    state: Literal["paid"] = "paid"
    paid_at: datetime


class Invoice(Document):
    """The invoice for a plan in a month.

    Args:
        id: a UUID.
        number: contains the month, the account and the plan, and is unique.
        account: the name of the account.
        plan: the plan.
        total: the total in the operator's currency.
        issued: the day of issue.
        status: open or paid, distinguished by ``state``.
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
        """The indexes; the host names the collection."""

        indexes = (
            IndexModel([("number", ASCENDING)], unique=True),
            IndexModel([("account", ASCENDING), ("issued", DESCENDING), ("_id", DESCENDING)]),
        )
