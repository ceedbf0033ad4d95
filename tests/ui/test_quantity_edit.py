"""Quantity fields: what people type, by real keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from gpuplanner import texts
from gpuplanner.scenario.fields import limits
from gpuplanner.ui.fields.quantity import Asks, QuantityEdit
from gpuplanner.units import QuantityKind

TOKENS = Asks(QuantityKind.TOKENS, limits("workload.input_tokens"))
TTFT = Asks(QuantityKind.SECONDS, limits("targets.ttft_s"), "ms", "≤ ", "form.no_limit")


class Log:
    """What a field told."""

    def __init__(self, edit: QuantityEdit) -> None:
        self.values: list[object] = []
        self.remarks: list[tuple[str, bool]] = []
        edit.edited.connect(self.values.append)
        edit.remarked.connect(self._remark)

    def _remark(self, sentence: str, wrong: bool) -> None:
        self.remarks.append((sentence, wrong))


def make(qtbot: QtBot, asks: Asks, value: float | None) -> tuple[QuantityEdit, Log]:
    edit = QuantityEdit(asks)
    other = QLineEdit(edit)  # somewhere for the focus to go
    other.setObjectName("other")
    qtbot.addWidget(edit)
    edit.set_value(value)
    edit.show()
    qtbot.waitExposed(edit)
    edit.line.setFocus()
    return edit, Log(edit)


def type_over(qtbot: QtBot, edit: QuantityEdit, written: str) -> None:
    edit.line.selectAll()
    qtbot.keyClicks(edit.line, written) if written.isascii() else edit.line.insert(written)
    if not written.isascii():
        edit.line.textEdited.emit(edit.line.text())  # as an input method does


@pytest.mark.parametrize(
    ("written", "value", "canonical"),
    [
        ("128k", 131_072, "128k"),
        ("2000", 2_000, "2\N{THIN SPACE}000"),
        ("1.5万", 15_000, "15\N{THIN SPACE}000"),
        ("１２８", 128, "128"),
        ("1,000", 1_000, "1\N{THIN SPACE}000"),
        ("<=1000", 1_000, "1\N{THIN SPACE}000"),
    ],
)
def test_takes_what_people_write(qtbot: QtBot, written: str, value: int, canonical: str) -> None:
    edit, log = make(qtbot, TOKENS, 77)
    type_over(qtbot, edit, written)
    assert log.values[-1] == value
    assert edit.line.text() == written  # as long as it is being typed
    qtbot.keyClick(edit.line, Qt.Key.Key_Return)
    assert edit.line.text() == canonical


def test_wrong_text_stays_and_the_last_good_value_too(qtbot: QtBot) -> None:
    edit, log = make(qtbot, TOKENS, 512)
    type_over(qtbot, edit, "12xyz")
    assert edit.value() == 12  # the last good text on the way
    assert edit.wrong
    sentence, wrong = log.remarks[-1]
    assert wrong
    assert "xyz" in sentence
    qtbot.keyClick(edit.line, Qt.Key.Key_Return)
    assert edit.line.text() == "12xyz"
    assert edit.wrong


def test_escape_brings_back_what_was_there(qtbot: QtBot) -> None:
    edit, log = make(qtbot, TOKENS, 512)
    type_over(qtbot, edit, "9q")
    qtbot.keyClick(edit.line, Qt.Key.Key_Escape)
    assert (edit.line.text(), edit.value(), edit.wrong) == ("512", 512, False)
    assert log.values == [9, 512]
    assert log.remarks[-1] == ("", False)


def test_says_the_limits(qtbot: QtBot) -> None:
    edit, log = make(qtbot, TOKENS, 512)
    type_over(qtbot, edit, "0")
    assert log.remarks[-1][1]
    assert edit.value() == 512
    type_over(qtbot, edit, "900000000")
    assert "100\N{THIN SPACE}000\N{THIN SPACE}000" in log.remarks[-1][0]


def test_milliseconds_without_unit_and_seconds_with(qtbot: QtBot) -> None:
    edit, log = make(qtbot, TTFT, 1.0)
    assert edit.line.text() == "≤ 1\N{THIN SPACE}000"
    type_over(qtbot, edit, "800")
    assert log.values[-1] == pytest.approx(0.8)
    type_over(qtbot, edit, "2 s")
    assert log.values[-1] == pytest.approx(2.0)


def test_an_optional_field_can_be_emptied(qtbot: QtBot) -> None:
    edit, log = make(qtbot, TTFT, 1.0)
    edit.line.selectAll()
    qtbot.keyClick(edit.line, Qt.Key.Key_Delete)
    assert log.values == [None]
    assert edit.line.placeholderText() == "No limit"


@pytest.mark.parametrize(
    ("asks", "start", "up", "down"),
    [
        (TOKENS, 2048, 4096, 1024),
        (TOKENS, 500, 510, 490),
        (TOKENS, 1000, 1100, 990),
        (Asks(QuantityKind.PERCENT, limits("deployment.growth")), 0.3, 0.31, 0.29),
        (Asks(QuantityKind.WHOLE, limits("deployment.tensor_parallel")), 8, 16, 4),
        (Asks(QuantityKind.MONEY, limits("money.electricity_per_kwh")), 0.75, 0.76, 0.74),
    ],
)
def test_arrows_step(qtbot: QtBot, asks: Asks, start: float, up: float, down: float) -> None:
    edit, log = make(qtbot, asks, start)
    qtbot.keyClick(edit.line, Qt.Key.Key_Up)
    assert log.values[-1] == pytest.approx(up)
    edit.set_value(start)
    qtbot.keyClick(edit.line, Qt.Key.Key_Down)
    assert log.values[-1] == pytest.approx(down)


def test_arrows_stop_at_the_limit(qtbot: QtBot) -> None:
    edit, log = make(qtbot, TOKENS, 1)
    qtbot.keyClick(edit.line, Qt.Key.Key_Down)
    assert log.values == []


def test_the_complaint_follows_the_language(qtbot: QtBot) -> None:
    edit, log = make(qtbot, TOKENS, 512)
    type_over(qtbot, edit, "5 apples")
    texts.set_language("zh")
    edit.retranslate()
    assert "单位" in log.remarks[-1][0]
    assert edit.line.text() == "5 apples"


def test_a_value_from_outside_replaces_a_wrong_text(qtbot: QtBot) -> None:
    edit, _ = make(qtbot, TOKENS, 512)
    type_over(qtbot, edit, "x")
    edit.set_value(1024)
    assert (edit.line.text(), edit.wrong) == ("1k", False)
