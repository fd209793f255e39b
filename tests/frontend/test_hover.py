"""The documentation that an editor shows at a call: the route's own description."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.frontend.compile import HERE, install, node
from tests.serverkit import HOST

PAGE = """\
import { acme__todo, createApi } from "./generated-config";
const { acme__todo: todo } = createApi({ acme__todo });
todo.task.create({ title: "" });
todo.task.getAll({});
"""


@pytest.fixture(scope="module")
def hovers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return called name → documentation, from a page that uses the sample plugins."""
    directory = tmp_path_factory.mktemp("hover")
    subprocess.run([str(HOST), "generate-config"], cwd=directory, check=True, capture_output=True, timeout=60)
    page = directory / "page.ts"
    page.write_text(PAGE, encoding="utf-8")
    install()
    environment = {**os.environ, "NODE_PATH": str(HERE / "node_modules")}
    command = [node(), str(HERE / "hover.cjs"), str(page)]
    done = subprocess.run(command, cwd=directory, env=environment, check=True, capture_output=True, text=True, timeout=120)
    documentation: dict[str, str] = json.loads(done.stdout)
    return documentation


@pytest.mark.parametrize(
    ("called", "words"),
    [
        ("create", "Create one task. `POST /acme__todo/task`, announces `taskCreated`."),
        ("getAll", "List tasks, page by page, newest first by default. `GET /acme__todo/task`."),
    ],
)
def test_a_call_shows_the_description_of_its_route(hovers: dict[str, str], called: str, words: str) -> None:
    assert hovers[called] == words
