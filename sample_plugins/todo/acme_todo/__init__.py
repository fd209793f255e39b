"""The plugin ``acme__todo``: tasks that take a unit of the quota of acme-billing each.

This module is all that the host calls; what happens on a request is in :mod:`acme_todo.routes`.
"""

from __future__ import annotations

from acme_billing import Billing
from litestar import Controller

from acme_todo.models import Task, describe
from acme_todo.options import TodoOptions
from acme_todo.recount import Recount, start_recount
from acme_todo.routes import TaskController
from hookspecs import Channel, Payload, PayloadHandler, Service, Uses, hookimpl


@hookimpl
def plugin_options() -> type[TodoOptions]:
    """Which account pays."""
    return TodoOptions


@hookimpl
def register_models() -> type[Task]:
    """One collection: ``acme__todo-task``."""
    return Task


@hookimpl
def register_contract() -> Uses:
    """Handlers get it as ``billing``; this plugin starts after the one that provides it."""
    return Uses(Billing, "billing", version=">=1,<2")


@hookimpl
def register_services() -> dict[str, Service]:
    """Made at start-up and closed at shutdown: it works beside the requests."""
    return {"recount": Service(start_recount, close=Recount.stop)}


@hookimpl
def register_payload() -> PayloadHandler:
    """How a task is shown."""
    return PayloadHandler(Task, display_name=lambda task: task.title, completion=describe)


@hookimpl
def register_channels() -> list[Channel]:
    """What is announced: the payload that the client got whose request it was."""
    return [Channel(key, Payload[Task]) for key in ("taskCreated", "taskUpdated", "taskDeleted", "taskRestored")]


@hookimpl
def register_routes() -> type[Controller]:
    """All of them under ``/acme__todo/task``."""
    return TaskController
