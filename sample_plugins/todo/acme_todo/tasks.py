"""The operations on tasks, which reserve and release units of a quota.

A task and its quota are documents of two plugins. Both are written in one transaction. So whatever fails in between, each task uses
exactly one unit, and no unit is reserved without a task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ParamSpec

from acme_billing import Billing, QuotaExceeded

from acme_todo.errors import QuotaUsedUp
from acme_todo.models import Task
from hookspecs import Payload, RequestData, Scope
from host.data import Create, EntityService

P = ParamSpec("P")


class Tasks(EntityService[Task]):
    """The operations on the tasks of one account, or on the user's own private tasks.

    Args:
        model: the document class.
        scope: the scope of the plugin.
    """

    def __init__(self, model: type[Task], scope: Scope) -> None:
        super().__init__(model, scope)
        self.billing = scope.use(Billing)
        # Concurrent transactions that write one account's quota conflict and are retried; within this process, they wait instead.
        self._lock = asyncio.Lock()

    def within(self, request_data: RequestData) -> Mapping[str, Any]:  # noqa: ARG002 - private tasks are restricted by the rules
        """Return the filter for the tasks that exist for a request."""
        return {} if self.scope.options.private else {"account": self.scope.options.account}

    def make(self, data: Create, request_data: RequestData, **fields: Any) -> Task:
        """Return the new task."""
        return super().make(data, request_data, account=self._account(request_data), **fields)

    async def create(self, data: Create, request_data: RequestData) -> Payload[Task]:
        """Create a task and reserve its unit.

        Raises:
            QuotaUsedUp: no unit is left.
        """
        return await self._in_transaction(self._create, data, request_data)

    async def delete(self, identifier: str, request_data: RequestData) -> Payload[Task]:
        """Soft-delete a task and release its unit."""
        return await self._in_transaction(self._delete, identifier, request_data)

    async def hard_delete(self, identifier: str, request_data: RequestData) -> Payload[Task]:
        """Permanently delete a task; release its unit, unless it is soft-deleted and has released it already."""
        return await self._in_transaction(self._hard_delete, identifier, request_data)

    async def restore(self, identifier: str, request_data: RequestData) -> Payload[Task]:
        """Restore a soft-deleted task and reserve its unit.

        Raises:
            QuotaUsedUp: no unit is left.
        """
        return await self._in_transaction(self._restore, identifier, request_data)

    async def _in_transaction(
        self, operation: Callable[P, Awaitable[Payload[Task]]], *args: P.args, **kwargs: P.kwargs
    ) -> Payload[Task]:
        async with self._lock:
            return await self.scope.transaction(operation, *args, **kwargs)

    async def _create(self, data: Create, request_data: RequestData) -> Payload[Task]:
        payload = await super().create(data, request_data)
        await self._reserve(request_data)
        return payload

    async def _delete(self, identifier: str, request_data: RequestData) -> Payload[Task]:
        payload = await super().delete(identifier, request_data)
        await self.billing.release(self._account(request_data))
        return payload

    async def _hard_delete(self, identifier: str, request_data: RequestData) -> Payload[Task]:
        uses_unit = await Task.find_one({"_id": identifier}) is not None
        payload = await super().hard_delete(identifier, request_data)
        if uses_unit:
            await self.billing.release(self._account(request_data))
        return payload

    async def _restore(self, identifier: str, request_data: RequestData) -> Payload[Task]:
        payload = await super().restore(identifier, request_data)
        await self._reserve(request_data)
        return payload

    async def _reserve(self, request_data: RequestData) -> None:
        try:
            await self.billing.reserve(self._account(request_data))
        except QuotaExceeded as error:
            raise QuotaUsedUp(error) from error

    def _account(self, request_data: RequestData) -> str:
        """Return the account of a request; for private tasks, the rules have already required a user."""
        if self.scope.options.private and request_data.user is not None:
            return request_data.user.id
        account: str = self.scope.options.account
        return account
