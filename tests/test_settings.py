"""Settings: kept, and never in the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.errors import InputError
from gpuplanner.paths import user_data_dir
from gpuplanner.settings import ByteUnit, Language, Settings, Theme, load_settings, save_settings, settings_file


def put(data: bytes) -> None:
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings_file().write_bytes(data)


def test_defaults_without_a_file() -> None:
    assert load_settings() == Settings()
    assert not settings_file().exists()
    assert Settings().folder() == user_data_dir() / "scenarios"


def test_what_is_saved_is_what_is_loaded() -> None:
    chosen = Settings(
        language=Language.CHINESE,
        theme=Theme.DARK,
        byte_unit=ByteUnit.GIB,
        scenario_folder="/客户",
        table={"order": ["gpu", "ttft"], "sort": "ttft", "descending": True, "widths": {"ttft": 90}},
        window_geometry="AAAA",
        panel_sizes=(300, 900, 292),
    )
    save_settings(chosen)
    assert load_settings() == chosen
    assert chosen.folder() == Path("/客户")


def test_settings_of_a_newer_program_survive() -> None:
    put(b'{"theme": "dark", "later": {"a": 1}}')
    save_settings(load_settings())
    assert json.loads(settings_file().read_bytes())["later"] == {"a": 1}


def test_one_wrong_value_costs_only_itself() -> None:
    put(b'{"theme": "pink", "language": "zh", "panel_sizes": ["a"]}')
    assert load_settings() == Settings(language=Language.CHINESE)
    aside = settings_file().with_name("settings.json.damaged")
    assert b"pink" in aside.read_bytes()


@given(
    st.binary(max_size=100)
    | st.sampled_from([b"[]", b"5", b"[" * 10_000, b'{"theme": NaN}', b'{"language": {}, "theme": "dark"}'])
)
def test_any_damage_is_harmless(data: bytes) -> None:
    put(data)
    loaded = load_settings()
    assert loaded.theme in Theme
    save_settings(loaded)
    assert load_settings() == loaded


def test_a_place_that_cannot_be_written_is_told(own_home: Path) -> None:
    (own_home / "config").write_bytes(b"")
    with pytest.raises(InputError, match=r"disk\.folder"):
        save_settings(Settings())
    assert load_settings() == Settings()
