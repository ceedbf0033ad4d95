"""The Servers tab: the bill of materials of the chosen plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from gpuplanner.engine.result import Estimate
from gpuplanner.scenario.document import Scenario
from gpuplanner.ui.side_page import SidePage

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.engine.estate.memo import Memo
    from gpuplanner.engine.site.result import Site


class ServersPanel(SidePage):
    """The servers of one workload, or of all of the estate."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.site: Site | None = None
        self.whole = False  # all workloads of the estate, not the scenario's own alone
        self._memo: Memo | None = None
        self._byte_unit = "GB"
        super().__init__("tab.servers", parent)

    def work_out(self, estimate: Estimate, scenario: Scenario, catalog: Catalog) -> None:
        """The bill of materials."""
        from gpuplanner.engine.site.build import site_of  # after the first answer

        self.whole = self.whole and bool(scenario.estate.more)
        self.site = self._together(scenario, catalog) if self.whole else site_of(scenario, catalog, estimate)

    def _together(self, scenario: Scenario, catalog: Catalog) -> Site:
        from gpuplanner.engine.estate.build import estate_of
        from gpuplanner.engine.estate.memo import Memo

        self._memo = self._memo or Memo()
        self._memo.begin()
        return estate_of(scenario, catalog, self._memo).site

    def page(self) -> str | None:
        """Groups, lines, host parts and room."""
        if self.site is None or self._asked is None:
            return None
        from gpuplanner.ui.servers.page import written

        return written(self.site, self._asked[1], self._theme, self._byte_unit, whole=self.whole)

    def table(self) -> str:
        """The lines."""
        if self.site is None or self._asked is None or not self.site.lines:
            return ""
        from gpuplanner.ui.servers.page import table

        return table(self.site, self._asked[1], self._byte_unit)

    def set_byte_unit(self, unit: str) -> None:
        """Show "GB" or "GiB"."""
        self._byte_unit = unit
        self.show_again()

    def follow(self, kind: str, name: str) -> None:
        """To all workloads or one, or into Why."""
        if kind == "scope":
            self.whole = name == "whole"
            self.renew()
        elif kind == "why" and self._asked is not None and self._asked[0].chosen is not None:
            self.figure_wanted.emit(self._asked[0].chosen, name)
