"""Recovery copies: kept while alive, offered when orphaned, harmless when damaged."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.errors import InputError
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.recovery import RecoveryCopy, orphans, recovery_dir

SCENARIO = Scenario(name="Chat 客服")

CRASH = """
import os, sys
from pathlib import Path
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.recovery import RecoveryCopy
first, second = RecoveryCopy(), RecoveryCopy()
first.write(Scenario(name="first"), Path("/somewhere/first.gpuplan"), "digest")
second.write(Scenario(name="second"), None)
second.write(Scenario(name="second, edited"), None)
print("written", flush=True)
sys.stdin.readline()
os._exit(9)
"""


def crash() -> None:
    """A process that writes two copies and dies without a word."""
    subprocess.run([sys.executable, "-c", CRASH], input=b"\n", check=False, capture_output=True, env=os.environ)


def test_nothing_is_on_disk_before_the_first_edit() -> None:
    copy = RecoveryCopy()
    assert not recovery_dir().exists()
    copy.discard()
    assert orphans() == ()


def test_the_copy_of_a_living_document_is_not_offered(tmp_path: Path) -> None:
    copy = RecoveryCopy()
    copy.write(SCENARIO, tmp_path / "a.gpuplan", "d")
    assert copy.file.exists()
    assert orphans() == ()
    copy.discard()
    assert list(recovery_dir().iterdir()) == []
    copy.write(SCENARIO, None)
    assert copy.file.exists(), "a copy can be written again after a save"
    copy.discard()


@pytest.mark.process
def test_what_a_crashed_process_left_is_offered() -> None:
    crash()
    found = orphans()
    assert {orphan.scenario.name for orphan in found} == {"first", "second, edited"}
    first = next(orphan for orphan in found if orphan.path)
    second = next(orphan for orphan in found if not orphan.path)
    assert (first.name, first.path, first.catalog_digest) == ("first.gpuplan", Path("/somewhere/first.gpuplan"), "digest")
    assert (second.name, second.path) == ("second, edited", None)
    assert abs(first.time - datetime.now(UTC)) < timedelta(minutes=5)
    first.discard()
    assert [orphan.name for orphan in orphans()] == ["second, edited"]
    second.discard()
    assert list(recovery_dir().iterdir()) == []


@pytest.mark.process
def test_a_living_process_keeps_its_copies_to_itself() -> None:
    process = subprocess.Popen([sys.executable, "-c", CRASH], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == b"written\n"
        assert orphans() == ()
        process.stdin.write(b"\n")
        process.stdin.close()
        process.wait()
    assert len(orphans()) == 2


def _orphaned(name: str = "x") -> Path:
    """A copy whose lock nobody holds."""
    copy = RecoveryCopy()
    copy.write(Scenario(name=name), None)
    assert copy._lock is not None
    copy._lock.close()
    return copy.file


def test_a_copy_without_a_lock_file_is_offered() -> None:
    _orphaned().with_suffix(".lock").unlink()
    assert [orphan.name for orphan in orphans()] == ["x"]


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[]", b'{"format": "gpuplan-recovery"}', b"[" * 100_000])
def test_a_damaged_copy_is_harmless(data: bytes) -> None:
    good, bad = _orphaned("good"), _orphaned("bad")
    bad.write_bytes(data)
    assert [orphan.name for orphan in orphans()] == ["good"]
    assert bad.exists(), "it's left for whoever wants to look into it"
    assert good.exists()


@given(data=st.data())
def test_any_damage_is_harmless(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("recovery")
    copy = RecoveryCopy(folder)
    copy.write(SCENARIO, None)
    assert copy._lock is not None
    copy._lock.close()
    content = bytearray(copy.file.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place : place + data.draw(st.integers(0, 30))] = data.draw(
        st.binary(max_size=10) | st.sampled_from([b"null", b"{}", b'"'])
    )
    copy.file.write_bytes(bytes(content))
    assert len(orphans(folder)) <= 1


def test_a_full_disk_keeps_the_former_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    copy = RecoveryCopy()
    copy.write(SCENARIO, None)
    former = copy.file.read_bytes()

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InputError, match=r"write\.full"):
        copy.write(Scenario(name="new"), None)
    monkeypatch.undo()
    assert copy.file.read_bytes() == former
    copy.discard()


def test_a_place_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError):
        RecoveryCopy(tmp_path / "file" / "recovery").write(SCENARIO, None)
    assert orphans(tmp_path / "file") == ()


def test_a_copy_does_not_wait_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written between keystrokes, and a killed process leaves it all the same."""

    def slow(handle: int) -> None:
        raise AssertionError(handle)

    monkeypatch.setattr(os, "fsync", slow)
    copy = RecoveryCopy()
    copy.write(SCENARIO, None)
    assert orphans() == ()  # held by us
    assert copy.file.exists()
    copy.discard()
