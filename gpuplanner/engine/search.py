"""Everything a scenario that writes text may be answered with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.apart.candidates import apart, can_be_apart
from gpuplanner.engine.caution import Caution
from gpuplanner.engine.fleet import Fleet
from gpuplanner.engine.layout.candidates import GRID, Candidates, candidates, choose, overshoot
from gpuplanner.engine.layout.rows import Overrides
from gpuplanner.engine.request import Request
from gpuplanner.engine.result import Plan
from gpuplanner.engine.site.growth import pile
from gpuplanner.scenario.document import Scenario, WorkloadKind


def overrides_of(scenario: Scenario) -> Overrides:
    """What the scenario fixes of the layout."""
    asked = scenario.deployment
    return Overrides(
        asked.tensor_parallel,
        asked.pipeline_parallel,
        asked.max_gpus,
        asked.memory_utilization,
        asked.max_batched_tokens,
        asked.max_seqs,
        scenario.serving.data_parallel_attention,
    )


def searched(
    scenario: Scenario, request: Request, every: Fleet, wary: Caution | None, grid: Any = GRID
) -> tuple[Candidates, Candidates | None]:
    """All candidates; where prefill is to run apart also those that do both, for comparison.

    Args:
        scenario: what was asked.
        request: the same, resolved.
        every: all GPUs.
        wary: what of their figures is counted on, where that isn't the expected values.
        grid: requests in flight per replica that are tried.
    """
    workload, asked = scenario.workload, scenario.deployment
    needed = None
    if workload.kind is WorkloadKind.BATCH:
        needed = pile(scenario) * request.output_tokens / (workload.batch_hours * 3600)
    share = wary.throughput if wary is not None else None
    found = candidates(request, every, overrides_of(scenario), needed, asked.availability, grid, share)
    if not can_be_apart(request):
        return found, None
    return apart(request, every, found, scenario.targets, asked.max_gpus, asked.availability, grid), found


def missed(scenario: Scenario, found: Candidates, wary: Caution | None) -> NDArray[np.float64]:
    """How many times each candidate exceeds its worst missed target; 1 where it meets all, and where nobody waits."""
    if scenario.workload.kind is WorkloadKind.BATCH:
        return np.ones_like(found.serving.throughput)
    return overshoot(found, scenario.targets, (wary.ttft, wary.tpot) if wary is not None else None)


def best_of(scenario: Scenario, found: Candidates, every: Fleet, wary: Caution | None) -> NDArray[np.int64]:
    """The best candidate of each GPU: its flat index, -1 where there is none."""
    batch = scenario.workload.kind is WorkloadKind.BATCH
    return choose(found, missed(scenario, found, wary), scenario.deployment.objective, len(every.gpus), batch=batch)


def beside_together(
    plans: Sequence[Plan], scenario: Scenario, both: Candidates, every: Fleet, wary: Caution | None
) -> list[Plan]:
    """Plans with prefill apart, each told what its GPU would need without."""
    best, columns = best_of(scenario, both, every, wary), both.replicas.shape[1]
    gpus = {gpu.id: place for place, gpu in enumerate(every.gpus)}
    told = []
    for plan in plans:
        flat = int(best[gpus[plan.gpu_id]])
        if plan.pools is not None and flat >= 0:
            row, column = divmod(flat, columns)
            width = int(both.rows.tensor_parallel[row] * both.rows.pipeline_parallel[row])
            count = int(both.replicas[row, column] + both.spare[row, column]) * width
            plan = replace(plan, pools=replace(plan.pools, together_gpus=count))
        told.append(plan)
    return told
