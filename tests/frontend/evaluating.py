"""Evaluate a generated file in Node: the values of its objects and the names and strings in its types."""

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
    """The evaluated content of a file.

    Args:
        configs: plugin key → its object, with each target called.
        types: namespace or interface → every property name and every string in it.
    """

    configs: Mapping[str, Any]
    types: Mapping[str, list[str]]


def evaluate(text: str, directory: Path, payloads: Mapping[str, Mapping[str, str]]) -> Evaluated:
    """Strip the types and run the rest.

    Args:
        text: the text of the file.
        directory: the directory to write it to.
        payloads: plugin key → the path parameters to call its targets with.
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
    result = json.loads(done.stdout, parse_int=_number)
    return Evaluated({key: _plain(value) for key, value in result["configs"]}, result["types"])


def _number(digits: str) -> int | float:
    """Parse a number: JavaScript writes even a large inexact number with all its digits."""
    return int(digits) if abs(int(digits)) < 2**53 else float(digits)


def _plain(value: Mapping[str, Any]) -> Any:
    if "entries" in value:
        return {key: _plain(value) for key, value in value["entries"]}
    if "items" in value:
        return [_plain(item) for item in value["items"]]
    return value["call"] if "call" in value else value["value"]
