"""The cards of placement and of the site: drawings with a head."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gpuplanner.engine.estate.result import Estate
from gpuplanner.engine.result import MemoryPart
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.report.drawing.placement import placement_drawing, placement_of
from gpuplanner.report.drawing.rack import racks_drawing
from gpuplanner.report.drawing.shapes import Drawing, side_by_side
from gpuplanner.report.drawing.site_list import site_list_drawing
from gpuplanner.report.drawing.topology import topology_drawing
from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.bold import embolden
from gpuplanner.ui.charts.legend import LIMIT, Legend
from gpuplanner.ui.estate.drawing_view import DrawingView

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

SAVES: Final = ("copy", "svg", "pdf")


class PlacementCard(QFrame):
    """What lies on each GPU."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.title, self.hint = _title(self), QLabel(self)
        self.hint.setProperty("quiet", True)
        self.area = QScrollArea(self)
        self.view = DrawingView(self.area)
        _on_card(self.area, self.view)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.legend = Legend(self)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(13, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.area, 1)
        column.addWidget(self.legend)
        self.retranslate()

    def set_estate(self, estate: Estate, catalog: Catalog, byte_unit: str) -> None:
        """Show the placement."""
        placed = placement_of(estate, catalog)
        self.hint.setText(text("estate.placement.hint", unit=byte_unit))
        self.view.set_maker(lambda width, _height: placement_drawing(placed, width - 6, byte_unit))
        used = {part for gpu in estate.placement for share in gpu.shares for part, size in share.memory.items() if size}
        entries = [(part.value, text(f"results.part.{part.value}")) for part in MemoryPart if part in used]
        self.legend.set_entries((*entries, (LIMIT, text("results.chart.limit_line"))))

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.title.setText(text("estate.placement"))
        self.view.setAccessibleName(text("estate.placement"))

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.view.apply_theme(theme)
        self.legend.apply_theme(theme)


class SiteCard(QFrame):
    """Racks, the room's figures and the network.

    Signals:
        save_wanted: one of :data:`SAVES`.
    """

    save_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._given: tuple[Estate, Scenario, Catalog] | None = None
        self._theme = LIGHT
        self.title = _title(self)
        self.buttons = {key: QPushButton(self) for key in SAVES}
        for key, button in self.buttons.items():
            button.setProperty("flat", True)
            button.clicked.connect(partial(self._press, key))
        self.racks, self.figures, self.network = DrawingView(self, fits=True), DrawingView(self), DrawingView(self)
        self.racks.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.area = QScrollArea(self)
        self._lay_out()
        self.retranslate()

    def set_estate(self, estate: Estate, scenario: Scenario, catalog: Catalog) -> None:
        """Show the site."""
        self._given = (estate, scenario, catalog)
        site = estate.site
        cards = self._cards()
        self.racks.set_maker(lambda width, height: racks_drawing(site, width, height, cards))
        self.figures.set_maker(lambda width, _height: site_list_drawing(site, scenario, width))
        self.network.set_maker(lambda width, _height: topology_drawing(site, width))

    def drawing(self) -> Drawing:
        """Racks, figures and network as one drawing, for copying and files."""
        assert self._given is not None
        estate, scenario, _ = self._given
        site = estate.site
        racks = racks_drawing(site, 190.0 * max(1, min(len(site.racks), 6)), 640.0, self._cards())
        return side_by_side((racks, site_list_drawing(site, scenario, 300.0), topology_drawing(site, 460.0)))

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.title.setText(text("estate.site"))
        for view, key in ((self.racks, "racks"), (self.figures, "site"), (self.network, "topology")):
            view.setAccessibleName(text(f"estate.{key}"))
        for key, button in self.buttons.items():
            button.setText(text(f"estate.save.{key}"))
            button.setToolTip(text(f"estate.save.{key}.hint"))

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        for view in (self.racks, self.figures, self.network):
            view.apply_theme(theme)

    def _cards(self) -> str:
        """What a GPU server holds, where all hold the same."""
        assert self._given is not None
        estate, _, catalog = self._given
        kinds = {(gpu.gpu_id, sum(other.server == gpu.server for other in estate.placement)) for gpu in estate.placement[:64]}
        if len(kinds) != 1:
            return ""
        kind, count = kinds.pop()
        return f"{count} × {gpu_name(kind, catalog)}"

    def _press(self, key: str, _checked: bool = False) -> None:
        self.save_wanted.emit(key)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.title)
        head.addStretch(1)
        for button in self.buttons.values():
            head.addWidget(button)
        inner = QWidget(self.area)
        side = QVBoxLayout(inner)
        side.setContentsMargins(0, 0, 4, 0)
        side.setSpacing(12)
        side.addWidget(self.figures)
        side.addWidget(self.network)
        side.addStretch(1)
        _on_card(self.area, inner)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.racks, 2)
        row.addWidget(self.area, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(13, 6, 8, 8)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(row, 1)


def _on_card(area: QScrollArea, inner: QWidget) -> None:
    """Scroll something on the card's own ground."""
    inner.setProperty("panel", True)
    inner.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    area.setWidget(inner)
    area.setWidgetResizable(True)


def _title(parent: QWidget) -> QLabel:
    title = QLabel(parent)
    embolden(title)
    return title
