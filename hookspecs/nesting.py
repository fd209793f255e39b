"""A plugin inside a plugin, the layer that a scope passes on to the scopes inside it, and static files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hookspecs.values import Owned

_CHILD_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*\Z")


@dataclass(frozen=True, slots=True)
class Child(Owned):
    """A plugin inside the plugin that returns it; returned by ``register_plugins``.

    Its key is the parent's key, a dot and its name. Its routes are mounted under the parent's prefix and its own. It sees all of
    its parent's scope; what it registers is visible to its own children only, unless it is shared.

    Args:
        plugin: An object with hooks: a module, an instance, or a class, which is called without arguments.
        name: Unique among its siblings; lower-case letters, digits and single underscores, a letter first.
        prefix: A path below the parent's prefix, e.g. ``/invoices``; "" for the parent's.
        options: The child's options as a mapping, validated by its ``plugin_options``; or a function that takes the parent's scope
            and returns them, called when the child is loaded, after its earlier siblings. A ``prefix`` in them replaces the
            argument.
        shared: Put the child's services, guards, middleware and the rest of its layer into the parent's scope, one level up and no
            further; its own children keep scopes of their own.

    Raises:
        TypeError: The plugin is not a module, class or object, e.g. its name; the options are neither a mapping nor callable; or
            the prefix is not a string.
        ValueError: The name has another form, or a shared child has a prefix, though it has no scope of its own.

    Example:
        >>> class Invoices:
        ...     @hookimpl
        ...     def register_routes(self): ...
        >>> Child(Invoices, "invoice", prefix="/invoices", options=lambda scope: {"page_size": 20}).name
        'invoice'
    """

    plugin: Any
    name: str
    prefix: str = ""
    options: Mapping[str, Any] | Callable[[Any], Mapping[str, Any]] = field(default_factory=dict)
    shared: bool = False

    def __post_init__(self) -> None:
        if not _CHILD_NAME.match(str(self.name)):
            message = "must be lower-case letters, digits and single underscores, with a letter first"
            raise ValueError(f"the name {self.name!r} of a child plugin {message}")
        if self.plugin is None or isinstance(self.plugin, str | bytes | int | float):
            raise TypeError(f"the child plugin {self.name} must be a module, a class or an object with hooks, not {self.plugin!r}")
        if not isinstance(self.prefix, str):
            raise TypeError(f"the prefix of the child plugin {self.name} must be a string, not {self.prefix!r}")
        if not isinstance(self.options, Mapping) and not callable(self.options):
            raise TypeError(f"the options of the child plugin {self.name} must be a mapping or a function of the scope")
        static = self.options.get("prefix") if isinstance(self.options, Mapping) else None
        if self.shared and (self.prefix or static):
            raise ValueError(
                f"the child plugin {self.name} is shared, so it has no scope of its own for the prefix {self.prefix or static!r}"
            )


@dataclass(frozen=True, slots=True)
class Layer(Owned):
    """Guards, dependencies, exception handlers and events of a scope; returned by ``register_layer``.

    They apply to all routes of the scope and of the scopes inside it, as on any Litestar layer.

    Args:
        guards: Called before each handler, those of the outer scope first.
        dependencies: Maps a name to what Litestar accepts as a dependency. It is resolved for each request; a child may replace it
            under the same name.
        exception_handlers: Maps an exception class or a status code to a handler. As everywhere in Litestar a status code takes
            precedence over a class and a class over its bases; of equal keys the innermost scope's handler is used. A handler for
            404 or ``NotFoundException`` also answers for paths under the scope's prefix that have no route.
        before_request: Called before each handler: the outer scope's first, then those of the plugin's own routers, controllers
            and handlers. A value that it returns is the response.
        after_request: Called with each response, in the same order; returns the response to send.
        after_response: Called after a response was sent, in the same order.
        opt: Values that guards read; of equal keys the innermost scope's value is used.

    Raises:
        TypeError: An argument has another form.

    Example:
        >>> layer = Layer(guards=[authenticated], opt={"audience": "staff"})
    """

    guards: Sequence[Callable[..., Any]] = ()
    dependencies: Mapping[str, Any] = field(default_factory=dict)
    exception_handlers: Mapping[Any, Callable[..., Any]] = field(default_factory=dict)
    before_request: Callable[..., Any] | None = None
    after_request: Callable[..., Any] | None = None
    after_response: Callable[..., Any] | None = None
    opt: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if callable(self.guards) or not isinstance(self.guards, Sequence):
            raise TypeError(f"the guards of a Layer are a list of callables, not {self.guards!r}")
        handlers = [*self.guards, *self._mapping("exception_handlers").values()]
        hooks = [hook for hook in (self.before_request, self.after_request, self.after_response) if hook is not None]
        for function in [*handlers, *hooks]:
            if not callable(function):
                raise TypeError(f"a Layer takes callables, not {function!r}")
        for name in (*self._mapping("dependencies"), *self._mapping("opt")):
            if not isinstance(name, str):
                raise TypeError(f"a Layer takes strings as names, not {name!r}")

    def _mapping(self, name: str) -> Mapping[Any, Any]:
        value = getattr(self, name)
        if not isinstance(value, Mapping):
            raise TypeError(f"{name} of a Layer is a mapping, not {value!r}")
        return value


@dataclass(frozen=True, slots=True)
class Static(Owned):
    """A directory whose files are served under the plugin's prefix; returned by ``register_static``.

    A route takes precedence over a file. If the directory contains an ``index.html``, the path itself answers with it, with and
    without a slash at the end.

    Args:
        directory: An absolute path, or one relative to the directory of the plugin's module.
        path: Where the files are served, below the plugin's prefix; a fixed path, without parameters.

    Raises:
        ValueError: The path is empty or contains a parameter.

    Example:
        >>> Static("pages", path="/app").path
        '/app'
    """

    directory: str
    path: str = "/static"

    def __post_init__(self) -> None:
        if not self.path.strip("/") or "{" in self.path:
            raise ValueError(f"the path {self.path!r} of a Static is a fixed path below the plugin's prefix, such as '/static'")
