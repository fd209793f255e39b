"""What happens to tasks, and to the quota that they take.

Task and quota are documents of two plugins. Both are written in one transaction, so there is never a task that takes no unit, nor
a unit that is taken by no task, whatever fails in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ParamSpec

from acme_billing import Billing, QuotaExceeded

from acme_todo.errors import QuotaUsedUp
from acme_todo.models import Task
from hookspecs import Payload, RequestData, Scope
from host.data import Create, EntityService, fields_of

P = ParamSpec("P")


class Tasks(EntityService[Task]):
    """The tasks that a request may see: all of one account, or everybody's own.

    Args:
        model: the document class.
        scope: of the plugin.
    """

    def __init__(self, model: type[Task], scope: Scope) -> None:
        super().__init__(model, scope)
        self.billing = scope.use(Billing)  # type: ignore[type-abstract]  # a Protocol is what use() takes
        # Transactions that write one account's quota at once would undo each other; those of this process wait instead.
        self._turn = asyncio.Lock()

    def within(self, request_data: RequestData) -> Mapping[str, Any]:  # noqa: ARG002 - of private tasks the rules say whose they are
        """The filter for the tasks that there are for a request."""
        return {} if self.scope.options.private else {"account": self.scope.options.account}

    def make(self, data: Create, request_data: RequestData) -> Task:
        """The new task."""
        user = None if request_data.user is None else request_data.user.id
        return Task(account=self._account(request_data), owner=user, last_editor=user, **fields_of(data))

    async def create(self, data: Create, request_data: RequestData) -> Payload[Task]:
        """Write the task, and take its unit.

        Raises:
            QuotaUsedUp: there is no room.
        """
        return await self._together(self._create, data, request_data)

    async def delete(self, identifier: str, request_data: RequestData) -> Payload[Task]:
        """Put a task into the bin, and give its unit back."""
        return await self._together(self._delete, identifier, request_data)

    async def hard_delete(self, identifier: str, request_data: RequestData) -> Payload[Task]:
        """Remove a task for good, from the list or from the bin; only in the list it holds a unit."""
        return await self._together(self._hard_delete, identifier, request_data)

    async def restore(self, identifier: str, request_data: RequestData) -> Payload[Task]:
        """Take a task out of the bin, and a unit for it.

        Raises:
            QuotaUsedUp: there is no room.
        """
        return await self._together(self._restore, identifier, request_data)

    async def _together(self, act: Callable[P, Awaitable[Payload[Task]]], *args: P.args, **kwargs: P.kwargs) -> Payload[Task]:
        async with self._turn:
            return await self.scope.transaction(act, *args, **kwargs)

    async def _create(self, data: Create, request_data: RequestData) -> Payload[Task]:
        payload = await super().create(data, request_data)
        await self._reserve(request_data)
        return payload

    async def _delete(self, identifier: str, request_data: RequestData) -> Payload[Task]:
        payload = await super().delete(identifier, request_data)
        await self.billing.release(self._account(request_data))
        return payload

    async def _hard_delete(self, identifier: str, request_data: RequestData) -> Payload[Task]:
        listed = await Task.find_one({"_id": identifier}) is not None
        payload = await super().hard_delete(identifier, request_data)
        if listed:
            await self.billing.release(self._account(request_data))
        return payload

    async def _restore(self, identifier: str, request_data: RequestData) -> Payload[Task]:
        payload = await super().restore(identifier, request_data)
        await self._reserve(request_data)
        return payload

    async def _reserve(self, request_data: RequestData) -> None:
        try:
            await self.billing.reserve(self._account(request_data))
        except QuotaExceeded as refusal:
            raise QuotaUsedUp(refusal) from refusal

    def _account(self, request_data: RequestData) -> str:
        """Whose quota a request takes; the rules have seen to it that who has private tasks has signed in."""
        if self.scope.options.private and request_data.user is not None:
            return request_data.user.id
        account: str = self.scope.options.account
        return account
