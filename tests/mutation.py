"""Mutation testing with mutmut: ``nox -s mutants``, that is ``python -m tests.mutation DIRECTORY``.

mutmut makes thousands of small changes (mutants) in the rooms that ``[tool.mutmut]`` in ``pyproject.toml`` names. A mutant that no
test notices survives. Running all would take days, so a sample is run, drawn evenly from the modules with a fixed seed, and each
mutant is judged by some of the tests that reach its function: first by a few, and if none of them notices it by more, see
:data:`ROUNDS`. The score is therefore a lower bound.

It works on a copy of the repository, which stays in ``DIRECTORY`` for ``mutmut show NAME`` and ``mutmut tests-for-mutant NAME``.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
MUTMUT: Final = str(Path(sys.executable).parent / "mutmut")

#: Where mutmut notes which tests reach which functions.
STATS: Final = Path("mutants", "mutmut-stats.json")
#: For each round: how many tests judge a mutant at most, and how many seconds of tests.
ROUNDS: Final = ((60, 10.0), (600, 60.0))

#: Exit codes that mutmut notes of a run in which no test failed: all passed, or no test reaches the function.
SURVIVED: Final = {0: "survived", 5: "no tests", 33: "no tests"}


def main(arguments: list[str]) -> int:
    """Draw a sample, run it, and print the score; 1 if it is below the minimum."""
    options = _options(arguments)
    copy: Path = options.directory
    if not options.again:
        copy_repository(copy)
        # mutmut has no command that only makes the mutants and notes which tests reach what. With a name of no mutant it ends then.
        _mutmut(copy, "no-such-mutant", check=False)
        if not (copy / STATS).is_file():
            raise SystemExit("mutmut has failed: see above")
        shutil.copy(copy / STATS, copy / "stats.json")
    known = results(copy)
    wanted = [name for name in known if any(fnmatch(name, pattern) for pattern in options.only)]
    chosen = sample(wanted, options.per_module, options.seed)
    for tests, seconds in ROUNDS:
        known = results(copy)
        if pending := [name for name in chosen if known[name] is None or known[name] in SURVIVED]:
            limit_tests(copy, tests, seconds)
            _mutmut(copy, *pending)
    known = results(copy)
    return _report(copy, {name: known[name] for name in chosen}, options.minimum)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("directory", type=Path, help="of the copy")
    parser.add_argument("--only", nargs="+", default=["*"], help="patterns of modules: 'host.loading.*'")
    parser.add_argument("--per-module", type=int, default=9, help="mutants of each module, 0 for all")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--minimum", type=float, default=0.85, help="the score below which it fails")
    parser.add_argument("--again", action="store_true", help="go on in a copy that is there")
    return parser.parse_args(arguments)


def copy_repository(copy: Path) -> None:
    """Copy what git knows or would add, as it is in the working tree."""
    shutil.rmtree(copy, ignore_errors=True)
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)


def _mutmut(copy: Path, *names: str, check: bool = True) -> None:
    """Run some mutants, one after the other."""
    subprocess.run([MUTMUT, "run", "--max-children", "1", *names], cwd=copy, check=check)


def limit_tests(copy: Path, most: int, longest: float) -> None:
    """Leave each function some of the tests that reach it.

    Half of them are those that reach the fewest functions: they are about this one. The other half is drawn from the rest, as of a
    function that every start of a host calls the tests with the smallest start say the least.
    """
    stats = json.loads((copy / "stats.json").read_text(encoding="utf-8"))
    file = copy / "mutants" / "failed.txt"
    failed = set(file.read_text(encoding="utf-8").splitlines()) if file.is_file() else set()
    tests = {
        name: [test for test in those if test not in failed] for name, those in stats["tests_by_mangled_function_name"].items()
    }
    reached = Counter(test for those in tests.values() for test in those)
    durations: Mapping[str, float] = stats["duration_by_test"]
    for function, those in tests.items():
        own = sorted(those, key=lambda test: (reached[test], durations[test], test))
        rest = sorted(own[most // 2 :])
        random.Random(function).shuffle(rest)
        chosen = [*own[: most // 2], *rest][:most]
        seconds = 0.0
        tests[function] = [test for test in chosen if (seconds := seconds + durations[test]) <= longest] or chosen[:1]
    (copy / STATS).write_text(json.dumps(stats | {"tests_by_mangled_function_name": tests}), encoding="utf-8")


def results(copy: Path) -> dict[str, int | None]:
    """Return the exit code of each mutant, ``None`` of one that was not run."""
    found: dict[str, int | None] = {}
    for file in sorted((copy / "mutants" / "host").rglob("*.meta")):
        found |= json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def module_of(mutant: str) -> str:
    """Return the module of a mutant: ``host.loading.hooks`` of ``host.loading.hooks.x_name__mutmut_1``."""
    return mutant.rpartition(".")[0]


def sample(mutants: Iterable[str], per_module: int, seed: int) -> list[str]:
    """Draw the same number of mutants from each module, or all of a module that has fewer."""
    by_module = defaultdict(list)
    for mutant in sorted(mutants):
        by_module[module_of(mutant)].append(mutant)
    drawn = []
    for module, those in sorted(by_module.items()):
        # Each module has a generator of its own, so that a change in one does not draw others everywhere.
        size = min(per_module or len(those), len(those))
        drawn += random.Random(f"{seed} {module}").sample(those, size)
    return drawn


def _report(copy: Path, codes: Mapping[str, int | None], minimum: float) -> int:
    """Print the score of each room and of all, and write the survivors with what was changed into a file."""
    alive = sorted(name for name, code in codes.items() if code is None or code in SURVIVED)
    file = copy / "survivors.diff"
    with file.open("w", encoding="utf-8") as output:
        for name in alive:
            change = subprocess.run([MUTMUT, "show", name], cwd=copy, check=False, capture_output=True, text=True).stdout
            output.write(f"# {name}: {SURVIVED.get(codes[name] or 0, 'not run')}\n{change}\n")
    drawn, survivors = Counter(map(module_of, codes)), Counter(map(module_of, alive))
    lines = [f"{module}: {count - survivors[module]} of {count} killed" for module, count in sorted(drawn.items())]
    score = 1 - len(alive) / len(codes)
    lines.append(f"{len(codes) - len(alive)} of {len(codes)} mutants killed, {score:.1%}; the others: {file}")
    print("\n".join(lines))  # noqa: T201 - a command
    return int(score < minimum)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
