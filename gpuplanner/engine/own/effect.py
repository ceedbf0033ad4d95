"""What own measurements change: each figure of a plan without and with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Plan, Quantity
from gpuplanner.scenario.document import Scenario

_ORDER: Final = (
    "ttft", "ttft_mean", "tpot", "tpot_mean", "e2e", "e2e_mean", "throughput", "request_rate", "batch_time", "memory_per_gpu",
    "headroom", "purchase", "power", "cost_per_million",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A figure before and after."""

    key: str
    before: Quantity | None
    after: Quantity | None

    @property
    def ratio(self) -> float | None:
        """After over before; None where either isn't known."""
        first, last = (side.value if side is not None else None for side in (self.before, self.after))
        return last / first if first and last is not None else None


@dataclass(frozen=True, slots=True)
class Effect:
    """The plan of a GPU without and with own measurements, and its figures in the order they are read."""

    gpu_id: str
    before: Plan
    after: Plan
    changes: tuple[Change, ...]


def effect(scenario: Scenario, catalog: Catalog, gpu_id: str | None = None) -> Effect | None:
    """What the scenario's measurements change on a GPU.

    Args:
        scenario: with its measurements, switched on or off.
        catalog: what is known.
        gpu_id: whose plan; of the chosen GPU when None.

    Returns:
        None when there is no plan.
    """
    held = scenario.calibration
    off, on = (
        scenario.model_copy(update={"calibration": held.model_copy(update={"enabled": enabled})}) for enabled in (False, True)
    )
    with_them = estimate(on, catalog)
    after = with_them.plan(gpu_id)
    before = estimate(off, catalog).plan(after.gpu_id) if after is not None else None
    if before is None or after is None:
        return None
    known = (*before.figures, *after.figures)
    changes = [Change(key, before.figures.get(key), after.figures.get(key)) for key in _ORDER if key in known]
    return Effect(after.gpu_id, before, after, tuple(changes))
