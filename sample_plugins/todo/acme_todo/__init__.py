"""The plugin ``acme__todo``: tasks that take a unit of the quota of acme-billing each.

This module is all that the host calls. What happens on a request is in :mod:`acme_todo.tasks`, and most of it in
:func:`host.data.crud`, which also brings the channels ``taskCreated``, ``taskUpdated``, ``taskDeleted`` and ``taskRestored``.
"""

from __future__ import annotations

from acme_billing import Billing
from litestar import Controller

from acme_todo.models import Task, describe
from acme_todo.options import TodoOptions
from acme_todo.routes import TaskController
from hookspecs import PayloadHandler, Rules, Scope, Static, Uses, hookimpl, owner


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
    """The service takes it from the scope; this plugin starts after the one that provides it."""
    return Uses(Billing, "billing", version=">=1,<2")


@hookimpl
def register_payload() -> PayloadHandler:
    """How a task is shown."""
    return PayloadHandler(Task, display_name=lambda task: task.title, completion=describe)


@hookimpl
def register_rules(scope: Scope) -> Rules | None:
    """Private tasks are their owner's, over HTTP and on the channels."""
    return Rules(model=Task, read=owner) if scope.options.private else None


@hookimpl
def register_routes() -> type[Controller]:
    """All of them under ``/acme__todo/task``."""
    return TaskController


@hookimpl
def register_static() -> Static:
    """The page, at ``/acme__todo/app``; it is built from ``frontend`` beside this package."""
    return Static("page", "/app")
