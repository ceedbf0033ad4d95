"""Replicas of two kinds of GPU carrying one load together."""

from __future__ import annotations

from math import ceil

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.load.curve import load_curve
from gpuplanner.engine.result import Estimate, Mix, MixPart, Plan
from gpuplanner.scenario.document import Objective, Scenario

ROUNDING = 1e-9


def mixed(scenario: Scenario, catalog: Catalog, answer: Estimate) -> Mix | None:
    """The best way to share the load between the answer's GPU and ``deployment.second_gpu``.

    Every count of replicas of the first kind is tried, with as few of the second as carry the rest within the targets. By the
    objective the cheapest, or the one with the fewest GPUs, is taken; one kind alone may be.

    Args:
        scenario: what was asked.
        catalog: what is known.
        answer: the estimate of the two.

    Returns:
        None where no second GPU is asked for, or one of the two can't carry any of the load within the targets.
    """
    first, second = answer.plan(), answer.plan(scenario.deployment.second_gpu or "")
    if scenario.deployment.second_gpu is None or first is None or second is None or first.gpu_id == second.gpu_id:
        return None
    each = _carried(scenario, catalog, first), _carried(scenario, catalog, second)
    if min(each) <= 0:
        return None
    most = ceil(1 / each[0] - ROUNDING)
    found = [_shared((first, second), each, count) for count in range(most + 1)]
    allowed = [mix for mix in found if mix.gpus <= scenario.deployment.max_gpus] or found
    cheapest = scenario.deployment.objective is Objective.CHEAPEST
    return min(allowed, key=lambda mix: (_price(mix), mix.gpus) if cheapest else (mix.gpus, _price(mix)))


def _carried(scenario: Scenario, catalog: Catalog, plan: Plan) -> float:
    """Share of the load that a replica carries within the targets."""
    if plan.memory is None:
        return 0.0
    return (1 + load_curve(scenario, catalog, plan).headroom) / plan.replicas


def _shared(plans: tuple[Plan, Plan], each: tuple[float, float], count: int) -> Mix:
    left = max(0.0, 1 - count * each[0])
    rest = ceil(left / each[1] - ROUNDING)
    whole = count * each[0] + rest * each[1]
    parts = tuple(
        _part(plan, number, number * carries / whole)
        for plan, number, carries in zip(plans, (count, rest), each, strict=True)
        if number
    )
    return Mix(parts, _part(plans[0], ceil(1 / each[0] - ROUNDING), 1.0))


def _part(plan: Plan, replicas: int, share: float) -> MixPart:
    """So many replicas of a plan, at the price of a GPU."""
    gpus = replicas * plan.gpus_per_replica
    bought = plan.figures["purchase"].value
    return MixPart(plan.gpu_id, replicas, gpus, share, None if bought is None else bought / max(plan.bought, 1) * gpus)


def _price(mix: Mix) -> float:
    return float("inf") if mix.cost is None else mix.cost
