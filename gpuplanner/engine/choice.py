"""Which plan is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.result import Code, Plan, Status
from gpuplanner.scenario.document import Objective, Scenario

#: Form factor of what clouds keep for themselves.
RENTED_ONLY = "cloud"
CHINA: Final = "CN"
RUNS: Final = {Status.MEETS: 0, Status.EXPECTED: 0, Status.MISSES: 1, Status.IMPOSSIBLE: 2}


def chosen(wanted: str | None, plans: Sequence[Plan]) -> str | None:
    """The GPU the answer is given for.

    Args:
        wanted: the scenario's own choice; None leaves it to the order of the plans.
        plans: best first.

    Returns:
        None when nothing can run.
    """
    if wanted is not None and any(plan.gpu_id == wanted for plan in plans):
        return wanted
    return plans[0].gpu_id if plans and plans[0].status is not Status.IMPOSSIBLE else None


def stands_back(objective: Objective, cost: float) -> bool:
    """Whether a plan stands behind those whose cost is known: a card without a price is nothing to offer, however few it takes.

    Args:
        objective: what decides between plans.
        cost: infinite where it isn't known.
    """
    return objective is not Objective.FASTEST and cost == float("inf")


def barred(scenario: Scenario, gpu: Gpu) -> bool:
    """Whether the card may not be sold new where the site stands.

    Without a country, a site that is paid for in RMB is taken to stand in China. A card that needs a licence isn't barred.
    """
    return gpu.export.china_new_sale is False and in_china(scenario) is not False


def in_china(scenario: Scenario) -> bool | None:
    """Whether the site stands in China; None where only its currency says so."""
    country = scenario.site.country
    if country is not None:
        return country == CHINA
    return None if scenario.money.currency == "CNY" else False


def preference(scenario: Scenario, gpu: Gpu, plan: Plan, latency: float) -> tuple[float, ...]:
    """What decides between plans that do equally well by the targets; the smaller the better.

    A plan that meets the targets with its expected values stands beside one that meets them over its whole range: the range says
    what isn't known of a GPU, and certainty alone isn't worth eight times the GPUs. Its sign shows which of the two it is.

    Args:
        scenario: what decides, and where the site stands.
        gpu: of the plan.
        plan: one that runs.
        latency: of a request or a run. [s]
    """
    objective = scenario.deployment.objective
    price = plan.figures["purchase"].value
    cost = float("inf") if price is None else price
    gpus, bought = plan.gpus, plan.bought
    by: tuple[float, ...] = (bought, cost, gpus)
    if objective is Objective.CHEAPEST:
        by = (cost, bought, gpus)
    elif objective is Objective.FASTEST:
        by = (latency, bought, gpus)
    return (barred(scenario, gpu), stands_back(objective, cost), *by, latency)


def passed_over(scenario: Scenario, plans: Sequence[Plan], catalog: Catalog) -> tuple[Code, ...]:
    """Says which card would do with fewer, had it a price, or might it be sold where the site stands.

    Args:
        scenario: its own choice, with which nothing is passed over; what decides between plans; the site.
        plans: best first.
        catalog: names.
    """
    asked = scenario.deployment
    first = plans[0] if plans else None
    if first is None or asked.gpu is not None or asked.objective is Objective.FASTEST or first.status is Status.IMPOSSIBLE:
        return ()
    fewer = [plan for plan in plans if RUNS[plan.status] == RUNS[first.status] and plan.bought < first.bought]
    sold = [plan for plan in fewer if catalog.gpus[plan.gpu_id].form_factor != RENTED_ONLY]
    banned = [plan for plan in sold if barred(scenario, catalog.gpus[plan.gpu_id])]
    unpriced = [plan for plan in sold if plan.figures["purchase"].value is None and plan not in banned]
    if first.figures["purchase"].value is None:
        unpriced = []
    found = (("warning.barred", banned), ("warning.unpriced", unpriced))
    return tuple(_rivals(key, rivals, catalog) for key, rivals in found if rivals)


def _rivals(key: str, rivals: Sequence[Plan], catalog: Catalog) -> Code:
    best = rivals[0]
    params = {"gpu": catalog.gpus[best.gpu_id].name, "gpus": best.bought, "count": len(rivals)}
    return Code(key if len(rivals) == 1 else f"{key}_several", params)
