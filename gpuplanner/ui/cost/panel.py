"""The Cost tab: what the chosen plan costs over its life, and where it could be rented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from gpuplanner.engine.result import Estimate
from gpuplanner.scenario.document import Scenario
from gpuplanner.ui.side_page import SidePage

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.ui.cost.given import Given


class CostPanel(SidePage):
    """The money of the chosen plan."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.given: Given | None = None
        super().__init__("tab.cost", parent)

    def work_out(self, estimate: Estimate, scenario: Scenario, catalog: Catalog) -> None:
        """All that is shown of money."""
        from gpuplanner.ui.cost.given import given  # after the first answer

        self.given = given(scenario, catalog, estimate)

    def page(self) -> str | None:
        """Its figures, lines and offers."""
        from gpuplanner.ui.cost.tab_page import written

        return written(self.given, self._theme)

    def table(self) -> str:
        """The figures."""
        if self.given is None:
            return ""
        from gpuplanner.ui.cost.tab_page import table

        return table(self.given)

    def follow(self, kind: str, name: str) -> None:
        """Into Why."""
        if kind == "figure" and self.given is not None:
            self.figure_wanted.emit(self.given.plan.gpu_id, name)
