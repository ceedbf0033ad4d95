"""Which kind of GPU each workload of an estate is put on."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.choice import stands_back
from gpuplanner.engine.estate.works import Placed
from gpuplanner.engine.result import Estimate, Plan, Status
from gpuplanner.scenario.document import Objective, Scenario


def plans_of(scenario: Scenario, catalog: Catalog, works: Sequence[Placed], answers: Sequence[Estimate]) -> list[Plan | None]:
    """The plan taken of each workload's answer; None where it can't run.

    Args:
        scenario: whether all go on one kind of GPU, and on which.
        catalog: the kinds.
        works: the workloads.
        answers: of each alone.
    """
    asked = scenario.estate.gpu
    pins = {work.scenario.deployment.gpu for work in works if work.scenario.deployment.gpu in catalog.gpus}
    kind = asked if asked in catalog.gpus else None
    if kind is not None:
        pins = set()  # what is asked of all overrides what one asks
    if scenario.estate.common and asked is None and len(works) > 1:  # one alone takes what its own answer chose
        kind = next(iter(pins)) if len(pins) == 1 else common_gpu(answers, scenario.deployment.objective)
    return [
        taken(answer, None if work.scenario.deployment.gpu in pins else kind) for work, answer in zip(works, answers, strict=True)
    ]


def taken(answer: Estimate, kind: str | None) -> Plan | None:
    """The plan on a kind of GPU, or on the answer's own; None where it can't run."""
    plan = answer.plan(kind)
    return plan if plan is not None and plan.status is not Status.IMPOSSIBLE and plan.memory is not None else None


def common_gpu(answers: Sequence[Estimate], objective: Objective) -> str | None:
    """The kind of GPU that carries most workloads within their targets; of those the fewest or cheapest, priced ones first.

    Args:
        answers: the estimate of each workload.
        objective: what decides between kinds.
    """
    totals: dict[str, list[float]] = {}
    for answer in answers:
        for plan in answer.plans:
            lost, missed, gpus, cost = totals.setdefault(plan.gpu_id, [0.0, 0.0, 0.0, 0.0])
            price = plan.figures["purchase"].value if "purchase" in plan.figures else None
            runs = plan.status is not Status.IMPOSSIBLE
            totals[plan.gpu_id] = [
                lost + (not runs),
                missed + (plan.status is Status.MISSES),
                gpus + plan.gpus,
                cost + (math.inf if runs and price is None else price or 0.0),
            ]
    cheapest = objective is Objective.CHEAPEST

    def rank(item: tuple[str, list[float]]) -> tuple[object, ...]:
        lost, missed, gpus, cost = item[1]
        by = (cost, gpus) if cheapest else (gpus, cost)
        return (lost, missed, stands_back(objective, cost), *by, item[0])

    ranked = sorted(totals.items(), key=rank)
    return ranked[0][0] if ranked else None
