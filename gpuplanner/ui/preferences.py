"""The settings in use; every change is kept a moment later."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, QTimer

from gpuplanner.errors import InputError
from gpuplanner.scenario.currency import tariff_in
from gpuplanner.scenario.document import Scenario
from gpuplanner.settings import Settings, load_settings, save_settings, settings_file

_KEEP_MS = 400
log = logging.getLogger(__name__)


class Preferences(QObject):
    """Holds the settings and writes them.

    Attributes:
        values: the settings, frozen.
        first_start: nothing was ever kept.
    """

    def __init__(self, values: Settings | None = None, parent: QObject | None = None, *, keeps: bool = True) -> None:
        super().__init__(parent)
        self._keeps = keeps  # a safe start leaves what was set up as it is
        self.first_start = keeps and not settings_file().exists()
        self.values = values or load_settings()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_KEEP_MS)
        self._timer.timeout.connect(self.keep)

    def update(self, **changes: object) -> None:
        """Change settings by name."""
        changed = self.values.model_validate(self.values.model_dump() | changes)
        if changed != self.values:
            self.values = changed
            self._timer.start()

    def fresh(self) -> Scenario:
        """A new scenario, in the currency that is set; its tariff is brought to that currency."""
        scenario, currency = Scenario(), self.values.currency
        if currency == scenario.money.currency:
            return scenario
        own = {"currency": currency, "electricity_per_kwh": tariff_in(scenario.money, currency)}
        return scenario.model_copy(update={"money": scenario.money.model_copy(update=own)})

    def keep(self) -> None:
        """Write now."""
        self._timer.stop()
        if not self._keeps:
            return
        try:
            save_settings(self.values)
        except InputError:  # the window works without; the next change tries again
            log.warning("settings not kept", exc_info=True)
