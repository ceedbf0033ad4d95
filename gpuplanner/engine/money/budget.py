"""Given so much money, what load can be carried?"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.money.entries import once_of
from gpuplanner.engine.result import Plan, Status
from gpuplanner.engine.site.build import site_of
from gpuplanner.engine.site.prices import total
from gpuplanner.scenario.document import Scenario, WorkloadKind, replace

STEPS = 18


@dataclass(frozen=True, slots=True)
class Bought:
    """The largest load that the budget buys on a card, and what it costs. ``open`` when some price isn't known."""

    gpu_id: str
    load: float
    plan: Plan
    purchase: float
    open: bool


def bought_for(scenario: Scenario, catalog: Catalog, gpu_id: str) -> Bought | None:
    """The largest load, in the scenario's own measure, whose purchase stays within its budget on one kind of card.

    Args:
        scenario: with a budget; its own load is the starting point.
        catalog: cut to the card here.
        gpu_id: the card.

    Returns:
        None when there is no budget, the price isn't known, or not even one GPU is affordable.
    """
    budget = scenario.money.budget
    if budget is None or gpu_id not in catalog.gpus or scenario.workload.kind.trains:
        return None
    alone = dataclasses.replace(catalog, gpus={gpu_id: catalog.gpus[gpu_id]})
    path = "workload.batch_requests" if scenario.workload.kind is WorkloadKind.BATCH else "workload.load"
    low, high = 0.0, 1.0
    best: Bought | None = None
    for _ in range(STEPS):  # double until it's too dear, then halve the gap
        found = _at(scenario, alone, gpu_id, path, high)
        if found is None or found.purchase > budget:
            break
        best, low, high = found, high, high * 4
    for _ in range(STEPS):
        if high - low <= max(1.0, low * 0.01):
            break
        middle = (low + high) / 2
        found = _at(scenario, alone, gpu_id, path, middle)
        if found is not None and found.purchase <= budget:
            best, low = found, middle
        else:
            high = middle
    return best


def _at(scenario: Scenario, catalog: Catalog, gpu_id: str, path: str, load: float) -> Bought | None:
    asked = replace(scenario, path, min(load, 1e9))
    answer = estimate(asked, catalog)
    plan = answer.plan(gpu_id)
    if plan is None or plan.status in (Status.IMPOSSIBLE, Status.MISSES):
        return None
    price = total([entry.amount for entry in once_of(asked, site_of(asked, catalog, answer, plan))])
    if price.value is None:
        return None
    return Bought(gpu_id, load, plan, price.value, price.at_least)
