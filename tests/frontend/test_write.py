"""Writing the file to disk: completely or not at all, and not at all if it is unchanged."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from host.common.errors import ConfigurationError
from host.common.files import write


def test_a_new_file_has_its_text_and_the_usual_permissions(tmp_path: Path) -> None:
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


def test_a_reader_of_the_old_file_never_sees_part_of_the_new_file(tmp_path: Path) -> None:
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


def test_a_missing_directory_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no/x\.ts cannot be written: No such file or directory") as caught:
        write(tmp_path / "no" / "x.ts", "a")
    assert "frontend.output" in caught.value.fix


def test_a_failed_write_leaves_no_file_behind(tmp_path: Path) -> None:
    (tmp_path / "x.ts").mkdir()
    with pytest.raises(ConfigurationError):
        write(tmp_path / "x.ts", "a")
    assert list(tmp_path.iterdir()) == [tmp_path / "x.ts"]
