"""What stands beside the offer: other GPUs for the same load, and other scenarios of the customer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from gpuplanner.codes import code_text
from gpuplanner.engine.estimate import estimate
from gpuplanner.errors import InputError
from gpuplanner.report import phrases
from gpuplanner.report.answer import answer_text
from gpuplanner.report.compose import offered
from gpuplanner.report.figures_worded import state_mark
from gpuplanner.report.names import gpu_name
from gpuplanner.report.options import MOST, USUAL, Variant, others
from gpuplanner.scenario.files import load_scenario
from gpuplanner.texts import text
from gpuplanner.ui.asking import Asking
from gpuplanner.ui.quote.order import Order


class OptionsPanel(QWidget):
    """Ticks the ways that the quote shows.

    Signals:
        changed: others are chosen now.
        failed: an :class:`InputError`: a scenario can't be read, or carries nothing.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, order: Order, asking: Asking, parent: QWidget) -> None:
        super().__init__(parent)
        self._order, self._asking = order, asking
        self.hint = QLabel(self)
        self.hint.setWordWrap(True)
        self.list = QListWidget(self)
        self.list.setAccessibleName(text("quote.tab.options"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setSpacing(2)
        self.list.itemChanged.connect(self._take)
        self.list.currentRowChanged.connect(self._mark)
        self.add_button = QPushButton(text("quote.options.add"), self)
        self.add_button.clicked.connect(self._add)
        self.remove_button = QPushButton(text("quote.lines.remove"), self)
        self.remove_button.clicked.connect(self._remove)
        low = QHBoxLayout()
        low.addWidget(self.add_button)
        low.addWidget(self.remove_button)
        low.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.addWidget(self.hint)
        column.addWidget(self.list, 1)
        column.addLayout(low)
        self.refresh()

    def refresh(self) -> None:
        """Show what there is to choose from."""
        whole = self._order.whole
        self.hint.setText(text("quote.options.whole" if whole else "quote.options.hint", most=MOST))
        for part in (self.list, self.add_button, self.remove_button):
            part.setEnabled(not whole)
        self._fill([] if whole else self._entries())

    def _entries(self) -> list[QListWidgetItem]:
        facts, picked = self._order.facts, self._order.picked
        plans = others(facts.estimate, offered(facts.estimate, facts.catalog))
        chosen = tuple(plan.gpu_id for plan in plans[:USUAL]) if picked.gpus is None else picked.gpus
        entries = []
        for place, variant in enumerate(picked.variants):
            words = answer_text(variant.scenario, variant.estimate, facts.catalog)
            entries.append(_entry(f"{variant.name} — {words}", place, on=True, checkable=False))
        for plan in plans:
            said = " · ".join(code_text(code) for code in (phrases.counted("gpus", plan.gpus), phrases.layout(plan)))
            named = f"{state_mark(plan.status).sign} {gpu_name(plan.gpu_id, facts.catalog)} — {said}"
            entry = _entry(named, plan.gpu_id, on=plan.gpu_id in chosen)
            entry.setToolTip(code_text(phrases.state(plan, facts.scenario)))
            entries.append(entry)
        return entries

    def _fill(self, entries: list[QListWidgetItem]) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for entry in entries:
            self.list.addItem(entry)
        self.list.blockSignals(False)
        self._mark()

    def _mark(self) -> None:
        self.remove_button.setEnabled(isinstance(self._key(), int))

    def _key(self) -> object:
        """Of the current entry: a GPU's id, a variant's place, None where there is none."""
        return self.list.currentItem().data(Qt.ItemDataRole.UserRole) if self.list.currentRow() >= 0 else None

    def _take(self) -> None:
        """The ticked ones; a tick beyond the most that a quote shows is taken back."""
        items = [self.list.item(row) for row in range(self.list.count())]
        ticked = [item for item in items if isinstance(item.data(Qt.ItemDataRole.UserRole), str)]
        ticked = [item for item in ticked if item.checkState() is Qt.CheckState.Checked]
        room = MOST - len(self._order.picked.variants)
        self._order.picked = replace(
            self._order.picked, gpus=tuple(item.data(Qt.ItemDataRole.UserRole) for item in ticked[:room])
        )
        if len(ticked) > room:
            self._fill(self._entries())
        self.changed.emit()

    def _add(self) -> None:
        path = self._asking.scenario_to_open(self._order.facts.path.parent if self._order.facts.path else Path.home())
        if path is not None:
            self.add(path)

    def add(self, path: Path) -> None:
        """Take a scenario file as a way of its own."""
        facts = self._order.facts
        try:
            scenario = load_scenario(path).scenario
            answer = estimate(scenario, facts.catalog)
            offered(answer, facts.catalog)
        except InputError as error:
            self.failed.emit(error)
            return
        variant = Variant(scenario.name or path.stem, scenario, answer)
        kept = tuple(one for one in self._order.picked.variants if one.name != variant.name)
        self._order.picked = replace(self._order.picked, variants=(*kept, variant)[-MOST:])
        self._fill(self._entries())
        self.changed.emit()

    def _remove(self) -> None:
        place = self._key()
        if isinstance(place, int):
            variants = self._order.picked.variants
            self._order.picked = replace(self._order.picked, variants=(*variants[:place], *variants[place + 1 :]))
            self._fill(self._entries())
            self.changed.emit()


def _entry(said: str, key: str | int, *, on: bool, checkable: bool = True) -> QListWidgetItem:
    item = QListWidgetItem(said)
    item.setData(Qt.ItemDataRole.UserRole, key)
    item.setToolTip(said)
    if checkable:
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
    return item
