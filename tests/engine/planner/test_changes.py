"""Sweeps, smallest changes and the old rule."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.codes import code_text
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.planner.changes import smallest_changes
from gpuplanner.engine.planner.rule import old_rule
from gpuplanner.engine.planner.sweep import default_values, sweep, sweepable
from gpuplanner.engine.planner.told import every_advice
from gpuplanner.engine.result import Status
from gpuplanner.scenario.document import Scenario, WorkloadKind, replace
from tests.engine.load.test_curve import planned, with_changes

MEETING = (Status.MEETS, Status.EXPECTED)


def missing() -> Scenario:
    return with_changes(deployment__max_gpus=4, workload__load=200)


def test_each_change_meets_the_targets_and_a_little_less_does_not(catalog: Catalog) -> None:
    scenario = missing()
    answer = estimate(scenario, catalog)
    assert answer.plan().status is Status.MISSES
    found = smallest_changes(scenario, catalog, answer)
    assert len(found) >= 3
    for advice in found:
        changed = scenario
        for path, value in advice.change:
            changed = replace(changed, path, value)
        assert estimate(changed, catalog).plan().status in MEETING
        assert code_text(advice.code, "zh")
    loads = [advice.change[0][1] for advice in found if advice.change[0][0] == "workload.load"]
    for load in loads:
        more = replace(scenario, "workload.load", float(load) * 1.05)
        assert estimate(more, catalog).plan().status not in MEETING


def test_an_answer_that_meets_its_targets_needs_no_change(catalog: Catalog) -> None:
    scenario = with_changes()
    assert smallest_changes(scenario, catalog, estimate(scenario, catalog)) == ()


def test_changes_can_be_given_up(catalog: Catalog) -> None:
    scenario = missing()

    def stop(place: int, count: int) -> None:
        raise InterruptedError(place, count)

    with pytest.raises(InterruptedError):
        smallest_changes(scenario, catalog, estimate(scenario, catalog), stop)


def test_a_sweep_gives_what_estimates_one_by_one_give(catalog: Catalog) -> None:
    scenario = with_changes(deployment__gpu=None)
    gpu = estimate(scenario, catalog).chosen
    found = sweep(scenario, catalog, "workload.load", [50, 200, 800], ("ttft", "gpus", "purchase"))
    for place, load in enumerate(found.values):
        plan = estimate(replace(scenario, "workload.load", load), catalog).plan(gpu)
        assert plan is not None
        assert found.columns["gpus"][place].value == plan.gpus
        assert found.columns["ttft"][place] == plan.figures["ttft"]
        assert found.columns["purchase"][place] == plan.figures["purchase"]


@pytest.mark.parametrize("kind", [WorkloadKind.SERVE, WorkloadKind.BATCH])
def test_every_field_offered_can_be_swept(catalog: Catalog, kind: WorkloadKind) -> None:
    scenario = with_changes(workload__kind=kind)
    for path in sweepable(scenario):
        values = default_values(scenario, path, 3)
        assert values
        found = sweep(scenario, catalog, path, values, ("throughput",))
        assert len(found.plans) == len(values)
        assert any(found.plans), path


def test_values_that_are_not_allowed_leave_a_gap(catalog: Catalog) -> None:
    found = sweep(with_changes(), catalog, "targets.percentile", [0.2, 0.9], ("ttft",))
    assert found.columns["ttft"][0] is None
    assert found.columns["ttft"][1] is not None


def test_whole_numbers_stay_whole(catalog: Catalog) -> None:
    found = sweep(with_changes(), catalog, "workload.input_tokens", [1000.4], ("ttft",))
    assert found.plans[0] is not None


def test_the_old_rule_by_hand(catalog: Catalog) -> None:
    scenario = with_changes(workload__load=64, targets__e2e_s=20.0)
    plan = planned(catalog, scenario)
    told = old_rule(scenario, catalog, plan)
    assert told is not None
    assert told.concurrency == 64
    assert told.latency_s == 20.0
    replicas = -(-64 * told.time_s // 20.0)
    assert told.gpus == replicas * plan.gpus_per_replica
    assert told.planned_gpus == plan.gpus
    # batching serves many at once: the rule asks for several times as much
    assert told.gpus > 2 * plan.gpus
    assert told.codes[0].code == "rule.batching"
    assert all(code_text(code, language) for code in told.codes for language in ("en", "zh"))


def test_without_a_latency_there_is_no_rule(catalog: Catalog) -> None:
    scenario = with_changes(targets__tpot_s=None)
    assert old_rule(scenario, catalog, planned(catalog, scenario)) is None


def test_off_target_the_smallest_changes_come_first(catalog: Catalog) -> None:
    scenario = missing()
    answer = estimate(scenario, catalog)
    gentle = smallest_changes(scenario, catalog, answer)
    told = every_advice(scenario, catalog, answer)
    assert gentle
    assert told[: len(gentle)] == gentle
    assert len({advice.change for advice in told}) == len(told)


def test_a_change_that_takes_hundreds_of_gpus_is_not_a_small_one(catalog: Catalog) -> None:
    scenario = with_changes(targets__tpot_s=0.005, deployment__tensor_parallel=4)
    answer = estimate(scenario, catalog)
    now = answer.plan()
    assert now is not None
    found = smallest_changes(scenario, catalog, answer)
    sizes = [advice.plan.gpus for advice in found]
    assert not sizes or sizes[0] <= 20 * now.gpus or len(sizes) == 1
