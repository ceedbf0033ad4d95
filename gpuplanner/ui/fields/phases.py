"""The phases of building up: a name and a share of the load each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gpuplanner.scenario.document import Phase
from gpuplanner.scenario.fields import Limits
from gpuplanner.texts import text
from gpuplanner.ui.fields.line import LineField
from gpuplanner.ui.fields.quantity import Asks, QuantityEdit
from gpuplanner.units import QuantityKind

MOST: Final = 6
USUAL: Final = (0.1, 0.4, 0.7, 1.0)
_SHARE: Final = Asks(QuantityKind.PERCENT, Limits(low=0.0, high=100.0, above=True, whole=False, empty=False))


class PhasesField(QWidget):
    """A row for each phase, with buttons to add some and to take one away.

    Signals:
        edited: all phases, after every change.
    """

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phases: tuple[Phase, ...] = ()
        self.title = QLabel(self)
        self.rows: list[_Row] = []
        self.add_button, self.usual_button = QPushButton(self), QPushButton(self)
        for button, act in ((self.usual_button, self._usual), (self.add_button, self._add)):
            button.setProperty("flat", True)
            button.clicked.connect(act)
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.usual_button)
        head.addWidget(self.add_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addLayout(head)
        self.setFocusProxy(self.add_button)
        self.retranslate()

    def set_value(self, value: object) -> None:
        """Show the phases; rows stay where their number does, so that typing goes on."""
        phases = tuple(value) if isinstance(value, Sequence) else ()
        if phases == self._phases and len(self.rows) == len(phases):
            return
        self._phases = phases
        while len(self.rows) > len(phases):
            row = self.rows.pop()
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(phases):
            row = _Row(len(self.rows), self)
            row.named.connect(self._rename)
            row.shared.connect(self._share)
            row.removed.connect(self._remove)
            self._column.addWidget(row)
            self.rows.append(row)
        for row, phase in zip(self.rows, phases, strict=True):
            row.show_phase(phase)
        self.add_button.setEnabled(len(phases) < MOST)
        self.usual_button.setVisible(not phases)

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.title.setText(text("form.phases"))
        self.add_button.setText(text("form.phases.add"))
        self.usual_button.setText(text("form.phases.usual"))
        for row in self.rows:
            row.retranslate()

    def _usual(self) -> None:
        names = [text("form.phases.pilot"), *(text("form.phases.phase", number=number) for number in range(1, len(USUAL)))]
        self._put(tuple(Phase(name=name, share=share) for name, share in zip(names, USUAL, strict=True)))

    def _add(self) -> None:
        name = text("form.phases.phase", number=len(self._phases) + 1)
        self._put((*self._phases, Phase(name=name, share=1.0)))

    def _rename(self, place: int, name: str) -> None:
        self._change(place, {"name": name})

    def _share(self, place: int, share: float) -> None:
        self._change(place, {"share": share})

    def _change(self, place: int, update: dict[str, object]) -> None:
        phases = list(self._phases)
        phases[place] = phases[place].model_copy(update=update)
        self._put(tuple(phases))

    def _remove(self, place: int) -> None:
        self._put(self._phases[:place] + self._phases[place + 1 :])

    def _put(self, phases: tuple[Phase, ...]) -> None:
        self.set_value(phases)
        self.edited.emit(phases)


class _Row(QWidget):
    """A phase.

    Signals:
        named, shared: its place and what it has become; removed: its place.
    """

    named = Signal(int, str)
    shared = Signal(int, float)
    removed = Signal(int)

    def __init__(self, place: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._place = place
        self.name, self.share, self.remove = LineField(self), QuantityEdit(_SHARE, self), QPushButton("×", self)
        self.name.setMaxLength(100)
        self.share.setFixedWidth(112)
        self.remove.setProperty("flat", True)
        self.remove.setFixedWidth(26)
        self.name.edited.connect(lambda name: self.named.emit(place, str(name)))
        self.share.edited.connect(self._shared)
        self.remove.clicked.connect(self._removed)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.name, 1)
        line.addWidget(self.share)
        line.addWidget(self.remove)
        self.retranslate()

    def show_phase(self, phase: Phase) -> None:
        """Show a phase."""
        self.name.set_value(phase.name)
        self.share.set_value(phase.share)

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        number = self._place + 1
        self.share.set_unit(text("form.phases.unit"))
        self.share.retranslate()
        self.name.setPlaceholderText(text("form.phases.phase", number=number))
        self.name.setAccessibleName(text("form.phases.name", number=number))
        self.share.line.setAccessibleName(text("form.phases.share", number=number))
        self.remove.setToolTip(text("form.phases.remove"))
        self.remove.setAccessibleName(text("form.phases.remove"))

    def _shared(self, share: object) -> None:
        if isinstance(share, int | float):
            self.shared.emit(self._place, float(share))

    def _removed(self) -> None:
        self.removed.emit(self._place)
