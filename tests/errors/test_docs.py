"""The examples of ``docs/errors.md`` end as they say, and the file is up to date."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.errors.examples.shape import Example, Section
from tests.errors.make_docs import BASES, FILE, IN_PROCESS, SECTIONS, Transcript, all_examples, classes, render, run_all

EXAMPLES = [
    pytest.param(section, example, id=f"{section.code}: {example.title}") for section in SECTIONS for example in section.examples
]


@pytest.fixture(scope="session")
def transcripts() -> Mapping[Example, Transcript]:
    """The transcripts of all examples, each of which runs once."""
    return run_all(all_examples())


def test_every_code_has_a_section() -> None:
    assert [section.code for section in SECTIONS] == list(dict.fromkeys(section.code for section in SECTIONS))
    assert {section.code for section in SECTIONS} == {kind.code for kind in classes()} - BASES - IN_PROCESS.keys()


@pytest.mark.parametrize(("section", "example"), EXAMPLES)
def test_an_example_ends_as_it_says(transcripts: Mapping[Example, Transcript], section: Section, example: Example) -> None:
    outcome = transcripts[example].outcome
    assert outcome.code == example.exit_code, outcome
    assert "Traceback" not in outcome.stderr
    if section.code != "boot-failed":
        assert f"error[{section.code}]: " in outcome.stderr
    for part in example.says:
        assert part in outcome.stderr
    assert "hunter2" not in outcome.stdout + outcome.stderr


def test_the_file_is_what_the_examples_give(transcripts: Mapping[Example, Transcript]) -> None:
    assert FILE.read_text(encoding="utf-8") == render(transcripts), "run: python -m tests.errors.make_docs"
