"""A plugin inside a plugin, and what a scope passes on to those inside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hookspecs.values import Owned

_CHILD_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*\Z")


@dataclass(frozen=True, slots=True)
class Child(Owned):
    """A plugin inside the plugin that returns it (rows F1, F2, F6, F10, E1, E2, K3).

    Its key is the parent's, a dot and its name; its routes lie under the parent's prefix and its own; it sees what its parent's
    scope has, and nobody but its own children sees what it has.

    Args:
        plugin: an object with hooks: a module, an instance, or a class that is called without arguments.
        name: unique among its siblings; lower-case letters, digits and single underscores, a letter first.
        prefix: below the parent's; "" for the same one.
        options: validated as a plugin's options are; or a function of the parent's scope that gives them, called when the child
            is loaded, after its earlier siblings. A ``prefix`` in them takes the place of the argument (row F7).
        shared: puts the child's services, guards, middleware and the rest of its layer into the parent's scope, one level up
            and no further; its own children keep scopes of their own.

    Raises:
        TypeError: the plugin is no module, class or object, e.g. the name of one; the options are neither a mapping nor callable;
            or the prefix is no text.
        ValueError: the name does not fit, or a shared child has a prefix: there would be no scope to put it on (row F9).
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
            raise TypeError(f"the prefix of the child plugin {self.name} must be text, not {self.prefix!r}")
        if not isinstance(self.options, Mapping) and not callable(self.options):
            raise TypeError(f"the options of the child plugin {self.name} must be a mapping or a function of the scope")
        static = self.options.get("prefix") if isinstance(self.options, Mapping) else None
        if self.shared and (self.prefix or static):
            raise ValueError(
                f"the child plugin {self.name} is shared, so it has no scope of its own for the prefix {self.prefix or static!r}"
            )


@dataclass(frozen=True, slots=True)
class Layer(Owned):
    """What holds for all routes of a scope and of the scopes inside it, as on a Litestar layer (rows F2, F28, F31).

    Args:
        guards: called before each handler, the outer scope's first.
        dependencies: name → what Litestar takes as a dependency; made for each request, so a child may take another of that name.
        exception_handlers: exception class or status → handler. As everywhere in Litestar a status comes before a class, the
            nearer class before its bases, and of equal ones the innermost scope's counts. One for 404 or ``NotFoundException``
            also answers under the scope's prefix where there is no route.
        before_request: called before each handler, the outer scope's first, then what the handler itself or what it lies in in
            the plugin has; what one returns is the answer.
        after_request: called with each response, in the same order.
        after_response: called when a response was sent, in the same order.
        opt: read by guards; the innermost scope's value counts.

    Raises:
        TypeError: one of them is of another form.
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
                raise TypeError(f"a Layer takes names as text, not {name!r}")

    def _mapping(self, name: str) -> Mapping[Any, Any]:
        value = getattr(self, name)
        if not isinstance(value, Mapping):
            raise TypeError(f"{name} of a Layer is a mapping, not {value!r}")
        return value


@dataclass(frozen=True, slots=True)
class Static(Owned):
    """A directory whose files are served below the plugin's prefix; its routes come first (row K15h).

    One with an ``index.html`` is a page: that file is also what its path itself answers, with and without a slash at the end.

    Args:
        directory: a path; a relative one lies in the directory of the plugin's module.
        path: below the plugin's prefix.

    Raises:
        ValueError: the path is empty or holds a parameter.
    """

    directory: str
    path: str = "/static"

    def __post_init__(self) -> None:
        if not self.path.strip("/") or "{" in self.path:
            raise ValueError(f"the path {self.path!r} of a Static is a fixed path below the plugin's prefix, such as '/static'")
