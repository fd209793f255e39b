"""What a plugin author imports: the guide, the markers and the typed values.

A plugin is a module with functions marked by :data:`hookimpl`, in a distribution that advertises it::

    # pyproject.toml
    [project]
    name = "acme-todo"
    version = "0.4.1"
    dependencies = ["litestar-host>=1,<2", "acme-billing>=1.2"]   # loads after acme-billing

    [project.entry-points."host.plugins"]
    acme__todo = "acme_todo"            # plugin key: author__name

    [tool.setuptools]
    packages = ["acme_todo"]

    # acme_todo/__init__.py
    from hookspecs import Channel, Payload, PayloadHandler, Scope, hookimpl
    from .models import Task
    from .routes import TaskController

    @hookimpl
    def register_models(scope: Scope):
        return [Task]

    @hookimpl
    def register_payload(scope: Scope):
        return PayloadHandler(Task, display_name=lambda t: t.title, completion=lambda t: t.status)

    @hookimpl
    def register_channels(scope: Scope):
        return [Channel("taskCreated", Payload[Task])]

    @hookimpl
    def register_routes(scope: Scope):
        return [TaskController]

``pip install`` enables it, ``pip uninstall`` takes it away. Nothing else is written or registered.

The rules:

* A hook takes any subset of the arguments of its specification, and is written at most once in a plugin.
* ``plugin_options`` and every ``register_*`` hook are plain functions without I/O: they say what there is, so that
  ``host generate-config`` needs no database and no network. They return one value, an iterable of values, or ``None``.
* ``configure``, ``on_startup``, ``on_ready`` and ``on_shutdown`` may be ``async def``; they are awaited, one plugin after the
  other in dependency order (``on_shutdown`` in reverse), each under the time limit ``plugins.timeout``. So may ``check_health``,
  which is called for all plugins at once, and ``authorize_socket``, which is called when somebody wants to listen to a channel,
  while the host serves.
* All plugins finish a phase before the next begins: load, ``configure``, the ``register_*`` hooks, ``generate_frontend``,
  ``app_built``, then (database open, services made) ``on_startup`` and ``on_ready``.
* A plugin may bring plugins inside it: :class:`Child`, returned by ``register_plugins``. Services, guards, middleware and
  all of a :class:`Layer` hold for the scope of the plugin that returns them and for those inside it, and nowhere else; a child
  may hide what is further out. ``shared=True`` puts what a child has into its parent's scope.
* In a route handler the scope is called ``plugin_scope``; the plugin's services and the contracts that it :class:`Uses`
  are there under their own names, as Litestar dependencies.
* Order comes from ``Requires-Dist`` and from contracts, so ``tryfirst``, ``trylast`` and wrappers are refused.

The hooks, a file a subject: :mod:`hookspecs.plugin`, :mod:`hookspecs.data`, :mod:`hookspecs.web`, :mod:`hookspecs.lifecycle`,
:mod:`hookspecs.frontend`. The values that they return: :mod:`hookspecs.values`, :mod:`hookspecs.services`,
:mod:`hookspecs.nesting`; what a plugin sees of the host: :mod:`hookspecs.scope`; what its routes return:
:mod:`hookspecs.payload`. Ids such as F5 or K8 name rows of ``docs/conformance.md``. Importing this package imports neither
Litestar nor Beanie.
"""

from __future__ import annotations

from hookspecs.access import Audience, Grant, Rules, anyone, nobody, owner, role, signed_in
from hookspecs.auth import Authenticator, RequiresUser, User, authenticated, requires, user_of
from hookspecs.contracts import Contract, Extension, ExtensionPoint, Extensions, Uses
from hookspecs.markers import PROJECT, hookimpl, hookspec
from hookspecs.nesting import Child, Layer, Static
from hookspecs.payload import Page, Payload, PayloadBody
from hookspecs.request import RequestData
from hookspecs.scope import Scope
from hookspecs.services import RequestService, Service
from hookspecs.values import Channel, Frontend, PayloadHandler, StoreAction, operation

__all__ = (
    "PROJECT",
    "Audience",
    "Authenticator",
    "Channel",
    "Child",
    "Contract",
    "Extension",
    "ExtensionPoint",
    "Extensions",
    "Frontend",
    "Grant",
    "Layer",
    "Page",
    "Payload",
    "PayloadBody",
    "PayloadHandler",
    "RequestData",
    "RequestService",
    "RequiresUser",
    "Rules",
    "Scope",
    "Service",
    "Static",
    "StoreAction",
    "User",
    "Uses",
    "anyone",
    "authenticated",
    "hookimpl",
    "hookspec",
    "nobody",
    "operation",
    "owner",
    "requires",
    "role",
    "signed_in",
    "user_of",
)
