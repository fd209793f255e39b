"""The file on the disk: whole or not at all, untouched when equal, and who drifted."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from host.errors import ConfigurationError
from host.files import write
from host.frontend.drift import drift, parts_in
from host.frontend.emit import generate
from host.frontend.model import Generated, PluginInput
from tests.frontend.plugins import billing, todo


def made(*plugins: PluginInput) -> Generated:
    return generate(plugins)


def test_writes_a_new_file_readable_as_any_other(tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.touch()
    assert write(tmp_path / "x.ts", "é\n")
    assert (tmp_path / "x.ts").read_bytes() == "é\n".encode()
    assert (tmp_path / "x.ts").stat().st_mode == beside.stat().st_mode


def test_an_equal_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "x.ts"
    write(path, "a\n")
    before = path.stat()
    assert not write(path, "a\n")
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_that_differs_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "x.ts"
    path.write_text("old")
    path.chmod(0o640)
    assert write(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_reader_of_the_old_file_never_sees_half_of_the_new(tmp_path: Path) -> None:
    path = tmp_path / "x.ts"
    path.write_text("old")
    with path.open() as reader:
        write(path, "n" * 100_000)
        assert reader.read() == "old"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.ts").write_text("old")
    link = tmp_path / "link.ts"
    link.symlink_to("real.ts")
    write(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "real.ts").read_text() == "new"


def test_a_directory_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no/x\.ts cannot be written: No such file or directory") as caught:
        write(tmp_path / "no" / "x.ts", "a")
    assert "frontend.output" in caught.value.fix


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "x.ts").mkdir()
    with pytest.raises(ConfigurationError):
        write(tmp_path / "x.ts", "a")
    assert list(tmp_path.iterdir()) == [tmp_path / "x.ts"]


def test_the_parts_can_be_cut_out_of_the_file() -> None:
    generated = made(billing(), todo())
    assert parts_in(generated.text) == generated.parts
    assert sorted(generated.parts) == ["acme__billing", "acme__todo"]


def test_nothing_drifts_from_itself() -> None:
    generated = made(billing(), todo())
    found = drift(generated.text, generated)
    assert (found.plugins, found.diff) == ((), "")


def test_the_plugin_that_changed_is_named() -> None:
    old = made(billing(), todo())
    found = drift(old.text, made(billing(), replace(todo(), routes=todo().routes[1:])))
    assert found.plugins == ("acme__todo",)
    assert "+export const schemaHash" in found.diff


def test_a_new_version_is_drift_of_that_plugin_alone() -> None:
    old = made(billing(), todo())
    assert drift(old.text, made(billing(version="1.3.0"), todo())).plugins == ("acme__billing",)


def test_plugins_that_came_and_went_are_named() -> None:
    other = PluginInput("acme__other", "acme", "other", "1", "/acme__other", "nowhere")
    old = made(billing(), other)
    assert drift(old.text, made(billing(), replace(other, key="acme__more", name="more"))).plugins == ("acme__more", "acme__other")


def test_a_file_that_is_no_such_file_has_drifted_in_everything() -> None:
    found = drift("export {};", made(billing(), todo()))
    assert found.plugins == ("acme__billing", "acme__todo")
    assert "-export {};" in found.diff


def test_what_the_host_itself_changed_is_in_the_diff_only() -> None:
    generated = made(billing())
    found = drift(generated.text.replace("export interface CallOptions", "export interface Options"), generated)
    assert found.plugins == ()
    assert "+export interface CallOptions" in found.diff
