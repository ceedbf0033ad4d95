"""Catalogue packs in the window: shown, trusted, put in force, put away; by real clicks and keys."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from gpuplanner.catalog.pack import signing, store
from gpuplanner.catalog.pack.archive import make_pack, sign_pack
from gpuplanner.ui.packs.dialog import PackDialog
from gpuplanner.ui.window import MainWindow

RECORDS = [{"id": "nvidia-h100-sxm5-80gb", "change": {"tdp_w": 650}}, {"id": "nvidia-t4", "hidden": True}]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Changes one GPU, removes another; signed by a stranger."""
    (tmp_path / "facts" / "gpus").mkdir(parents=True)
    (tmp_path / "facts" / "gpus" / "new.json").write_text(json.dumps({"records": RECORDS}), encoding="utf-8")
    out = tmp_path / "november.gpucatalog"
    make_pack(tmp_path / "facts", out, "November", date(2026, 11, 1), "Facts Ltd", "From the stick")
    signing.make_key(tmp_path / "key.json")
    sign_pack(out, signing.read_key(tmp_path / "key.json"))
    return out


def shown(window: MainWindow, path: Path) -> PackDialog:
    window.filing.asking.path = path  # type: ignore[attr-defined]
    window.actions_by_key["import_pack"].trigger()
    assert window.pack_desk.dialog is not None
    return window.pack_desk.dialog


def test_a_stranger_needs_a_name_first(window: MainWindow, pack: Path) -> None:
    window.session.set("deployment.gpu", "nvidia-h100-sxm5-80gb")
    window.session.recompute()
    before = window.session.estimate.plan().figures["power"].value
    dialog = shown(window, pack)
    assert "nobody here knows" in dialog.signer.text()
    assert dialog.counts.text() == "Entries changed: 1, Entries removed: 1"
    assert [dialog.table.item(0, column).text() for column in range(3)] == ["changed", "gpu nvidia-h100-sxm5-80gb", "tdp_w"]
    assert dialog.lines.lines, "power follows the GPU's"
    assert not dialog.take.isEnabled()
    QTest.keyClicks(dialog.trust, "Facts Ltd")
    assert dialog.take.isEnabled()
    QTest.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert window.session.catalog.gpus["nvidia-h100-sxm5-80gb"].tdp_w == 650
    assert "nvidia-t4" not in window.session.catalog.gpus
    assert window.session.estimate.plan().figures["power"].value < before
    assert "November" in window.notices.bars[0].sentence.text()


def test_a_known_key_is_named_and_one_can_go_back(window: MainWindow, pack: Path, tmp_path: Path) -> None:
    store.trust(signing.public_of(signing.read_key(tmp_path / "key.json")), "Facts Ltd")
    dialog = shown(window, pack)
    assert dialog.signer.text().startswith("Signed by Facts Ltd")
    assert dialog.trust.isHidden()
    QTest.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert "nvidia-t4" not in window.session.catalog.gpus
    window.actions_by_key["pack_back"].trigger()
    assert "nvidia-t4" in window.session.catalog.gpus
    window.actions_by_key["pack_back"].trigger()
    assert window.notices.bars[0].sentence.text().startswith("No pack is in force")


def test_an_unsigned_pack_is_shown_but_not_taken(window: MainWindow, pack: Path, tmp_path: Path) -> None:
    make_pack(tmp_path / "facts", pack, "November", date(2026, 11, 1))
    dialog = shown(window, pack)
    assert "not signed" in dialog.signer.text()
    assert not dialog.take.isEnabled()
    dialog.reject()
    assert store.state().current is None


def test_a_broken_pack_is_refused_in_a_sentence(window: MainWindow, pack: Path) -> None:
    pack.write_bytes(pack.read_bytes()[:-40])
    window.pack_desk.read(pack)
    assert window.pack_desk.dialog is None
    assert "november.gpucatalog" in window.notices.bars[0].sentence.text()


def test_a_pack_dropped_on_the_window_is_shown(window: MainWindow, pack: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(pack))])
    event = QDropEvent(QPoint(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    window.dropEvent(event)
    assert event.isAccepted()
    assert window.pack_desk.dialog is not None
    assert "Facts Ltd" in "".join(
        label.text() for label in window.pack_desk.dialog.findChildren(type(window.pack_desk.dialog.signer))
    )


def test_a_warning_names_the_pack_and_a_change_of_nothing_is_no_addition(window: MainWindow, pack: Path, tmp_path: Path) -> None:
    records = [*RECORDS, {"id": "nobody-x1", "change": {"tdp_w": 1}}]
    (tmp_path / "facts" / "gpus" / "new.json").write_text(json.dumps({"records": records}), encoding="utf-8")
    make_pack(tmp_path / "facts", pack, "November", date(2026, 11, 1))
    dialog = shown(window, pack)
    assert dialog.counts.text() == "Entries changed: 1, Entries removed: 1"
    said = [label.text() for label in dialog.findChildren(QLabel) if "nobody-x1" in label.text()]
    assert len(said) == 1
    assert f"{pack.name}/gpus/new.json" in said[0]
    assert tempfile.gettempdir() not in said[0]
