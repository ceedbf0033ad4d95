"""Given so much money, what load can be carried?"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.money.entries import once_of
from gpuplanner.engine.result import Estimate, Plan, Status
from gpuplanner.engine.site.build import site_of
from gpuplanner.engine.site.prices import total
from gpuplanner.scenario.document import Scenario, WorkloadKind, replace

STEPS = 18
CARDS = 12  # kinds of cards that are searched


@dataclass(frozen=True, slots=True)
class Bought:
    """The largest load that the budget buys on a card, and what it costs. ``open`` when some price isn't known."""

    gpu_id: str
    load: float
    plan: Plan
    purchase: float
    open: bool


def load_path(scenario: Scenario) -> str:
    """The field that says how much is to be carried."""
    return "workload.batch_requests" if scenario.workload.kind is WorkloadKind.BATCH else "workload.load"


def best_buys(
    scenario: Scenario, catalog: Catalog, answer: Estimate, tick: Callable[[int, int], None] | None = None
) -> tuple[Bought, ...]:
    """The largest load that the budget buys on each of the likeliest cards, the largest first.

    Args:
        scenario: with a budget.
        catalog: prices.
        answer: a plan for every card; the chosen one, then those that do most for their price are searched.
        tick: is told cards searched and cards in all before each is; may raise to give up.
    """
    likely = _likeliest(scenario, answer)
    found = []
    for place, gpu_id in enumerate(likely):
        if tick is not None:
            tick(place, len(likely))
        bought = bought_for(scenario, catalog, gpu_id)
        if bought is not None:
            found.append(bought)
    return tuple(sorted(found, key=lambda one: (-one.load, one.purchase, one.gpu_id)))


def _likeliest(scenario: Scenario, answer: Estimate) -> tuple[str, ...]:
    """Cards with a price that carry the load, by the cost of carrying it; cards barred from sale come late in the answer."""
    able = [plan for plan in answer.plans if plan.status in (Status.MEETS, Status.EXPECTED)]
    priced = [(plan.figures["purchase"].value or 0.0, place, plan.gpu_id) for place, plan in enumerate(able)
              if plan.figures["purchase"].value]  # fmt: skip
    by_price = [gpu_id for _, _, gpu_id in sorted(priced)]
    in_order = [gpu_id for _, _, gpu_id in priced]
    wanted = scenario.deployment.gpu
    first = [wanted] if wanted is not None else [answer.chosen] if answer.chosen is not None else []
    return tuple(dict.fromkeys((*first, *in_order[: CARDS // 2], *by_price)))[:CARDS]


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
    path = load_path(scenario)
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
    asked = replace(asked, "deployment.gpu", gpu_id)
    answer = estimate(asked, catalog)
    plan = answer.plan(gpu_id)
    if plan is None or plan.status in (Status.IMPOSSIBLE, Status.MISSES):
        return None
    price = total([entry.amount for entry in once_of(asked, site_of(asked, catalog, answer, plan))])
    if price.value is None:
        return None
    return Bought(gpu_id, load, plan, price.value, price.at_least)
