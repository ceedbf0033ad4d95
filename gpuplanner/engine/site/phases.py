"""What stands there by each phase: the load of that day is planned anew, on the GPUs and the layout of the whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate, Plan
from gpuplanner.engine.site.growth import phases_of
from gpuplanner.engine.site.result import Line
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.work import Workload

Estimator = Callable[[Scenario, Catalog], Estimate]


def at_share(scenario: Scenario, share: float) -> Scenario:
    """The scenario on the day when this share of the planned load is carried; nothing grows beyond it.

    Args:
        scenario: with its growth over the years.
        share: of the load planned for, above 0.
    """
    asked, work = scenario.site, scenario.workload
    factor = share * (1 + asked.growth_per_year) ** asked.growth_years
    update = {
        "workload": _grown(work, factor),
        "site": asked.model_copy(update={"growth_per_year": 0.0, "growth_years": 0, "phases": ()}),
    }
    more = tuple(one.model_copy(update={"workload": _grown(one.workload, factor)}) for one in scenario.estate.more)
    return scenario.model_copy(update={**update, "estate": scenario.estate.model_copy(update={"more": more})})


def _grown(work: Workload, factor: float) -> Workload:
    return work.model_copy(update={"load": work.load * factor, "batch_requests": work.batch_requests * factor})


def at_phase(scenario: Scenario, number: int) -> Scenario:
    """The scenario on the day of a phase, counted from 0; itself where there is none of that number."""
    _, shares = phases_of(scenario)
    return at_share(scenario, shares[number]) if number < len(shares) else scenario


def pinned(scenario: Scenario, plan: Plan) -> Scenario:
    """Asked on the GPU and with the layout that a plan has: what is bought first stays in use."""
    layout: dict[str, object] = {"gpu": plan.gpu_id, "second_gpu": None}
    if not scenario.workload.kind.passes:
        layout |= {"tensor_parallel": plan.tensor_parallel, "pipeline_parallel": plan.pipeline_parallel}
    return scenario.model_copy(update={"deployment": scenario.deployment.model_copy(update=layout)})


def plan_at(
    scenario: Scenario, catalog: Catalog, plan: Plan, share: float, estimator: Estimator = estimate
) -> tuple[Scenario, Estimate, Plan] | None:
    """The plan that carries a share of the load.

    Args:
        scenario: one workload.
        catalog: holds the plan's GPU.
        plan: for the whole load.
        share: of the planned load.
        estimator: estimates one workload.

    Returns:
        The question of that day, its answer and plan; None for a training, which runs in whole from its first day, and where
        nothing runs.
    """
    if scenario.workload.kind.trains:
        return None
    asked = pinned(at_share(scenario, share), plan)
    answer = estimator(asked, catalog)
    found = answer.plan(plan.gpu_id)
    return (asked, answer, found) if found is not None and found.memory is not None else None


def only(catalog: Catalog, gpu_id: str) -> Catalog:
    """The catalogue with one GPU."""
    return dataclasses.replace(catalog, gpus={gpu_id: catalog.gpus[gpu_id]})


def with_phases(lines: Sequence[Line], by_phase: Sequence[Sequence[Line]]) -> list[Line]:
    """The lines of the whole, each with how many of it stand there by each phase; what was bought once stays.

    Args:
        lines: of the whole.
        by_phase: the lines of each phase.
    """
    counts = [_counted(phase) for phase in by_phase]
    found = []
    for key, line in zip(_keys(lines), lines, strict=True):
        most, column = 0, []
        for phase in counts:
            most = min(line.count, max(most, phase.get(key, 0)))
            column.append(most)
        found.append(dataclasses.replace(line, phases=tuple(column)))
    return found


def _keys(lines: Sequence[Line]) -> list[tuple[str, int]]:
    """A line's key with its number among those of the same key: workloads apart have servers of the same kind."""
    seen: dict[str, int] = {}
    found = []
    for line in lines:
        seen[line.key] = seen.get(line.key, -1) + 1
        found.append((line.key, seen[line.key]))
    return found


def _counted(lines: Sequence[Line]) -> dict[tuple[str, int], int]:
    return {key: line.count for key, line in zip(_keys(lines), lines, strict=True)}
