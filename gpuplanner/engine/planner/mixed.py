"""Replicas of two kinds of GPU carrying one load together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.layout.boards import bought
from gpuplanner.engine.layout.spares import spares
from gpuplanner.engine.load.curve import load_curve
from gpuplanner.engine.money.entries import scaled
from gpuplanner.engine.result import Estimate, Mix, MixPart, Plan
from gpuplanner.engine.wiring import wiring
from gpuplanner.scenario.document import Availability, Objective, Scenario

ROUNDING = 1e-9
_CARRIED = ("throughput", "request_rate")


@dataclass(frozen=True, slots=True)
class Kind:
    """A plan that gives replicas; ``node`` GPUs stand in a server of its kind, ``board`` are sold together."""

    plan: Plan
    node: int
    board: int
    rule: Availability

    def part(self, replicas: int, share: float) -> MixPart:
        """So many replicas for a share of what the plan carries, with spares, in whole boards, at the price of a GPU."""
        plan = self.plan
        servers, spare = (int(count) for count in spares(replicas, plan.gpus_per_replica, self.node, self.rule))
        gpus = (replicas + spare) * plan.gpus_per_replica
        whole = int(bought(gpus, servers, self.board))
        purchase = scaled(plan.figures["purchase"], whole / max(plan.bought, 1))
        figures = {key: scaled(plan.figures[key], share) for key in _CARRIED if key in plan.figures}
        sized = replace(
            plan,
            replicas=replicas,
            spare_replicas=spare,
            servers=servers,
            bought_gpus=whole,
            figures={**figures, "purchase": purchase},
            mix=None,
        )
        return MixPart(sized, share, purchase.value)


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
    kinds = kind_of(scenario, catalog, first), kind_of(scenario, catalog, second)
    most = ceil(1 / each[0] - ROUNDING)
    found = [_shared(kinds, each, count) for count in range(most + 1)]
    allowed = [mix for mix in found if mix.gpus <= scenario.deployment.max_gpus] or found
    cheapest = scenario.deployment.objective is Objective.CHEAPEST
    return min(allowed, key=lambda mix: (_price(mix), mix.gpus) if cheapest else (mix.gpus, _price(mix)))


def taken(answer: Estimate, mix: Mix) -> tuple[Plan, ...]:
    """The plans of an answer; servers and money of the chosen one follow the mix where both kinds are in it."""
    if len(mix.parts) < 2:
        return answer.plans
    return tuple(replace(plan, mix=mix) if plan.gpu_id == answer.chosen else plan for plan in answer.plans)


def at_day(scenario: Scenario, catalog: Catalog, mix: Mix, share: float) -> Mix:
    """The mix on the day when a share of the load is carried: of each kind as many replicas as its part of that asks for."""
    parts = tuple(
        replace(kind_of(scenario, catalog, part.plan).part(ceil(part.replicas * share - ROUNDING), share), share=part.share)
        for part in mix.parts
    )
    return replace(mix, parts=parts)


def kind_of(scenario: Scenario, catalog: Catalog, plan: Plan) -> Kind:
    """A plan's GPU with the servers and boards it comes in."""
    wires = wiring((catalog.gpus[plan.gpu_id],), catalog)
    return Kind(plan, int(wires.node[0]), int(wires.board[0]), scenario.deployment.availability)


def _carried(scenario: Scenario, catalog: Catalog, plan: Plan) -> float:
    """Share of the load that a replica carries within the targets."""
    if plan.memory is None:
        return 0.0
    return (1 + load_curve(scenario, catalog, plan).headroom) / plan.replicas


def _shared(kinds: tuple[Kind, Kind], each: tuple[float, float], count: int) -> Mix:
    left = max(0.0, 1 - count * each[0])
    rest = ceil(left / each[1] - ROUNDING)
    whole = count * each[0] + rest * each[1]
    parts = tuple(
        kind.part(number, number * carries / whole)
        for kind, number, carries in zip(kinds, (count, rest), each, strict=True)
        if number
    )
    return Mix(parts, kinds[0].part(ceil(1 / each[0] - ROUNDING), 1.0))


def _price(mix: Mix) -> float:
    return float("inf") if mix.cost is None else mix.cost
