"""What is wrong with a widget's looks and ways, found without an eye: words that are cut, controls that Tab never reaches."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTabBar,
    QTextBrowser,
    QToolButton,
    QWidget,
)

from gpuplanner.ui.fields.choice import Segmented
from gpuplanner.ui.selftest import wait

CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QTextBrowser)
#: Parts that Qt makes inside of its own widgets, which speak for them.
INNER = ("qt_", "ScrollRight", "ScrollLeft")
_MOST_TABS = 400


def controls(top: QWidget) -> Iterator[QWidget]:
    """All controls that are shown in a widget, but for those inside of others."""
    for widget in top.findChildren(QWidget):
        if isinstance(widget, CONTROLS) and widget.isVisibleTo(top) and not widget.objectName().startswith(INNER):
            parent = widget.parentWidget()
            if not isinstance(parent, QComboBox | QAbstractSpinBox | QLineEdit | QAbstractItemView):
                yield widget


def said_of(widget: QWidget) -> str:
    """What a screen reader says of a widget."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def described(widget: QWidget | None) -> str:
    """Where a widget stands, for the message of a failed test."""
    names = []
    while widget is not None:
        names.append(type(widget).__name__)
        widget = widget.parentWidget()
    return " < ".join(names[:5])


def nameless(top: QWidget) -> list[str]:
    """Controls that a screen reader has no name for."""
    return [described(widget) for widget in controls(top) if not said_of(widget).strip()]


def unreachable(top: QWidget) -> list[str]:
    """Buttons and fields that the keyboard can't get to, neither themselves nor through one that stands for them."""
    return [
        f"{described(widget)}: {said_of(widget)}"
        for widget in controls(top)
        if widget.isEnabled() and not widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not _stood_for(widget)
    ]


def _stood_for(widget: QWidget) -> bool:
    """Lists moved in from a search line; links and views that a neighbour opens by a key; actions with a menu entry."""
    if isinstance(widget, QAbstractButton) and getattr(widget, "defaultAction", lambda: None)() is not None:
        return True
    parent = widget.parentWidget()
    if isinstance(parent, Segmented):  # arrows go from the chosen one to the others
        return True
    return isinstance(widget, QAbstractItemView) and parent is not None and parent.findChild(QLineEdit) is not None


def missed_by_tab(top: QWidget) -> list[str]:
    """Controls that Tab comes to at no time, though they take the focus: something on the way keeps it.

    Of buttons of which one is chosen, Tab comes to one; arrows do the rest.
    """
    wanted = {
        widget
        for widget in controls(top)
        if widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not _one_of_several(widget)
    }
    if not wanted:
        return []
    if top.windowType() is not Qt.WindowType.Popup:  # a popup has the keys without being active
        top.activateWindow()
        wait(lambda: QApplication.activeWindow() is top, "the focus")
    if top.focusWidget() is None:
        next(iter(wanted)).setFocus()
    seen: set[QWidget] = set()
    for _ in range(_MOST_TABS):
        focused = QApplication.focusWidget() or top.focusWidget()
        assert focused is not None, "nothing has the focus"
        seen |= {widget for widget in wanted if widget is focused or widget.focusProxy() is focused}
        if seen >= wanted:
            break
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    return [f"{described(widget)}: {said_of(widget)}" for widget in wanted - seen]


def _one_of_several(widget: QWidget) -> bool:
    if not isinstance(widget, QAbstractButton):
        return False
    return widget.autoExclusive() or widget.group() is not None or isinstance(widget.parentWidget(), Segmented)


def cut_words(top: QWidget) -> list[str]:
    """Buttons, labels, boxes and tabs whose words are wider than they are."""
    found = []
    for widget in top.findChildren(QWidget):
        if widget.isVisibleTo(top) and (words := _too_wide(widget)):
            found.append(f"{described(widget)}: {words}")
    return found


def _too_wide(widget: QWidget) -> str:
    if isinstance(widget, QTabBar):
        cut = (at for at in range(widget.count()) if widget.tabRect(at).width() < _wide(widget, widget.tabText(at)))
        return widget.tabText(next(cut, -1))
    if isinstance(widget, QComboBox) and not widget.isEditable():
        # the frame and the arrow take some of it
        return widget.currentText() if _wide(widget, widget.currentText()) > widget.width() - 24 else ""
    if isinstance(widget, QPushButton | QCheckBox) and widget.text() and "paintEvent" not in vars(type(widget)):
        return widget.text() if widget.sizeHint().width() > widget.width() + 1 else ""
    if type(widget) is QToolButton and widget.text():
        return widget.text() if _wide(widget, widget.text()) > widget.width() - 4 else ""
    if type(widget) is QLabel and widget.text() and not widget.wordWrap() and widget.textFormat() is not Qt.TextFormat.RichText:
        return widget.text() if widget.sizeHint().width() > widget.width() + 1 else ""
    return ""


def _wide(widget: QWidget, text: str) -> int:
    return widget.fontMetrics().horizontalAdvance(text)
