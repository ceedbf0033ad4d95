"""The files that were opened last."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.errors import InputError
from gpuplanner.paths import user_state_dir
from gpuplanner.scenario.recent import LIMIT, forget, recent_files, remember


def test_last_opened_first_each_once_and_no_more_than_ten(tmp_path: Path) -> None:
    assert recent_files() == ()
    paths = [tmp_path / f"{number} 客户.gpuplan" for number in range(LIMIT + 3)]
    for path in paths:
        remember(path)
    assert recent_files() == tuple(reversed(paths))[:LIMIT]
    remember(paths[5])
    assert recent_files()[0] == paths[5]
    assert len(set(recent_files())) == LIMIT


def test_forget_one_or_all(tmp_path: Path) -> None:
    remember(tmp_path / "a")
    remember(tmp_path / "b")
    assert forget(tmp_path / "b") == (tmp_path / "a",)
    assert forget() == ()
    assert recent_files() == ()


@given(st.binary(max_size=100) | st.sampled_from([b'{"a": 1}', b'[1, null, "", "a\\u0000b"]', b"[" * 10_000]))
def test_a_damaged_list_is_harmless(data: bytes) -> None:
    file = user_state_dir() / "recent.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    assert all(isinstance(path, Path) for path in recent_files())
    remember(Path("/a"))
    assert recent_files()[0] == Path("/a").absolute()


def test_a_place_that_cannot_be_written_is_told(own_home: Path) -> None:
    (own_home / "state").write_bytes(b"")
    with pytest.raises(InputError, match=r"disk\.folder"):
        remember(Path("/a"))
