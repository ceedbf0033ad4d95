"""The front of best trade-offs: beaten by none, and each point can be had."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.planner.front import FrontPoint, front
from gpuplanner.engine.planner.pareto import undominated
from gpuplanner.scenario.document import LoadKind, Objective, Scenario, WorkloadKind, replace
from tests.engine.load.test_curve import with_changes


@given(arrays.arrays(float, st.tuples(st.integers(1, 60), st.integers(1, 4)), elements=st.integers(0, 6).map(float)))
def test_undominated_is_what_comparing_all_pairs_gives(costs: np.ndarray) -> None:
    found = undominated(costs)
    kept = {tuple(row) for row in costs[found]}
    beaten = [any((other <= row).all() and (other < row).any() for other in costs) for row in costs]
    assert kept == {tuple(row) for row, is_beaten in zip(costs, beaten, strict=True) if not is_beaten}
    assert len(kept) == len(found)


def picked(scenario: Scenario, point: FrontPoint) -> Scenario:
    for path, value in point.edits:
        scenario = replace(scenario, path, value)
    return scenario


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"deployment__objective": Objective.FASTEST},
        {"workload__load_kind": LoadKind.PER_SECOND, "workload__load": 20.0},
        {"workload__load_kind": LoadKind.USERS, "workload__load": 1500.0, "workload__output_spread": 0.5},
        {"workload__kind": WorkloadKind.BATCH},
        {"model__id": "deepseek-r1", "precision__weights": "fp8-block128"},
    ],
)
def test_each_point_becomes_the_answer_when_it_is_picked(catalog: Catalog, changes: dict[str, object]) -> None:
    scenario = with_changes(deployment__gpu=None, **changes)
    found = front(scenario, catalog)
    assert len(found.points) > 10
    for point in found.points[::3]:
        plan = estimate(picked(scenario, point), catalog).plan()
        assert plan is not None
        asked = (point.gpu_id, point.tensor_parallel, point.pipeline_parallel, point.batch, point.replicas, point.gpus)
        assert (plan.gpu_id, plan.tensor_parallel, plan.pipeline_parallel, plan.batch, plan.replicas, plan.gpus) == asked
        assert plan.figures["e2e"].value == pytest.approx(point.e2e, rel=1e-9)
        assert (plan.figures["purchase"].value or 0.0) == pytest.approx(point.cost or 0.0, rel=1e-9)


def test_targets_and_limits_are_kept_to(catalog: Catalog) -> None:
    found = front(with_changes(deployment__gpu=None, deployment__max_gpus=16, deployment__tensor_parallel=4), catalog)
    assert found.points
    for point in found.points:
        assert point.meets
        assert point.gpus <= 16
        assert point.tensor_parallel == 4
        assert point.ttft <= 1.0
        assert point.tpot <= 0.04


def test_where_no_target_can_be_met_the_front_is_of_all(catalog: Catalog) -> None:
    found = front(with_changes(deployment__gpu=None, targets__tpot_s=1e-6), catalog)
    assert found.points
    assert not any(point.meets for point in found.points)


def test_it_can_be_kept_to_some_gpus_and_formats(catalog: Catalog) -> None:
    wanted = ("nvidia-h100-sxm5-80gb", "nvidia-h200-sxm-141gb")
    found = front(with_changes(deployment__gpu=None), catalog, wanted, (("fp8-e4m3", "kv-fp8"),))
    assert {point.gpu_id for point in found.points} <= set(wanted)
    assert {(point.precision, point.kv_cache) for point in found.points} == {("fp8-e4m3", "kv-fp8")}


def test_the_search_looks_at_a_hundred_thousand(catalog: Catalog) -> None:
    found = front(with_changes(deployment__gpu=None), catalog)
    assert found.evaluated >= 100_000
    assert found.cloud is not None
    assert 1000 < len(found.cloud.gpu) <= 4000


def test_a_scenario_that_cannot_be_estimated_has_no_front(catalog: Catalog) -> None:
    found = front(with_changes(model__id="nothing-like-it"), catalog)
    assert found.points == ()
