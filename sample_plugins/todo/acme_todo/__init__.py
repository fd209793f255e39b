"""The plugin ``acme__todo``: tasks, each of which uses one unit of the quota of acme-billing.

The host calls this module only. The routes and the channels ``taskCreated``, ``taskUpdated``, ``taskDeleted`` and ``taskRestored``
come from :func:`host.data.crud`; :mod:`acme_todo.tasks` adds the quota.
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
    """Return the class of the options: the account, and whether tasks are private."""
    return TodoOptions


@hookimpl
def register_models() -> type[Task]:
    """Return the document class, of the collection ``acme__todo-task``."""
    return Task


@hookimpl
def register_contract() -> Uses:
    """Declare the use of the contract; this plugin then starts after the provider."""
    return Uses(Billing, "billing", version=">=1,<2")


@hookimpl
def register_payload() -> PayloadHandler:
    """Describe how a task is displayed."""
    return PayloadHandler(Task, display_name=lambda task: task.title, completion=describe)


@hookimpl
def register_rules(scope: Scope) -> Rules | None:
    """Restrict private tasks to their owners, over HTTP and on the channels."""
    return Rules(model=Task, read=owner) if scope.options.private else None


@hookimpl
def register_routes() -> type[Controller]:
    """Return the routes below ``/acme__todo/task``."""
    return TaskController


@hookimpl
def register_static() -> Static:
    """Serve the page at ``/acme__todo/app``; it is built from the folder ``frontend`` next to this package."""
    return Static("page", "/app")
