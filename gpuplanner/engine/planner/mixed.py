"""Replicas of two kinds of GPU carrying one load together."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.load.curve import load_curve
from gpuplanner.engine.result import Estimate, Plan
from gpuplanner.scenario.document import Objective, Scenario

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Part:
    """Replicas of one kind: how many, and the share of the load they carry within the targets."""

    gpu_id: str
    replicas: int
    gpus: int
    share: float


@dataclass(frozen=True, slots=True)
class Mix:
    """Two kinds of GPU together; ``cost`` in the scenario's currency, None where a price isn't known.

    ``gpus`` and ``cost`` count no spare replicas; ``alone`` is what the first kind needs by itself.
    """

    parts: tuple[Part, ...]
    gpus: int
    cost: float | None
    alone: Part


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
    counts = (count, rest)
    parts = tuple(
        Part(plan.gpu_id, number, number * plan.gpus_per_replica, number * carries / whole)
        for plan, number, carries in zip(plans, counts, each, strict=True)
        if number
    )
    prices = [_unit_price(plan) for plan, number in zip(plans, counts, strict=True) if number]
    known = [price for price in prices if price is not None]
    cost = sum(price * part.gpus for price, part in zip(known, parts, strict=True)) if len(known) == len(prices) else None
    alone = ceil(1 / each[0] - ROUNDING)
    only = Part(plans[0].gpu_id, alone, alone * plans[0].gpus_per_replica, 1.0)
    return Mix(parts, sum(part.gpus for part in parts), cost, only)


def _unit_price(plan: Plan) -> float | None:
    bought = plan.figures["purchase"].value
    return None if bought is None else bought / plan.bought


def _price(mix: Mix) -> float:
    return float("inf") if mix.cost is None else mix.cost
