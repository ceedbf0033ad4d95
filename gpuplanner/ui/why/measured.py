"""Measurements that stand near a figure, and how far the estimate is off them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gpuplanner.engine.result import Plan, Unit
from gpuplanner.scenario.document import Scenario


@dataclass(frozen=True, slots=True)
class Measured:
    """One published measurement beside what the engine says for the same configuration.

    ``source`` is short, ``detail`` says all of it. ``about`` names what was measured where that is only a part of the figure
    it stands beside, or what the figure follows from.
    """

    label: str  # model and GPUs
    engine: str
    measured: float
    estimated: float
    unit: Unit
    source: str
    detail: str = ""
    about: str = ""

    @property
    def error(self) -> float:
        """Signed, as a share of the measured value."""
        return self.estimated / self.measured - 1


Nearest = Callable[[Scenario, Plan, str], Sequence[Measured]]
"""Finds the measurements nearest to a figure of a plan, the nearest first; empty when there are none."""
