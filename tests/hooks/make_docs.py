"""Write ``docs/hooks.md`` from the hook specifications: ``python -m tests.hooks.make_docs``."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from host.common import errors
from tests.hooks.specifications import PHASES, Specification, specifications

DOCS: Final = Path(__file__).parents[2] / "docs"
FILE: Final = DOCS / "hooks.md"
_LONGEST: Final = 120

INTRODUCTION: Final = """\
# Hooks

Made by `python -m tests.hooks.make_docs` from the specifications in `hookspecs/`; a test compares them and runs every example.

A plugin implements a hook as a function with the hook's name, marked `@hookimpl`, at most once per plugin. A hook may take any
subset of its arguments, by name. Each example is a complete plugin: saved as `plugins/acme__notes.py` beside `host.toml` it
runs.

- **Phase**: all plugins finish a phase before the next one begins.
- **Roles**: `web` serves; `build` only registers, for `host generate-config`, `host routes` and the like, without a database or a
  network.
- **Async**: whether the hook may be `async def`. Such a hook, written either way, must finish within `plugins.timeout` seconds
  (default 10, 0 for no limit); after that it is cancelled and has at most one second to clean up. A plain function cannot be
  interrupted: while it runs, everything waits.
- **Raises**: what the hook may raise and what follows, then the errors that the host raises because of what it returned. If a
  plugin fails, the host does not start (`on_failure = "abort"`, the default), or only the plugin and its dependents fail and the
  others are served (`"isolate"`). Every error names plugin, distribution, version and hook; see [errors.md](errors.md).
"""


def render() -> str:
    """Return the whole page."""
    all_hooks = specifications()
    parts = [INTRODUCTION, _index(all_hooks)]
    for phase, text in PHASES.items():
        parts.append(f"## Phase: {phase}\n\n{_wrapped(text)}\n")
        parts += [_section(specification) for specification in all_hooks if specification.facts["Phase"] == phase]
    return "\n".join(parts)


def _index(all_hooks: list[Specification]) -> str:
    rows = [
        f"| [`{specification.name}`](#{specification.name}) | {specification.facts['Phase']} | {specification.facts['Roles']} "
        f"| {specification.facts['Async']} | {_markdown(specification.summary)} |\n"
        for specification in all_hooks
    ]
    return "| hook | phase | roles | async | purpose |\n| --- | --- | --- | --- | --- |\n" + "".join(rows)


def _section(specification: Specification) -> str:
    return "\n".join(_paragraphs(specification))


def _paragraphs(specification: Specification) -> Iterator[str]:
    facts = specification.facts
    before, source = specification.example
    yield f"### `{specification.name}`\n"
    yield f"```python\n{_signature(specification)}\n```\n"
    yield f"{_markdown(specification.summary)}\n"
    for paragraph in filter(None, specification.description.split("\n\n")):
        yield f"{_wrapped(_markdown(' '.join(paragraph.split())))}\n"
    yield f"Phase: {facts['Phase']}. Roles: {facts['Roles']}. Async: {facts['Async']}.\n"
    if specification.arguments:
        yield "**Arguments**\n\n" + _list(specification.arguments)
    yield "**Returns**\n\n" + _wrapped(_markdown(" ".join(specification.sections["Returns"].split()))) + "\n"
    yield "**Raises**\n\n" + _list({_error(name): text for name, text in specification.raises.items()}, code=False)
    yield "**Example**\n" + (f"\n{_wrapped(_markdown(before))}\n" if before else "")
    yield f"```python\n{source}```\n"


def _signature(specification: Specification) -> str:
    """Return the definition, on three lines if it is long, as the formatter would write it."""
    line = specification.signature
    if len(line) <= _LONGEST:
        return line
    head, _, returned = line.partition(") -> ")
    before, _, arguments = head.partition("(")
    return f"{before}(\n    {arguments},\n) -> {returned}"


def _list(entries: dict[str, str], *, code: bool = True) -> str:
    items = (f"- {f'`{name}`' if code else name}: {_markdown(text)}" for name, text in entries.items())
    return "".join(f"{_wrapped(item, '  ')}\n" for item in items)


def _error(name: str) -> str:
    """Return the name of an exception, with a link to its section in ``docs/errors.md`` if it is an error of the host."""
    kind = getattr(errors, name, None)
    if kind is None or f"## `{kind.code}`" not in (DOCS / "errors.md").read_text(encoding="utf-8"):
        return f"`{name}`"
    return f"[`{name}`](errors.md#{kind.code})"


def _markdown(text: str) -> str:
    """Return docstring markup as Markdown: roles and doubled backticks become code."""
    text = re.sub(r":\w+:`~?(?:[\w.]+\.)?(\w+)`", lambda role: _error(role[1]), text)
    return text.replace("``", "`")


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, 128, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def main() -> None:
    """Write the file."""
    FILE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
