"""Edits of the scenario as undo commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtGui import QUndoCommand, QUndoStack

from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text

_MERGE_ID: Final = 1
Taker = Callable[[Scenario, str], None]


class Change(QUndoCommand):
    """One edit; consecutive edits of one field become one, and an edit back to where it began vanishes.

    Args:
        path: the field's name, e.g. ``workload.output_tokens``; names the command.
        before: the scenario as it was.
        after: the scenario with the edit.
        take: puts a scenario in force and tells whom it concerns.
        merges: whether a following edit of the same field continues this one.
        key: the key of the command's name where it isn't the change of a field.
    """

    def __init__(
        self, path: str, before: Scenario, after: Scenario, take: Taker, *, merges: bool = True, key: str = "undo.change"
    ) -> None:
        super().__init__()
        self.path = path
        self.before = before
        self.after = after
        self._take = take
        self._merges = merges
        self._key = key
        self.retranslate()

    def retranslate(self) -> None:
        """Name the command in the current language."""
        if self._key == "undo.change":
            self.setText(text(self._key, field=_inside(text(f"field.{self.path}"))))
        else:
            self.setText(text(self._key))

    def redo(self) -> None:
        """Put the edit in force."""
        self._take(self.after, self.path)

    def undo(self) -> None:
        """Take the edit back."""
        self._take(self.before, self.path)

    def id(self) -> int:
        """Commands of one id are offered to each other for merging; -1 never."""
        return _MERGE_ID if self._merges else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in the next edit when it continues this one."""
        if not isinstance(other, Change) or other.path != self.path:
            return False
        self.after = other.after
        self.setObsolete(self.after == self.before)
        return True


def retranslate(stack: QUndoStack) -> None:
    """Name all commands of a stack in the current language."""
    for place in range(stack.count()):
        command = stack.command(place)
        if isinstance(command, Change):
            command.retranslate()


def _inside(name: str) -> str:
    """A name as it stands inside a sentence: "Output length" becomes small, "KV cache" stays."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
