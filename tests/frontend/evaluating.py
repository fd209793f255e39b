"""A generated file under Node: what its objects hold once they are evaluated, and what its types say once they are parsed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.frontend.compile import HERE, install, node


@dataclass(frozen=True)
class Evaluated:
    """What Node makes of a file.

    Args:
        configs: plugin key → its object, with each target called.
        types: namespace or interface → every property name and every string in it.
    """

    configs: Mapping[str, Any]
    types: Mapping[str, list[str]]


def evaluate(text: str, directory: Path, payloads: Mapping[str, Mapping[str, str]]) -> Evaluated:
    """Strip the types, run the rest.

    Args:
        text: of the file.
        directory: gets it.
        payloads: plugin key → the path parameters with which its targets are called.
    """
    install()
    file, asked = directory / "evaluated.ts", directory / "payloads.json"
    file.write_text(text, encoding="utf-8")
    asked.write_text(json.dumps(payloads), encoding="utf-8")
    command = [node(), str(HERE / "evaluate.cjs"), str(file), str(asked)]
    environment = {**os.environ, "NODE_PATH": str(HERE / "node_modules")}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, timeout=300)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    made = json.loads(done.stdout, parse_int=_number)
    return Evaluated({key: _plain(value) for key, value in made["configs"]}, made["types"])


def _number(digits: str) -> int | float:
    """JavaScript writes also a great number that is not exact by all its digits."""
    return int(digits) if abs(int(digits)) < 2**53 else float(digits)


def _plain(shown: Mapping[str, Any]) -> Any:
    if "entries" in shown:
        return {key: _plain(value) for key, value in shown["entries"]}
    if "items" in shown:
        return [_plain(one) for one in shown["items"]]
    return shown["call"] if "call" in shown else shown["value"]
