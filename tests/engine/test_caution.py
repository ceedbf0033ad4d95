"""Targets held over the whole range."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.planner.front import front
from gpuplanner.engine.result import Plan, Status
from gpuplanner.scenario.document import LoadKind, Scenario, WorkloadKind, replace
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario

EXAMPLES = {example.key: load_scenario(example.path).scenario for example in examples()}
LOADS = {
    "in flight": Scenario(),
    "a rate": replace(replace(Scenario(), "workload.load_kind", LoadKind.PER_SECOND), "workload.load", 6.0),
    "images": EXAMPLES["images_sdxl"],
}


def by_gpu(scenario: Scenario, catalog: Catalog) -> dict[str, Plan]:
    return {plan.gpu_id: plan for plan in estimate(scenario, catalog).plans if plan.status is not Status.IMPOSSIBLE}


@pytest.mark.parametrize("scenario", LOADS.values(), ids=list(LOADS))
def test_the_cautious_end_meets_the_targets_or_the_plan_misses_them(scenario: Scenario, catalog: Catalog) -> None:
    careful = replace(scenario, "targets.cautious", True)
    wary, usual = by_gpu(careful, catalog), by_gpu(scenario, catalog)
    assert {plan.status for plan in wary.values()} >= {Status.MEETS}
    assert Status.EXPECTED not in {plan.status for plan in wary.values()}
    limits = {"ttft": careful.targets.ttft_s, "tpot": careful.targets.tpot_s, "e2e": careful.targets.e2e_s}
    for gpu, plan in wary.items():
        highs = {key: figure.high for key, limit in limits.items() if limit and (figure := plan.figures.get(key)) is not None}
        over = [key for key, high in highs.items() if high is not None and high > (limits[key] or 0) * (1 + 1e-6)]
        assert (plan.status is Status.MISSES) == bool(over), (gpu, over)
        assert bool(plan.reasons) == bool(over)
        if plan.status is Status.MEETS and usual[gpu].status is not Status.MISSES:
            assert plan.bought >= usual[gpu].bought, gpu  # caution never takes fewer


def test_a_plan_that_is_sure_already_stays(catalog: Catalog) -> None:
    easy = replace(replace(Scenario(), "workload.load", 1), "targets.tpot_s", 1.0)
    usual, wary = by_gpu(easy, catalog), by_gpu(replace(easy, "targets.cautious", True), catalog)
    sure = [gpu for gpu, plan in usual.items() if plan.status is Status.MEETS]
    assert len(sure) > 10
    assert all(wary[gpu].bought == usual[gpu].bought and wary[gpu].status is Status.MEETS for gpu in sure)


def test_a_batch_in_time_at_its_cautious_end(catalog: Catalog) -> None:
    batch = EXAMPLES["offline_batch"]
    assert batch.workload.kind is WorkloadKind.BATCH
    limit = batch.workload.batch_hours * 3600
    for plan in by_gpu(replace(batch, "targets.cautious", True), catalog).values():
        high = plan.figures["batch_time"].high
        assert high is not None
        assert (high <= limit * (1 + 1e-6)) == (plan.status is Status.MEETS)


def test_the_front_keeps_what_holds(catalog: Catalog) -> None:
    careful = replace(Scenario(), "targets.cautious", True)
    points = front(careful, catalog).points
    assert points
    assert all(point.meets and point.tpot < (careful.targets.tpot_s or 0) for point in points)
