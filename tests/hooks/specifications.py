"""The hook specifications, read: what each docstring says, cut into its parts."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hookspecs import data, frontend, lifecycle, plugin, web

MODULES: Final = (plugin, data, web, lifecycle, frontend)

#: The phases of a host's life in order, each with what happens in it.
PHASES: Final = {
    "load": "The host imports each plugin, validates its options and loads the plugins inside it.",
    "configure": "Every plugin is loaded. Dependencies are configured before the plugins that need them.",
    "register": "Every plugin is configured. Each plugin's hooks are called in the order of this page, dependencies first; "
    "`generate_frontend` follows when all plugins have registered.",
    "assemble": "The application of all plugins is built; nothing can be registered any more.",
    "start": "The database is open. A plugin starts when its dependencies have started.",
    "ready": "Every plugin has started.",
    "serve": "The host serves requests.",
    "stop": "The server no longer accepts requests. Plugins stop in the reverse order of the start.",
}

#: The hooks as a host calls them.
ORDER: Final = (
    *("plugin_options", "register_plugins", "configure"),
    *("register_models", "register_services", "register_contract", "register_payload", "register_rules", "register_channels"),
    *("register_layer", "register_middleware", "register_routes", "register_static", "generate_frontend"),
    *("app_built", "on_startup", "on_ready", "authorize_socket", "check_health", "on_shutdown"),
)

_SECTIONS: Final = ("Args", "Returns", "Raises", "Example")
_FACTS: Final = ("Phase", "Roles", "Async")


@dataclass(frozen=True)
class Specification:
    """One hook, as its specification describes it.

    Args:
        name: of the hook.
        function: the specification.
        summary: the first sentence.
        description: the paragraphs below it.
        facts: ``Phase``, ``Roles`` and ``Async`` with their values.
        sections: ``Args``, ``Returns``, ``Raises`` and ``Example``, each as it is written.
    """

    name: str
    function: Callable[..., Any]
    summary: str
    description: str
    facts: Mapping[str, str]
    sections: Mapping[str, str]

    @property
    def signature(self) -> str:
        """The definition in one line."""
        keyword = "async def" if inspect.iscoroutinefunction(self.function) else "def"
        text = str(inspect.signature(self.function)).replace("'", "")
        return f"{keyword} {self.name}{text}"

    @property
    def arguments(self) -> dict[str, str]:
        """The arguments with what is said about each."""
        return _entries(self.sections.get("Args", ""))

    @property
    def raises(self) -> dict[str, str]:
        """The exceptions with what is said about each."""
        return _entries(self.sections.get("Raises", ""))

    @property
    def example(self) -> tuple[str, str]:
        """The sentence above the example, and its source."""
        before, _, source = self.sections["Example"].partition("::\n")
        return before.strip(), textwrap.dedent(source).strip() + "\n"


def specifications() -> list[Specification]:
    """Return all specifications in boot order; one that :data:`ORDER` does not name comes last."""
    functions = {name: value for module in MODULES for name, value in _specified(module)}
    rank = {name: number for number, name in enumerate(ORDER)}
    return [_read(name, functions[name]) for name in sorted(functions, key=lambda name: (rank.get(name, len(rank)), name))]


def _specified(module: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    return ((name, value) for name, value in vars(module).items() if hasattr(value, "host_spec"))


def _read(name: str, function: Callable[..., Any]) -> Specification:
    text = inspect.getdoc(function) or ""
    heading = re.compile(rf"^({'|'.join(_SECTIONS)}):\n", re.MULTILINE)
    head, *rest = heading.split(text)
    sections = {title: textwrap.dedent(body).strip("\n") for title, body in zip(rest[::2], rest[1::2], strict=True)}
    fact = re.compile(rf"^({'|'.join(_FACTS)}): (.+)\n?", re.MULTILINE)
    facts = dict(fact.findall(head))
    summary, _, description = fact.sub("", head).strip().partition("\n\n")
    return Specification(name, function, " ".join(summary.split()), description.strip(), facts, sections)


def _entries(section: str) -> dict[str, str]:
    """``name: text`` entries, whose further lines are indented."""
    entries = re.findall(r"^(\w+): (.*(?:\n +.*)*)", section, re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}
