"""Writes ``docs/errors.md`` from what the real command says today: ``python -m tests.errors.make_docs``."""

from __future__ import annotations

import tempfile
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from host.common.errors import HostError
from tests.distributions import Outcome, Project
from tests.errors.examples import loading, meeting, packages, running, settings
from tests.errors.examples.shape import Example, Section
from tests.errors.forking import FORKABLE, ForkingCommand

_PARALLEL = 2
FILE = Path(__file__).parents[2] / "docs" / "errors.md"

SECTIONS = (*settings.SECTIONS, *packages.SECTIONS, *loading.SECTIONS, *meeting.SECTIONS, *running.SECTIONS)

#: Bases, which are not raised themselves; but for ``database``, which no example can bring about.
BASES = {"host-error", "plugin", "database"}

#: What only programs meet that use the class ``Host``, with what they did.
IN_PROCESS = {
    "channel": "`scope.broadcast` was called for a channel that the plugin does not declare, or with a message of another type. "
    "The block names both types; in a request the client gets a 500 with the request id, under which the log has it.",
    "state": "A `Host` was asked for something before it has come so far, or when it is past it, e.g. started a second time.",
    "frozen": "Something was registered when everything is assembled: a route with `app.register`, a service in `scope.services`.",
    "no-such-plugin": "`host.plugins` was asked for a key that no plugin has, or whose plugin is disabled or has failed.",
}

INTRODUCTION = """\
# Errors

Made by `python -m tests.errors.make_docs` from what the command says to the plugins shown; a test compares. `<project>` is the
directory of `host.toml`, `<site-packages>` where the plugins are installed.

Each error is one block: its code, what happened, whose fault it is (plugin, distribution with version, hook), the cause, and what
to do. `--traceback` adds where the cause comes from. With `--json`, where a command takes it, the same comes as data, with `code`
as its stable name. All failures of one start are told together. `host plugins check` also tells what took how long, which is left
out here.

| exit code | means |
| --- | --- |
| 0 | fine |
| 1 | a check did not hold |
| 2 | wrong usage or configuration |
| 3 | a plugin failed, and the policy is `abort` |
| 4 | the database or Redis cannot be reached |

`host plugins list`, `show`, `disable` and `enable` import no plugin, so they work whatever is broken.
"""


@dataclass(frozen=True)
class Transcript:
    """What was run, and what came of it; free of what differs from run to run.

    Args:
        files: the settings and sources, name → content.
        installed: the distributions in words.
        outcome: of the command.
    """

    files: Mapping[str, str]
    installed: str
    outcome: Outcome


def classes(base: type[HostError] = HostError) -> Iterator[type[HostError]]:
    """All classes of the error tree."""
    yield base
    for child in base.__subclasses__():
        yield from classes(child)


def run(example: Example, forking: ForkingCommand) -> Transcript:
    """Run one example in a new project.

    Args:
        example: What to arrange and to run.
        forking: Runs commands that start no server.
    """
    with tempfile.TemporaryDirectory(prefix="host-docs-") as root:
        project = Project.at(Path(root).resolve())
        with project.cleanup:
            example.arrange(project)
            words = [word for word in example.command.split() if "=" not in word][1:]
            arguments = [project.replaced.get(word, word) for word in words]
            outcome = forking(project, *arguments) if words[0] in FORKABLE else project.host(*arguments)
            settings_files = {file.name: file.read_text() for file in sorted(project.directory.glob("*.toml"))}
            sources = {name: text for _, _, files in project.site.installed.values() for name, text in files.items()}
            plugins = {name: text for name, text in sources.items() if name.endswith(".py") and text}
            return Transcript(
                settings_files | plugins,
                ", ".join(_installed(project)),
                Outcome(outcome.code, _without_places(outcome.stdout, project), _without_places(outcome.stderr, project)),
            )


def _installed(project: Project) -> Iterator[str]:
    for name, (requires, entries, _) in project.site.installed.items():
        said = [f"requires `{requirement}`" for requirement in requires]
        default = name.partition(" ")[0].replace("-", "__", 1)
        said += [
            f"entry point `{key} = {target}`"
            for key, target in entries.items()
            if (key, target) != (default, default.replace("__", "_"))
        ]
        yield f"`{name}`" + (f" ({', '.join(said)})" if said else "")


def _without_places(text: str, project: Project) -> str:
    for shown, real in {
        "<project>": str(project.directory),
        "<site-packages>": str(project.site.directory),
        **project.replaced,
    }.items():
        text = text.replace(real, shown)
    return text


def run_all(examples: Iterable[Example]) -> dict[Example, Transcript]:
    """Run examples, two at a time."""
    waiting = list(examples)[::-1]
    with ThreadPoolExecutor(_PARALLEL) as pool:
        parts = [pool.submit(_run_next, waiting) for _ in range(_PARALLEL)]
        return {example: transcript for part in parts for example, transcript in part.result().items()}


def _run_next(waiting: list[Example]) -> dict[Example, Transcript]:
    """Run examples until none is left."""
    transcripts: dict[Example, Transcript] = {}
    with closing(ForkingCommand()) as forking:
        while True:
            try:
                example = waiting.pop()  # atomic, so each example is run by one thread
            except IndexError:
                return transcripts
            transcripts[example] = run(example, forking)


def all_examples() -> list[Example]:
    """Those of all sections."""
    return [example for section in SECTIONS for example in section.examples]


def render(transcripts: Mapping[Example, Transcript]) -> str:
    """The whole file."""
    contents = "".join(f"- [`{section.code}`](#{section.code})\n" for section in SECTIONS)
    return "\n".join([INTRODUCTION, contents, *(_section(section, transcripts) for section in SECTIONS), _in_process()])


def _in_process() -> str:
    rows = "".join(f"- `{code}`: {text}\n" for code, text in IN_PROCESS.items())
    return f"## In a program of your own\n\nErrors of the class `Host`, which no command brings about:\n\n{rows}"


def _section(section: Section, transcripts: Mapping[Example, Transcript]) -> str:
    (kind,) = (one for one in classes() if one.code == section.code)
    code = f"Exit code {kind.exit_code}. " if section.code != "boot-failed" else ""
    parts = [f"## `{section.code}`\n", f"{_wrapped(code + section.when)}\n", f"{_wrapped(f'**What to do:** {section.then}')}\n"]
    for example in section.examples:
        parts += [f"### {example.title}\n", *_example(example, transcripts[example])]
    return "\n".join(parts)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 128, break_long_words=False, break_on_hyphens=False)


def _example(example: Example, transcript: Transcript) -> Iterator[str]:
    if transcript.installed:
        yield f"Installed: {transcript.installed}.\n"
    if example.shows:
        for name, content in transcript.files.items():
            language = "toml" if name.endswith(".toml") else "python"
            yield f"```{language}\n# {name}\n{content.strip()}\n```\n"
    told = transcript.outcome.stdout.partition("start report: ")[0]  # what took how long differs from run to run
    output = f"{told}{transcript.outcome.stderr}".rstrip()
    yield f"```console\n$ {example.command}\n{output}\n```\n"


def main() -> None:
    """Write the file."""
    FILE.write_text(render(run_all(all_examples())), encoding="utf-8")


if __name__ == "__main__":
    main()
