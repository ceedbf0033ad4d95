"""The program finds its data in a source tree, in a wheel and in a frozen bundle."""

from __future__ import annotations

import sys

import pytest

from gpuplanner import assets


@pytest.fixture
def fresh():
    assets.root.cache_clear()
    yield
    assets.root.cache_clear()


def test_source_tree():
    assert (assets.resources() / "texts" / "cli.json").is_file()
    assert list(assets.catalogs().rglob("*.json"))


def data(folder):
    for name in ("resources", "catalogs"):
        (folder / name).mkdir(parents=True)
    return folder


def test_wheel(fresh, monkeypatch, tmp_path):
    inside = data(tmp_path / "site-packages" / "gpuplanner" / "_data")
    monkeypatch.setattr(assets, "__file__", str(inside.parent / "assets.py"))
    assert assets.resources() == inside / "resources"


def test_frozen_bundle(fresh, monkeypatch, tmp_path):
    inside = data(tmp_path / "gpuplanner" / "_data")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert assets.catalogs() == inside / "catalogs"


def test_incomplete_installation_says_where_it_looked(fresh, monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "__file__", str(tmp_path / "gpuplanner" / "assets.py"))
    with pytest.raises(FileNotFoundError, match="gpuplanner"):
        assets.root()
