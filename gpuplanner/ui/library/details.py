"""Fills the pane of details with the scenario that is current, read and estimated beside the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from gpuplanner.errors import InputError
from gpuplanner.scenario.cards import Answer, Card
from gpuplanner.ui.background import Background, Pulse
from gpuplanner.ui.library.detail import Detail, detail_of
from gpuplanner.ui.library.model import LibraryModel
from gpuplanner.ui.library.pane import DetailPane

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

_SETTLE_MS: Final = 60


class Details(QObject):
    """Follows what is current, a moment later.

    Args:
        pane: to fill.
        model: knows variants and answers.
        current: the card to show.
        catalog: the facts in force.
        parent: owns this.
    """

    def __init__(
        self,
        pane: DetailPane,
        model: LibraryModel,
        current: Callable[[], Card | None],
        catalog: Callable[[], Catalog | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._pane, self._model, self._current, self._catalog = pane, model, current, catalog
        self._card: Card | None = None
        self._detail: Detail | None = None
        self._background = Background(self)
        self._background.done.connect(self._found)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(self._begin)

    @property
    def busy(self) -> bool:
        """Whether something is still to be shown."""
        return self._timer.isActive() or self._background.busy

    def follow(self) -> None:
        """Show what is current, soon."""
        self._timer.start()

    def stop(self) -> None:
        """Stop what runs beside the window."""
        self._timer.stop()
        self._background.stop()

    def answers_found(self, answers: Mapping[tuple[Path, int], Answer]) -> None:
        """Answers of variants, or of the scenario itself, arrived."""
        if self._card is None or self._detail is None:
            return
        related = {self._card.path, *(card.path for card in self._model.variants(self._card))}
        if any(path in related for path, _ in answers):
            self._found(self._detail)

    def _begin(self) -> None:
        card, catalog = self._current(), self._catalog()
        self._card = self._detail = None
        if card is None or catalog is None:
            self._background.stop()
            self._pane.show_nothing()
        elif card.problem is not None:
            self._background.stop()
            self._pane.show_nothing(InputError(card.problem.code, **card.problem.params))
        else:
            self._card = card
            named = Path(card.parent).name == card.parent and card.parent not in ("", "..")
            parent = card.path.parent / card.parent if named else None
            self._background.start(partial(_read, card.path, parent, catalog))

    def _found(self, detail: object) -> None:
        card = self._card
        if card is None:
            return
        self._detail = detail if isinstance(detail, Detail) else None
        if isinstance(detail, Detail):
            variants = self._model.variants(card)
            answers = [self._model.answer(other) for other in variants]
            self._pane.show_detail(detail, card, variants, answers, self._model.answer(card))
        elif isinstance(detail, InputError):
            self._pane.show_nothing(detail)


def _read(path: Path, parent: Path | None, catalog: Catalog, pulse: Pulse) -> Detail | InputError:
    del pulse
    return detail_of(path, parent, catalog)
