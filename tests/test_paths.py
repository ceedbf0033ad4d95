"""The user's folders: under one home when one is set, else where the system keeps such things."""

from __future__ import annotations

from pathlib import Path

from gpuplanner import paths


def test_home_of_its_own(own_home):
    assert paths.user_config_dir() == own_home / "config"
    assert paths.user_data_dir() == own_home / "data"
    assert paths.user_state_dir() == own_home / "state"
    assert paths.user_cache_dir() == own_home / "cache"


def test_system_places_are_four_different_ones_named_after_the_program(monkeypatch):
    monkeypatch.delenv(paths.HOME_VARIABLE)
    places = [paths.user_config_dir(), paths.user_data_dir(), paths.user_state_dir(), paths.user_cache_dir()]
    assert all(place.is_absolute() and place.name == paths.APP for place in places)
    assert len(set(places)) == len(places)


def test_set_home_takes_a_relative_folder_as_of_now(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    paths.set_home(Path("portable"))
    monkeypatch.chdir("/")
    assert paths.user_data_dir() == tmp_path / "portable" / "data"
    assert not paths.user_data_dir().exists()
