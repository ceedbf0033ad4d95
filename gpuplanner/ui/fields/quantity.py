"""A text field for a quantity, with its unit inside."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from gpuplanner import texts
from gpuplanner.errors import InputError
from gpuplanner.scenario.fields import Limits
from gpuplanner.texts import text
from gpuplanner.ui.fields.undoing import is_undo_key
from gpuplanner.ui.repolish import set_flag
from gpuplanner.units import QuantityKind, format_quantity, parse_quantity

Value = float | int | None
_ESCAPE: Final = Qt.Key.Key_Escape
_STEPS: Final = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
_POWERS: Final = frozenset({QuantityKind.TOKENS, QuantityKind.WHOLE})


NO_LIMITS: Final = Limits(low=None, high=None, above=False, whole=False, empty=False)


@dataclass(frozen=True, slots=True)
class Asks:
    """What a field asks for.

    ``unit`` is the unit of a bare number; ``prefix`` stands before the canonical form ("≤ "); ``empty`` is the key of the text
    that an optional field shows when it holds nothing.
    """

    kind: QuantityKind
    limits: Limits = NO_LIMITS
    unit: str | None = None
    prefix: str = ""
    empty: str = "form.automatic"


class QuantityEdit(QFrame):
    """Takes what people write; a wrong text stays, with the reason, and the last good value remains in force.

    Signals:
        edited: a new good value, at every keystroke; None from an optional field that was emptied.
        remarked: what is wrong with the text, or how it was understood, or nothing; and whether it is wrong.
    """

    edited = Signal(object)
    remarked = Signal(str, bool)

    def __init__(self, asks: Asks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asks = asks
        self._value: Value = None
        self._usual: Value = None
        self._before: Value = None  # before what is being typed
        self._typing = False
        self._currency: str | None = None
        self._error: InputError | None = None
        self.setProperty("field", True)
        self.line = QLineEdit(self)
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(self._commit)
        self.line.installEventFilter(self)
        self.unit_label = QLabel(self)
        self.unit_label.setAccessibleName("")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 1, 0, 1)
        layout.setSpacing(0)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.unit_label)
        self.setFocusProxy(self.line)
        self.retranslate()

    @property
    def wrong(self) -> bool:
        """Whether the text is one that the field can't take."""
        return self._error is not None

    def value(self) -> Value:
        """The last good value."""
        return self._value

    def set_value(self, value: Value) -> None:
        """Show a value; a text that is being typed and means that value stays as it is."""
        same = value == self._value
        self._value = value
        if same and self._typing:
            return
        self._show()

    def set_asks(self, asks: Asks) -> None:
        """Ask for another kind of quantity, or for another unit; the value stays."""
        if asks != self._asks:
            self._asks = asks
            self.retranslate()

    def set_unit(self, label: str) -> None:
        """What stands behind the number."""
        self.unit_label.setText(label)

    def set_currency(self, currency: str) -> None:
        """The currency that money in this field is in."""
        self._currency = currency

    def set_usual(self, value: Value) -> None:
        """What holds while nothing is written; it stands quietly in the line."""
        if value != self._usual:
            self._usual = value
            self._show_usual()

    def retranslate(self) -> None:
        """Follow a change of language."""
        self._show_usual()
        if self._error is not None:
            self.remarked.emit(self._error.sentence(), True)
        else:
            self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys and focus of the line."""
        if is_undo_key(event):
            event.ignore()
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if isinstance(event, QFocusEvent):
            set_flag(self, "focus", on=event.gotFocus())
        return super().eventFilter(watched, event)

    def _show_usual(self) -> None:
        said = text(self._asks.empty) if self._asks.limits.empty else ""
        self.line.setPlaceholderText(said if self._usual is None else self._worded(self._usual, with_unit=False))

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _STEPS and not event.modifiers():
            self._step(_STEPS[key])
            return True
        if key == _ESCAPE and self._typing:
            self._offer(self._before)
            self._show()
            return True
        return False

    def _typed(self, written: str) -> None:
        if not self._typing:
            self._before, self._typing = self._value, True
        try:
            value, remark = self._parse(written)
        except InputError as error:
            self._complain(error)
            return
        self._complain(None)
        self.remarked.emit(remark, False)
        self._offer(value)

    def _parse(self, written: str) -> tuple[Value, str]:
        if not written.strip() and self._asks.limits.empty:
            return None, ""
        parsed = parse_quantity(written, self._asks.kind, unit=self._asks.unit, currency=self._currency)
        if not _admits(self._asks.limits, parsed.value):
            raise self._out_of_limits()
        return parsed.value, parsed.hint.sentence() if parsed.hint else ""

    def _out_of_limits(self) -> InputError:
        limits = self._asks.limits
        low, high = (self._worded(bound) for bound in (limits.low, limits.high))
        if limits.low is None or (limits.above and limits.low == 0):
            return InputError("form.wrong.positive", high=high)
        return InputError("form.wrong.between", low=low, high=high)

    def _offer(self, value: Value) -> None:
        if value != self._value:
            self._value = value
            self.edited.emit(value)

    def _complain(self, error: InputError | None) -> None:
        self._error = error
        set_flag(self, "wrong", on=error is not None)
        self.remarked.emit(error.sentence() if error else "", error is not None)

    def _commit(self) -> None:
        """Enter, or the focus leaves: a good text takes its canonical form, a wrong one stays to be mended."""
        if not self.wrong:
            self._show()

    def _show(self) -> None:
        if self._error is not None:
            self._complain(None)
        canonical = "" if self._value is None else f"{self._asks.prefix}{self._worded(self._value, with_unit=False)}"
        if self.line.text() != canonical:
            self.line.setText(canonical)
        self._typing = False
        self.remarked.emit("", False)

    def _worded(self, value: Value, *, with_unit: bool = True) -> str:
        if value is None:
            return ""
        return format_quantity(value, self._asks.kind, lang=texts.language(), unit=self._asks.unit, with_unit=with_unit)

    def _step(self, way: int) -> None:
        if self._value is None:
            return
        value = _stepped(self._value, way, self._asks)
        if _admits(self._asks.limits, value):
            self._offer(value)
            self._show()


def _admits(limits: Limits, value: float) -> bool:
    if limits.low is not None and (value < limits.low or (limits.above and value == limits.low)):
        return False
    return limits.high is None or value <= limits.high


def _stepped(value: float, way: int, asks: Asks) -> float:
    """The next value up or down: the neighbouring power of two, or one in the second digit."""
    whole = asks.kind in _POWERS
    if whole and value >= 1 and math.log2(value).is_integer():
        return max(1, int(value) * 2 if way > 0 else int(value) // 2)
    factor = _unit_factor(asks)
    shown = value / factor
    if shown <= 0:
        return value + factor if way > 0 else value
    # on the way down 100 steps to 99, on the way up to 110
    size = shown if way > 0 else shown * 0.999
    digit = math.floor(math.log10(size)) - 1
    step = 10.0 ** (max(digit, 0) if shown >= 1 else digit)
    stepped = round(round(shown / step) * step + way * step, 10)
    return int(stepped) if whole else stepped * factor


def _unit_factor(asks: Asks) -> float:
    """How much one in the shown unit is in the value."""
    if asks.kind is QuantityKind.PERCENT:
        return 0.01
    return 1e-3 if asks.unit == "ms" else 1.0
