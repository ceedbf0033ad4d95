"""Reading with bounds and writing as a whole."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gpuplanner import disk
from gpuplanner.disk import DiskError, backup_path, make_folder, read_bounded, write_atomically

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX files")


def test_writes_and_replaces(tmp_path: Path) -> None:
    file = tmp_path / "a"
    write_atomically(file, b"one")
    write_atomically(file, b"two", backup=True)
    assert file.read_bytes() == b"two"
    assert backup_path(file).read_bytes() == b"one"
    write_atomically(file, b"two", backup=True)
    assert backup_path(file).read_bytes() == b"one", "a save without a change keeps the backup worth having"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a", "a.bak"]


@posix
def test_follows_links_and_keeps_the_mode(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"one")
    real.chmod(0o640)
    link.symlink_to(real)
    write_atomically(link, b"two")
    assert link.is_symlink()
    assert real.read_bytes() == b"two"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def _fails(number: int) -> Callable[..., Any]:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


class _NoRoom:
    """A file that takes nothing more."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __enter__(self) -> _NoRoom:
        return self

    def __exit__(self, *args: object) -> None:
        self._stream.close()

    def write(self, data: bytes) -> int:
        self._stream.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["open", "write", "fsync", "copy", "replace"])
@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "full"), (errno.EROFS, "protected"), (errno.EACCES, "permission"), (errno.EIO, "other")]
)
def test_whatever_fails_the_former_content_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int, code: str
) -> None:
    file = tmp_path / "a.gpuplan"
    file.write_bytes(b"former")
    real_open = Path.open
    if step == "open":
        monkeypatch.setattr(Path, "open", _fails(number))
    elif step == "write":
        code = "full"
        monkeypatch.setattr(Path, "open", lambda self, mode, *rest: _NoRoom(real_open(self, mode, *rest)))
    elif step == "fsync":
        monkeypatch.setattr(os, "fsync", _fails(number))
    elif step == "copy":
        monkeypatch.setattr(disk.shutil, "copy2", _fails(number))
    else:
        monkeypatch.setattr(os, "replace", _fails(number))
    with pytest.raises(DiskError) as caught:
        write_atomically(file, b"the new content", backup=True)
    monkeypatch.undo()
    assert caught.value.code == f"error.disk.write.{code}"
    assert str(file) in caught.value.sentence()
    assert file.read_bytes() == b"former"
    assert not list(tmp_path.glob(".gpuplanner-*")), "no temporary file is left"


def test_a_failing_second_replace_leaves_file_and_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"former")
    real = os.replace

    def replace(source: Any, target: Any) -> None:
        if Path(target) == file:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(DiskError):
        write_atomically(file, b"new", backup=True)
    assert file.read_bytes() == b"former"
    assert backup_path(file).read_bytes() == b"former"


def test_folder_that_cannot_be_synced_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync
    calls = []

    def fsync(handle: int) -> None:
        calls.append(handle)
        if len(calls) > 1:
            raise OSError(errno.EINVAL, "no")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    write_atomically(tmp_path / "a", b"x")
    assert (tmp_path / "a").read_bytes() == b"x"


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="no_folder") as caught:
        write_atomically(tmp_path / "missing" / "a", b"x")
    assert "missing" in caught.value.sentence()
    with pytest.raises(DiskError, match="no_folder"):
        write_atomically(tmp_path / "a\0b", b"x")
    with pytest.raises(DiskError, match="folder"):
        write_atomically(tmp_path, b"x")
    with pytest.raises(DiskError, match="long_name"):
        write_atomically(tmp_path / ("x" * 300), b"x")


def test_reads_files_only_and_only_small_ones(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"x" * 10)
    assert read_bounded(file, 10) == b"x" * 10
    with pytest.raises(DiskError, match="huge"):
        read_bounded(file, 9)
    with pytest.raises(DiskError, match=r"read\.folder"):
        read_bounded(tmp_path)
    with pytest.raises(DiskError, match=r"read\.missing"):
        read_bounded(tmp_path / "missing")
    with pytest.raises(DiskError, match=r"read\.missing"):
        read_bounded(tmp_path / "a\0b")
    with pytest.raises(DiskError, match=r"read\.missing"):
        read_bounded(file / "below")


@posix
def test_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(DiskError, match="no_file"):
        read_bounded(pipe)


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "huge.gpuplan"
    with file.open("wb") as stream:
        stream.truncate(10**9)
    monkeypatch.setattr(Path, "open", lambda *args, **kwargs: pytest.fail("it was opened"))
    with pytest.raises(DiskError, match="huge") as caught:
        read_bounded(file)
    assert "1,000 MB" in caught.value.sentence()


def test_make_folder(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DiskError, match="no_folder"):
        make_folder(tmp_path / "file")
    with pytest.raises(DiskError, match="other"):
        make_folder(tmp_path / "file" / "below")


def test_what_a_killed_program_left_is_taken_away_later(tmp_path: Path) -> None:
    abandoned, recent, other = (
        tmp_path / name for name in (f".gpuplanner-{'a' * 16}.tmp", f".gpuplanner-{'b' * 16}.tmp", "x.tmp")
    )
    nearly = tmp_path / ".gpuplanner-short.tmp"
    folder = tmp_path / f".gpuplanner-{'c' * 16}.tmp"
    folder.mkdir()
    for file in (abandoned, recent, other, nearly):
        file.write_bytes(b"half")
    old = time.time() - 2 * 3600
    for path in (abandoned, other, nearly, folder):
        os.utime(path, (old, old))
    write_atomically(tmp_path / "a", b"one")
    assert not abandoned.exists()
    assert all(path.exists() for path in (recent, other, nearly, folder, tmp_path / "a"))
