"""Messages that stand under the tool bar until they are dealt with; nothing waits for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gpuplanner.errors import InputError, Message
from gpuplanner.texts import text

Level = Literal["info", "caution", "bad"]
_GLYPHS: Final = {"info": "i", "caution": "!", "bad": "✕"}
MOST: Final = 3


@dataclass(frozen=True)
class Notice:
    """A sentence and what can be done about it.

    ``topic`` names what it is about: a new notice takes the place of an older one of the same topic. ``actions`` are text
    keys with what they do; each also closes the notice.
    """

    said: Message | InputError
    level: Level = "caution"
    topic: str = ""
    actions: tuple[tuple[str, Callable[[], object]], ...] = ()


class NoticeBar(QFrame):
    """One notice."""

    def __init__(self, notice: Notice, close: Callable[[Notice], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        self._close = close
        self.setProperty("bar", notice.level)
        self.glyph = QLabel(_GLYPHS[notice.level], self)
        font = self.glyph.font()
        font.setBold(True)
        self.glyph.setFont(font)
        self.glyph.setFixedWidth(14)
        self.glyph.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence = QLabel(self)
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 5, 10, 5)
        layout.setSpacing(8)
        layout.addWidget(self.glyph)
        layout.addWidget(self.sentence, 1)
        self.buttons = [self._button(place) for place in range(len(notice.actions) + 1)]
        for button in self.buttons:
            layout.addWidget(button)
        self.retranslate()

    def retranslate(self) -> None:
        """Follow a change of language."""
        self.sentence.setText(self.notice.said.sentence())
        self.setAccessibleName(self.sentence.text())
        for button, (key, _) in zip(self.buttons, self.notice.actions, strict=False):
            button.setText(text(key))
        self.buttons[-1].setText(text("notice.close"))

    def _button(self, place: int) -> QPushButton:
        button = QPushButton(self)
        button.setProperty("place", place)
        if place == len(self.notice.actions):
            button.setProperty("flat", True)
        button.clicked.connect(self._clicked)
        return button

    def _clicked(self) -> None:
        place = self.sender().property("place")
        self._close(self.notice)
        if place < len(self.notice.actions):
            self.notice.actions[place][1]()


class Notices(QWidget):
    """The notices that stand now, newest first; at most a few."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.bars: list[NoticeBar] = []
        self.hide()

    def add(self, notice: Notice) -> None:
        """Show a notice."""
        if notice.topic:
            self.withdraw(notice.topic)
        bar = NoticeBar(notice, self.remove, self)
        self._layout.insertWidget(0, bar)
        self.bars.insert(0, bar)
        for old in self.bars[MOST:]:
            self.remove(old.notice)
        self.show()

    def withdraw(self, topic: str) -> None:
        """Take away what stands about a topic."""
        for bar in [bar for bar in self.bars if bar.notice.topic == topic]:
            self.remove(bar.notice)

    def remove(self, notice: Notice) -> None:
        """Take a notice away."""
        for bar in [bar for bar in self.bars if bar.notice is notice]:
            self.bars.remove(bar)
            self._layout.removeWidget(bar)
            bar.hide()
            bar.deleteLater()
        self.setVisible(bool(self.bars))

    def retranslate(self) -> None:
        """Follow a change of language."""
        for bar in self.bars:
            bar.retranslate()
