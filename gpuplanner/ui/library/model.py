"""The scenarios as a list with heads of groups, for tables and cards alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, QUrl, Signal

from gpuplanner.scenario.cards import Answer, Card
from gpuplanner.texts import text
from gpuplanner.ui.library.arrange import COLUMNS, Head, Order, Row, Scope, arranged, counts, haystack, matches, state_of, within
from gpuplanner.ui.library.words import Words, group_words, model_words, span_words, words_of

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

ROW: Final = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
_NAME: Final = COLUMNS.index("name")
_HEAD: Final = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
_PLAIN: Final = _HEAD | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
_NAMED: Final = _PLAIN | Qt.ItemFlag.ItemIsEditable
_RANK: Final = {"good": 0, "caution": 1, "bad": 2, "open": 3}


class LibraryModel(QAbstractTableModel):
    """Cards of the folders, arranged. Answers that no file holds are asked for when they are shown.

    Signals:
        answer_missing: a :class:`Card` whose answer is looked at and isn't known.
        rearranged: other rows are listed.
    """

    answer_missing = Signal(object)
    rearranged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cards: tuple[Card, ...] = ()
        self.rows: list[Row] = []
        self.shown: list[Card] = []
        self.order, self.scope, self.query = Order(), Scope(), ""
        self.folded: frozenset[str] = frozenset()
        self._catalog: Catalog | None = None
        self._estimated: dict[tuple[Path, int], Answer] = {}
        self._words: dict[Path, Words] = {}
        self._hays: dict[Path, str] = {}
        self._rows_of: dict[Path, int] = {}
        self._heads: dict[str, tuple[str, str]] = {}
        self._models: dict[tuple[str, str, str], str] = {}

    def set_cards(self, cards: Iterable[Card]) -> None:
        """List these files."""
        now = tuple(cards)
        before = {card.path: card for card in self.cards}
        for card in now:
            if before.get(card.path) != card:
                self._words.pop(card.path, None)
                self._hays.pop(card.path, None)
        self.cards = now
        self.arrange()

    def set_catalog(self, catalog: Catalog | None) -> None:
        """Name models and GPUs by a catalogue; what was estimated with another one is forgotten."""
        self._catalog = catalog
        self._estimated.clear()
        self.reword()

    def set_answers(self, answers: Mapping[tuple[Path, int], Answer]) -> None:
        """Answers that were estimated, by file and time of its last change."""
        self._estimated.update(answers)
        self._heads.clear()
        for path, _ in answers:
            self._words.pop(path, None)
            row = self._rows_of.get(path)
            if row is not None:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def arrange(self, **changes: Any) -> None:
        """List again, with another ``order``, ``scope``, ``query`` or ``folded``."""
        for name, value in changes.items():
            setattr(self, name, value)
        order = self.order
        self.shown = self.listed()
        rows = arranged(self.shown, order, self._group_key, self._sort_key(order.sort), self.folded)
        self.beginResetModel()
        self._heads.clear()
        self.rows = rows
        self._rows_of = {row.path: place for place, row in enumerate(rows) if isinstance(row, Card)}
        self.endResetModel()
        self.rearranged.emit()

    def listed(self) -> list[Card]:
        """The scenarios within scope and search, in no order."""
        now_s, query = time.time(), self.query
        inside = (card for card in self.cards if within(card, self.scope, now_s, self.state))
        if not query:
            return list(inside)
        return [card for card in inside if matches(self._hay(card), query)]

    def counts(self, roots: Sequence[Path]) -> dict[Scope, int]:
        """How many scenarios each scope holds."""
        return counts(self.cards, time.time(), self.state, roots)

    def reword(self) -> None:
        """Follow a change of language."""
        self._words.clear()
        self._hays.clear()
        self._models.clear()
        self.arrange()

    def answer(self, card: Card) -> Answer | None:
        """The answer of a scenario: as saved, else as estimated."""
        return card.answer or self._estimated.get((card.path, card.mtime_ns))

    def state(self, card: Card) -> str:
        """The state of a scenario."""
        return state_of(card, self.answer(card))

    def words(self, card: Card) -> Words:
        """A scenario in words; kept."""
        found = self._words.get(card.path)
        if found is None:
            answer = self.answer(card)
            if answer is None and card.problem is None:
                self.answer_missing.emit(card)
            found = self._words[card.path] = words_of(card, answer, self._catalog)
        return found

    def variants(self, card: Card) -> list[Card]:
        """The scenarios that were made from one."""
        folder = card.path.parent
        return [other for other in self.cards if other.parent == card.path.name and other.path.parent == folder]

    def card(self, index: Index) -> Card | None:
        """The scenario of a row; None for the head of a group."""
        row = self.row(index)
        return row if isinstance(row, Card) else None

    def row(self, index: Index) -> Row | None:
        """What a row is."""
        return self.rows[index.row()] if index.isValid() and index.row() < len(self.rows) else None

    def index_of(self, path: Path) -> QModelIndex:
        """Where a file is listed."""
        row = self._rows_of.get(path)
        return QModelIndex() if row is None else self.index(row, 1)

    def head_words(self, head: Head) -> tuple[str, str]:
        """The name of a group, and quietly how many it holds and what they cost."""
        found = self._heads.get(head.key)
        if found is None:
            span = span_words([self.answer(card) for card in head.cards])
            about = " · ".join(part for part in (str(len(head.cards)), span) if part)
            found = self._heads[head.key] = (group_words(self.order.group, head.key, self._catalog), about)
        return found

    def toggle(self, head: Head) -> None:
        """Fold or unfold a group."""
        self.arrange(folded=self.folded ^ {head.key})

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Heads and scenarios."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """The tick first."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts of a row; the delegate draws."""
        row = self.row(index)
        if row is None:
            return None
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.EditRole:
            return row.name if isinstance(row, Card) else None
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        if isinstance(row, Head):
            return ", ".join(self.head_words(row)) if index.column() <= 1 else ""
        words = self.words(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return words.hint
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return words.spoken
        column = COLUMNS[index.column()]
        return {"tick": "", "tags": " ".join(words.tags)}.get(column) if column in ("tick", "tags") else getattr(words, column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names of the columns."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if COLUMNS[section] in ("price", "changed") else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole or not section:
            return None
        arrow = ("", " ▾" if self.order.down else " ▴")[COLUMNS[section] == self.order.sort]
        return text(f"library.column.{COLUMNS[section]}") + arrow

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Scenarios can be selected and dragged; heads only folded."""
        row = self.row(index)
        if not isinstance(row, Card):
            return _HEAD
        return _NAMED if index.column() == _NAME and row.problem is None else _PLAIN

    def mimeTypes(self) -> list[str]:
        """Scenarios are dragged out as files."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The files of rows."""
        mime = QMimeData()
        paths = dict.fromkeys(card.path for index in indexes if (card := self.card(index)) is not None)
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        return mime

    def supportedDragActions(self) -> Qt.DropAction:
        """Dragging out copies; the library keeps the file."""
        return Qt.DropAction.CopyAction

    def _hay(self, card: Card) -> str:
        found = self._hays.get(card.path)
        if found is None:
            found = self._hays[card.path] = haystack(card, self._model_words(card))
        return found

    def _model_words(self, card: Card) -> str:
        """Model and format in words; the same for many files."""
        key = (card.model, card.weights, card.kind)
        found = self._models.get(key)
        if found is None:
            found = self._models[key] = model_words(card, self._catalog)
        return found

    def _group_key(self, card: Card) -> str:
        group = self.order.group
        if group == "folder":
            return str(card.path.parent)
        return self.state(card) if group == "state" else str(getattr(card, group))

    def _sort_key(self, column: str) -> Callable[[Card], object]:
        def price(card: Card) -> float:
            answer = self.answer(card)
            value = answer.purchase if answer is not None else None
            return value if value is not None else (-1.0 if self.order.down else float("inf"))

        keys: dict[str, Callable[[Card], object]] = {
            "name": lambda card: card.name.casefold(),
            "model": lambda card: self._model_words(card).casefold(),
            "answer": lambda card: (_RANK[self.state(card)], (self.answer(card) or Answer("")).gpus),
            "price": price,
            "changed": lambda card: card.mtime_ns,
            "tags": lambda card: tuple(tag.casefold() for tag in card.tags),
        }
        return keys[column]
