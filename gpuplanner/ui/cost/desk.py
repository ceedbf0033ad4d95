"""Puts the page on cost into a window: what it asks for, the window's parts do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from gpuplanner.ui.cost.page import CostPage
    from gpuplanner.ui.window import MainWindow

COST = "cost"


class CostDesk(QObject):
    """Makes the page when it is first shown.

    Attributes:
        page: None until then.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.page: CostPage | None = None
        window.bench.makers[COST] = self._make
        window.bench.editors.append(self._edit_field)

    def _edit_field(self, path: str) -> bool:
        return self.page is not None and self.page.isVisible() and self.page.side.edit_field(path)

    def _make(self, parent: QWidget) -> CostPage:
        from gpuplanner.ui.cost.page import CostPage

        page = CostPage(self._window.session, parent)
        page.figure_wanted.connect(self._window.bench.explain)
        self.page = page
        return page
