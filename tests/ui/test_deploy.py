"""Deployment files in the window: read, copied, saved."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.texts import text
from gpuplanner.ui.dialogs.deploy import DeployDialog
from gpuplanner.ui.window import MainWindow


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> Iterator[DeployDialog]:
    qtbot.waitUntil(lambda: window.session.estimate is not None, timeout=10_000)
    window.actions_by_key["deploy"].trigger()
    found = window.findChild(DeployDialog)
    assert found is not None
    yield found
    if window.findChild(DeployDialog) is not None:
        found.close()


def test_each_file_can_be_read_and_copied(dialog: DeployDialog) -> None:
    assert dialog.chosen() == ["vllm"]
    names = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert names[0] == "vllm/serve.sh"
    assert {"loadtest.sh", "README.md", "README.zh.md"} <= set(names)
    assert "exec vllm serve" in dialog.preview.toPlainText()
    dialog.list.setCurrentRow(names.index("README.zh.md"))
    QTest.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    assert "验收预期" in QGuiApplication.clipboard().text()


def test_another_target_adds_its_files_and_keeps_the_place(dialog: DeployDialog) -> None:
    dialog.targets["k8s"].setChecked(True)
    names = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert "k8s/deployment.yaml" in names
    assert dialog.list.currentItem().text() == "vllm/serve.sh"
    dialog.targets["vllm"].setChecked(False)
    dialog.targets["k8s"].setChecked(False)
    assert dialog.list.count() == 0
    assert not dialog.save_button.isEnabled()
    assert dialog.problem.text()


def test_saved_scripts_may_be_run(
    dialog: DeployDialog, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.filing.asking, "folder", lambda _start: tmp_path)
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    script = tmp_path / "vllm" / "serve.sh"
    assert script.read_text().startswith("#!/bin/sh")
    assert script.stat().st_mode & stat.S_IXUSR
    assert "serve.sh" in window.notices.bars[0].sentence.text()


def test_a_folder_that_cannot_be_written_is_a_sentence(
    dialog: DeployDialog, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(window.filing.asking, "folder", lambda _start: tmp_path / "file")
    dialog.save_button.click()
    assert window.notices.bars
    assert dialog.isVisible()


def test_work_that_no_engine_here_serves_says_so(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.session.estimate is not None, timeout=10_000)
    window.session.set("workload.kind", WorkloadKind.ENCODE)
    window.commander.show_deployment()
    dialog = window.findChild(DeployDialog)
    assert dialog is not None
    assert not dialog.targets
    assert dialog.problem.text() == text("deploy.nothing_for_kind")
    dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel).click()
