"""Which plan is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Code, Plan, Status
from gpuplanner.scenario.document import Objective

#: Form factor of what clouds keep for themselves.
RENTED_ONLY = "cloud"
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


def preference(objective: Objective, plan: Plan, latency: float) -> tuple[float, ...]:
    """What decides between plans that do equally well by the targets; the smaller the better.

    A plan that meets the targets with its expected values stands beside one that meets them over its whole range: the range says
    what isn't known of a GPU, and certainty alone isn't worth eight times the GPUs. Its sign shows which of the two it is.

    Args:
        objective: what decides.
        plan: one that runs.
        latency: of a request or a run. [s]
    """
    price = plan.figures["purchase"].value
    cost = float("inf") if price is None else price
    by = {
        Objective.FEWEST: (plan.bought, cost, plan.gpus),
        Objective.CHEAPEST: (cost, plan.bought, plan.gpus),
        Objective.FASTEST: (latency, plan.bought, plan.gpus),
    }[objective]
    return (stands_back(objective, cost), *by, latency)


def passed_over(wanted: str | None, objective: Objective, plans: Sequence[Plan], catalog: Catalog) -> tuple[Code, ...]:
    """Says which card would do with fewer, had it a price.

    Args:
        wanted: the scenario's own choice; then nothing was passed over.
        objective: what decides between plans.
        plans: best first.
        catalog: names.
    """
    first = plans[0] if plans else None
    if first is None or wanted is not None or objective is Objective.FASTEST or first.status is Status.IMPOSSIBLE:
        return ()
    fewer = [plan for plan in plans if plan.status is first.status and plan.bought < first.bought]
    sold = [plan for plan in fewer if catalog.gpus[plan.gpu_id].form_factor != RENTED_ONLY]
    rivals = [plan for plan in sold if plan.figures["purchase"].value is None]
    if not rivals or first.figures["purchase"].value is None:
        return ()
    best = rivals[0]
    params = {"gpu": catalog.gpus[best.gpu_id].name, "gpus": best.bought, "count": len(rivals)}
    return (Code("warning.unpriced" if len(rivals) == 1 else "warning.unpriced_several", params),)
