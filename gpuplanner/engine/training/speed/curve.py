"""The time of a run against the number of GPUs of one kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Plan, Quantity, Status
from gpuplanner.engine.training.plans import training_estimate
from gpuplanner.scenario.document import Objective, Scenario, replace

USUAL_COUNTS = tuple(2**i for i in range(0, 15))


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The fastest plan on so many GPUs; the figures are None where the run doesn't fit on them.

    ``used`` are the GPUs its layout takes, which may be a few less. ``plan`` is the whole of it.
    """

    gpus: int
    used: int
    time: Quantity | None
    tokens_per_second: Quantity | None
    samples_per_second: Quantity | None
    mfu: Quantity | None
    gpu_hours: Quantity | None
    run_cost: Quantity | None
    plan: Plan | None


def training_curve(
    scenario: Scenario, catalog: Catalog, gpu_id: str, counts: Iterable[int] = USUAL_COUNTS
) -> tuple[CurvePoint, ...]:
    """Time, rate, utilisation and cost of a run against the number of GPUs. A few milliseconds a point.

    Args:
        scenario: that tunes or trains.
        catalog: what is known.
        gpu_id: the kind of GPU.
        counts: numbers of GPUs, one point each, in order.
    """
    asked = replace(scenario, "deployment.objective", Objective.FASTEST)
    return tuple(_point(asked, catalog, gpu_id, count) for count in counts)


def _point(scenario: Scenario, catalog: Catalog, gpu_id: str, count: int) -> CurvePoint:
    found = training_estimate(replace(scenario, "training.gpus", count), catalog, only=gpu_id)
    plan = next((plan for plan in found.plans if plan.status is not Status.IMPOSSIBLE), None)
    if plan is None:
        return CurvePoint(count, 0, None, None, None, None, None, None, None)
    figures = plan.figures
    return CurvePoint(
        count,
        plan.gpus,
        figures["training_time"],
        figures.get("tokens_per_second"),
        figures["samples_per_second"],
        figures["mfu"],
        figures["gpu_hours"],
        figures["run_cost"],
        plan,
    )
