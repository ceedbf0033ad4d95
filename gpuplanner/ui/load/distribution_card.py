"""The card of the event simulation: its distribution, how far it is, run again and stop."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from gpuplanner.format import format_integer
from gpuplanner.texts import text
from gpuplanner.ui.background import Pulse, Work
from gpuplanner.ui.load import distribution
from gpuplanner.ui.load.given import Given
from gpuplanner.ui.load.live import HeavyCard

if TYPE_CHECKING:
    from gpuplanner.engine.load.simulation import SimulationResult

REQUESTS: Final = 10_000
SEED: Final = 7
_CALM_MS: Final = 600  # simulating takes a while of the processor: not between two keys
_STEPS: Final = 100


class DistributionCard(HeavyCard):
    """Simulates by itself when the page is calm and seen; the same load gives the same picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, _CALM_MS)
        self.figure = "ttft"
        self.seed = SEED
        self._found: tuple[SimulationResult, float] | None = None
        self._of: Given | None = None
        self._counted = ""
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(70, 8)
        self.again, self.stop_button = QPushButton(self), QPushButton(self)
        for control in (self.progress, self.again, self.stop_button):
            self.add_control(control)
        self.again.setProperty("flat", True)
        self.stop_button.setProperty("flat", True)
        self.again.clicked.connect(self.run_again)
        self.stop_button.clicked.connect(self.give_up)
        self.background.progressed.connect(self._progressed)
        self.reword()
        self._show_state()

    def set_figure(self, figure: str) -> None:
        """Show another latency of the same simulation."""
        self.figure = figure
        self._name()
        if self._found is not None and self._of is self.given and self.given is not None:
            self._draw(self.given, *self._found)

    def run_again(self) -> None:
        """Simulate once more, with other requests."""
        self.seed += 1
        self._begin()
        self._show_state()

    def give_up(self) -> None:
        """Stop simulating; what was shown stays."""
        self.stop()
        self._show_state()

    def waiting(self, given: Given) -> None:
        """The former distribution is of another load."""
        self._name()
        self._show_state()
        if given.plan is None or given.curve is None:
            self.say(text("load.no_plan"))
        elif self._found is None:
            self.say(text("load.simulating"))

    def work(self, given: Given) -> Work | None:
        """Simulate the plan under its load."""
        if given.plan is None or given.curve is None:
            return None
        self.progress.setRange(0, 0)
        return partial(_simulate, given, self.seed)

    def show_found(self, given: Given, found: Any) -> None:
        """Draw the distribution."""
        self._found, self._of = found, given
        self._draw(given, *found)
        self._show_state()

    def reword(self) -> None:
        """Say everything again, in the current language."""
        self.again.setText(text("load.run_again"))
        self.stop_button.setText(text("load.stop"))
        self.progress.setAccessibleName(text("load.simulating"))
        self._name()
        self.retranslate()
        if self.given is not None and self._found is not None and self._of is self.given:
            self._draw(self.given, *self._found)

    def _draw(self, given: Given, found: SimulationResult, taken_s: float) -> None:
        said = [] if found.stable else [text("load.unstable")]
        said.append(distribution.closed_text(given, found, self.figure))
        self._counted = distribution.count_text(found, taken_s)
        hint = " · ".join(part for part in said if part)
        self.show_picture(distribution.picture(given, found, self.figure), partial(distribution.table, found), hint)

    def _name(self) -> None:
        self.set_title(text("load.distribution.title", figure=text(f"load.figure.{self.figure}")))

    def _progressed(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self._show_state()

    def _begin(self) -> None:
        super()._begin()
        self._show_state()

    def _failed(self, fault: object) -> None:
        super()._failed(fault)
        self._show_state()

    def _show_state(self) -> None:
        busy = self.background.busy
        self.progress.setVisible(busy)
        self.stop_button.setVisible(busy)
        self.again.setVisible(not busy and self.given is not None and self.given.curve is not None)
        again = text("load.run_again.hint", requests=format_integer(REQUESTS), seed=self.seed + 1)
        self.again.setToolTip("\n".join(part for part in (self._counted, again) if part))


def _simulate(given: Given, seed: int, pulse: Pulse) -> tuple[SimulationResult, float]:
    from gpuplanner.engine.load.simulation import simulate_plan

    told = 0
    began = time.perf_counter()

    def progress(share: float) -> bool:
        nonlocal told
        if int(share * _STEPS) > told or pulse.stopped:
            told = int(share * _STEPS)
            pulse(told, _STEPS)  # raises where nobody waits any more
        return True

    assert given.plan is not None
    found = simulate_plan(given.scenario, given.catalog, given.plan, REQUESTS, seed, progress)
    return found, time.perf_counter() - began
