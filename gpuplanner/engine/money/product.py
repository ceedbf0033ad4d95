"""What a plan makes, as money counts it: tokens, items or whole training runs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gpuplanner.engine.result import Plan, Quantity

MILLION, THOUSAND = 1e6, 1e3


@dataclass(frozen=True, slots=True)
class Product:
    """``rate`` pieces come out a second at full use, counted in lots of ``lot``; the cost of a lot is the figure ``key``."""

    key: str
    rate: Quantity
    lot: float

    @property
    def per_second(self) -> float:
        """Pieces a second."""
        return self.rate.value or 0.0


def carried(plan: Plan, key: str) -> Quantity | None:
    """A figure of what a plan carries; of a mix that of all its kinds of GPU together."""
    own = plan.figures.get(key)
    if plan.mix is None or own is None:
        return own
    found = [part.plan.figures[key] for part in plan.mix.parts if key in part.plan.figures]

    def together(ends: list[float | None]) -> float | None:
        return None if None in ends else sum(end for end in ends if end is not None)

    value, low, high = (together([getattr(one, end) for one in found]) for end in ("value", "low", "high"))
    return replace(own, value=value, low=low, high=high)


def product_of(plan: Plan) -> Product | None:
    """Output tokens, items of passes, or training runs; None where the plan makes nothing that is known."""
    made = carried(plan, "throughput")
    if made is not None and made.value:
        return Product("cost_per_million", made, MILLION)
    items = plan.figures.get("item_rate")
    if items is not None and items.value:
        return Product("cost_per_thousand_items", items, THOUSAND)
    lasts = plan.figures.get("training_time")
    if lasts is not None and lasts.value:
        low, high = (None if end is None or end <= 0 else 1 / end for end in (lasts.high, lasts.low))
        runs = Quantity("run_rate", 1 / lasts.value, lasts.unit, low, high, lasts.provenance, lasts.rows)
        return Product("cost_per_run", runs, 1.0)
    return None


def run_hours(plan: Plan) -> float | None:
    """How long a training run takes on a plan; None where it isn't one, or isn't known. [h]"""
    lasts = plan.figures.get("training_time")
    return lasts.value / 3600 if lasts is not None and lasts.value else None
