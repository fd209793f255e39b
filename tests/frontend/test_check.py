"""``host generate-config --check``: whatever lies where the file should be, it says what is wrong with it, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.common.errors import ConfigurationError, StaleConfigError
from host.frontend.emit import generate
from host.lifecycle.generation import check_config
from tests.distributions import Project
from tests.frontend.plugins import billing, todo

MADE = generate([billing(), todo()])


def checked(path: Path, content: bytes | None) -> StaleConfigError:
    """What is said of a file; ``None`` for none."""
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StaleConfigError) as caught:
        check_config(path, MADE)
    assert (path.read_bytes() if path.exists() else None) == content
    return caught.value


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "generated-config.ts"


def test_a_file_that_is_right_passes(path: Path) -> None:
    path.write_text(MADE.text, encoding="utf-8")
    check_config(path, MADE)


def test_a_missing_file_is_told_as_such(path: Path) -> None:
    error = checked(path, None)
    assert error.message == "generated-config.ts is missing"
    assert (error.changes, error.diff) == ((), "")


def test_an_empty_file_is_no_generated_one(path: Path) -> None:
    assert "is no file that the host has generated" in checked(path, b"").message


def test_an_edited_file_says_plugin_and_operation(path: Path) -> None:
    error = checked(path, MADE.text.replace("deleteHard", "archive").encode())
    assert error.message == "generated-config.ts is stale; drifted: acme__todo"
    assert error.changes == ("acme__todo: added operation task.deleteHard; removed operation task.archive",)
    assert error.facts["changed"] == error.changes[0]
    assert "-        archive:" in error.diff


def test_line_ends_are_told_with_what_to_do_about_them(path: Path) -> None:
    error = checked(path, MADE.text.replace("\n", "\r\n").encode())
    assert error.message.endswith("its lines end in CRLF")
    assert ".gitattributes" in error.fix
    assert error.diff == ""


@pytest.mark.parametrize("content", [bytes(range(256)) * 40, b"\xff\xfe\x00a", "export const x = 1;\n".encode("utf-16")])
def test_a_binary_file_is_no_generated_one(path: Path, content: bytes) -> None:
    assert "is no file that the host has generated" in checked(path, content).message


def test_a_foreign_file_is_no_generated_one(path: Path) -> None:
    error = checked(path, b"export const mine = 1;\n")
    assert "is no file that the host has generated" in error.message
    assert "which replaces it" in error.fix


@pytest.mark.parametrize("end", [0.1, 0.4, 0.6, 0.9])
def test_half_a_file_is_stale(path: Path, end: float) -> None:
    content = MADE.text.encode()
    assert "is stale" in checked(path, content[: int(len(content) * end)]).message


def test_what_cannot_be_read_is_an_error_of_its_own(path: Path) -> None:
    path.mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        check_config(path, MADE)


def test_the_command_prints_who_drifted_in_what_and_then_the_diff(project: Project) -> None:
    source = """
        from litestar import get

        @get("/item")
        async def items() -> list[str]: return []
        @hookimpl
        def register_routes(scope): return items
    """
    project.install("acme-shop", source)
    assert project.host("generate-config").code == 0
    project.install("acme-shop", source.replace("/item", "/thing"))
    project.install("acme-more")
    done = project.host("generate-config", "--check")
    lines = done.stdout.splitlines()
    assert done.code == 1
    assert lines[0] == "acme__more: added"
    assert lines[1] == "acme__shop: added entity thing, operation thing.getAll; removed entity item, operation item.getAll"
    assert lines[2].startswith("--- generated-config.ts")
    assert "error[stale-config]" in done.stderr
