"""Edits of the scenario, and the history they form.

Qt's own stack of undo commands keeps every command written in Python that was merged into another, pushed out by a new branch
or fell off a bounded history: two scenarios each, for as long as the window lives. So the history is a list of our own; its
names are those of ``QUndoStack``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text

Taker = Callable[[Scenario, str], None]
KEPT: Final = 1000  # steps that can be taken back


@dataclass(slots=True)
class Change:
    """One edit.

    Attributes:
        path: the field's name, e.g. ``workload.output_tokens``; names the edit.
        before: the scenario as it was.
        after: the scenario with the edit.
        merges: whether a following edit of the same field continues this one.
        key: the key of the edit's name where it isn't the change of a field.
    """

    path: str
    before: Scenario
    after: Scenario
    merges: bool = True
    key: str = "undo.change"

    def name(self) -> str:
        """What the edit is called, in the current language."""
        return text(self.key, field=_inside(text(f"field.{self.path}"))) if self.key == "undo.change" else text(self.key)


class History(QObject):
    """Steps back and forth; consecutive edits of one field become one, and an edit back to where it began vanishes.

    Signals:
        cleanChanged: whether the scenario now is as it was opened or saved.
        indexChanged: how many steps lie behind; also told when names changed.
    """

    cleanChanged = Signal(bool)
    indexChanged = Signal(int)

    def __init__(self, take: Taker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._take = take
        self._changes: list[Change] = []
        self._index = 0
        self._clean: int | None = 0  # None: no step leads to what was saved

    def push(self, change: Change) -> None:
        """Put an edit in force; what had been taken back is gone."""
        self._take(change.after, change.path)
        was_clean = self.isClean()
        if self._clean is not None and self._clean > self._index:
            self._clean = None
        del self._changes[self._index :]
        if not self._merged(change):
            self._changes.append(change)
            self._index += 1
        if len(self._changes) > KEPT:
            self._drop_first()
        self._tell(was_clean)

    def undo(self) -> None:
        """One step back."""
        if self.canUndo():
            change, was_clean = self._changes[self._index - 1], self.isClean()
            self._take(change.before, change.path)
            self._index -= 1
            self._tell(was_clean)

    def redo(self) -> None:
        """One step forth."""
        if self.canRedo():
            change, was_clean = self._changes[self._index], self.isClean()
            self._take(change.after, change.path)
            self._index += 1
            self._tell(was_clean)

    def clear(self) -> None:
        """Forget all steps; the scenario counts as saved."""
        was_clean = self.isClean()
        self._changes, self._index, self._clean = [], 0, 0
        self._tell(was_clean)

    def setClean(self) -> None:
        """The scenario was saved as it is now."""
        was_clean, self._clean = self.isClean(), self._index
        if not was_clean:
            self.cleanChanged.emit(True)

    def resetClean(self) -> None:
        """The scenario as it is isn't saved anywhere."""
        was_clean, self._clean = self.isClean(), None
        if was_clean:
            self.cleanChanged.emit(False)

    def isClean(self) -> bool:
        """Whether the scenario is as it was opened or saved."""
        return self._clean == self._index

    def canUndo(self) -> bool:
        """Whether there is a step back."""
        return self._index > 0

    def canRedo(self) -> bool:
        """Whether there is a step forth."""
        return self._index < len(self._changes)

    def undoText(self) -> str:
        """What a step back takes back."""
        return self._changes[self._index - 1].name() if self.canUndo() else ""

    def redoText(self) -> str:
        """What a step forth brings again."""
        return self._changes[self._index].name() if self.canRedo() else ""

    def count(self) -> int:
        """All steps, those taken back among them."""
        return len(self._changes)

    def retranslate(self) -> None:
        """Tell those who show names that the language changed."""
        self.indexChanged.emit(self._index)

    def _merged(self, change: Change) -> bool:
        """Whether the step before took the edit in; never one that leads to what was saved."""
        last = self._changes[-1] if self._changes else None
        if last is None or not (last.merges and change.merges) or last.path != change.path or self._clean == self._index:
            return False
        last.after = change.after
        if last.after == last.before:
            self._changes.pop()
            self._index -= 1
        return True

    def _drop_first(self) -> None:
        del self._changes[0]
        self._index -= 1
        if self._clean is not None:
            self._clean = self._clean - 1 if self._clean else None

    def _tell(self, was_clean: bool) -> None:
        self.indexChanged.emit(self._index)
        if self.isClean() != was_clean:
            self.cleanChanged.emit(not was_clean)


def _inside(name: str) -> str:
    """A name as it stands inside a sentence: "Output length" becomes small, "KV cache" stays."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
