"""What plugin authors import: the markers, the hook specifications and the typed values. This is the author's guide.

A plugin is a module with functions marked :data:`hookimpl`, in a distribution that advertises it as an entry point::

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

``pip install`` enables the plugin, ``pip uninstall`` removes it. Nothing else has to be written or registered.

The rules:

* A hook takes any subset of the arguments of its specification. A plugin implements each hook at most once.
* ``plugin_options`` and the ``register_*`` hooks are plain functions without I/O: they declare, so ``host generate-config`` needs
  neither a database nor a network. They return one value, an iterable of values, or ``None``.
* ``configure``, ``on_startup``, ``on_ready``, ``on_shutdown``, ``authorize_socket`` and ``check_health`` may be ``async def``. Each
  call is limited to ``plugins.timeout`` seconds.
* All plugins finish a phase before the next one begins: load, configure, register, assemble, start, ready. Within a phase a plugin
  comes after the plugins that it depends on; the host stops them in reverse order.
* A plugin may contain plugins: :class:`Child`, returned by ``register_plugins``. Services, guards, middleware and everything else
  of a :class:`Layer` apply to the scope of the plugin that returns them and to the scopes inside it, and nowhere else. An inner
  scope may override a name of an outer one. ``shared=True`` puts what a child registers into its parent's scope.
* A route handler receives the scope as ``plugin_scope``, and the plugin's services and the contracts that it :class:`Uses` under
  their own names, as Litestar dependencies.
* The order of plugins follows from ``Requires-Dist``, from contracts and from ``plugins.order``. The host refuses the options
  ``tryfirst``, ``trylast``, ``wrapper`` and ``hookwrapper`` of pluggy.

``docs/hooks.md`` describes each hook with an example. The specifications are in :mod:`hookspecs.plugin`, :mod:`hookspecs.data`,
:mod:`hookspecs.web`, :mod:`hookspecs.lifecycle` and :mod:`hookspecs.frontend`; the values that they return in
:mod:`hookspecs.values`, :mod:`hookspecs.services`, :mod:`hookspecs.nesting`, :mod:`hookspecs.contracts` and
:mod:`hookspecs.access`. :mod:`hookspecs.scope` is what a plugin sees of the host, :mod:`hookspecs.payload` what its routes return,
:mod:`hookspecs.auth` how they require a user. Importing this package imports neither Litestar nor Beanie nor pymongo.
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
