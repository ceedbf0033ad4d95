"""The status bar: how the estimate came about, what it rests on, and whether the scenario is saved."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QStatusBar, QToolButton, QWidget

from gpuplanner.format import format_integer
from gpuplanner.texts import text
from gpuplanner.ui.document import Document
from gpuplanner.ui.session import Session


class StatusBar(QStatusBar):
    """Three quiet notes at the left; saved state and unit of sizes at the right.

    Signals:
        byte_unit_wanted: sizes shall be shown in "GB" or "GiB".
    """

    byte_unit_wanted = Signal(str)

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._document = document
        self.setSizeGripEnabled(False)
        self.estimated, self.catalog, self.prices, self.saved = (QLabel(self) for _ in range(4))
        self.unit = QToolButton(self)
        self.unit.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.unit.clicked.connect(self._toggle_unit)
        self.unit.setText("GB")
        for label in (self.estimated, self.catalog, self.prices):
            self.addWidget(label)
        self.addPermanentWidget(self.saved)
        self.addPermanentWidget(self.unit)
        session.estimate_ready.connect(self._show_estimate)
        session.catalog_changed.connect(self._show_catalog)
        session.scenario_changed.connect(self._show_prices)
        session.undo_stack.cleanChanged.connect(self._show_saved)
        document.changed.connect(self._show_saved)

    def set_byte_unit(self, unit: str) -> None:
        """Name the unit that sizes are shown in."""
        self.unit.setText(unit)
        self.unit.setToolTip(text("status.unit.help"))
        self.unit.setAccessibleName(f"{text('status.unit')} {unit}")

    def retranslate(self) -> None:
        """Follow a change of language."""
        self._show_estimate(None)
        self._show_catalog()
        self._show_prices(None)
        self._show_saved()
        self.set_byte_unit(self.unit.text())

    def _show_estimate(self, _estimate: object) -> None:
        done = self._session.estimate is not None
        self.estimated.setText(text("status.estimated", ms=format_integer(max(1, self._session.estimate_ms))) if done else "")
        tried = self._session.estimate.candidates if self._session.estimate else 0
        self._show_prices(None)
        self.estimated.setToolTip(text("status.candidates", count=format_integer(tried)) if tried else "")

    def _show_catalog(self) -> None:
        catalog = self._session.catalog
        if catalog is None:
            self.catalog.setText(text("status.loading"))
            return
        counts = {"gpus": format_integer(len(catalog.gpus)), "models": format_integer(len(catalog.models))}
        self.catalog.setText(text("status.catalog", date=catalog.date, **counts))
        self.catalog.setToolTip(text("status.digest", digest=catalog.digest))

    def _show_prices(self, _path: object) -> None:
        money = self._session.scenario.money
        date, rate = self._price_date(), f"{money.cny_per_usd:g}"
        key = "status.prices.dated" if date else "status.prices"
        self.prices.setText(text(key, currency=money.currency, date=date, rate=rate))

    def _price_date(self) -> str:
        """What the price of the answer's GPU dates from; empty when there is none."""
        catalog, estimate = self._session.catalog, self._session.estimate
        gpu = catalog.gpus.get(estimate.chosen) if catalog and estimate and estimate.chosen else None
        if gpu is None:
            return ""
        from gpuplanner.engine.money.prices import card_price  # after the first paint

        price = card_price(gpu, self._session.scenario.money)
        return price.date if price else ""

    def _show_saved(self) -> None:
        document = self._document
        if document.read_only:
            key = "status.read_only"
        elif document.modified:
            key = "status.modified"
        elif document.path is None:
            key = "status.never_saved"
        else:
            key = "status.saved_at" if document.saved_at else "status.saved"
        time = document.saved_at.strftime("%H:%M") if document.saved_at else ""
        self.saved.setText(text(key, time=time) if key == "status.saved_at" else text(key))
        self.saved.setToolTip(str(document.path or ""))

    def _toggle_unit(self) -> None:
        self.byte_unit_wanted.emit("GB" if self.unit.text() == "GiB" else "GiB")
