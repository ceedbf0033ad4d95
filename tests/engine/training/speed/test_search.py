"""The search over layouts: what is timed once, and for whom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Provenance
from gpuplanner.engine.training.planning import coded
from gpuplanner.engine.training.plans import training_estimate
from gpuplanner.scenario.document import Objective, Scenario, WorkloadKind, replace

COLUMNS = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 10**6), min_size=width, max_size=width), min_size=1, max_size=30)
)


@given(COLUMNS)
def test_rows_have_one_number_where_they_are_equal_in_their_order(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=float)
    code = coded(list(table.T))
    order = sorted({tuple(row) for row in rows})
    ranks = np.unique(code, return_inverse=True)[1]
    assert ranks.tolist() == [order.index(tuple(row)) for row in rows]


@given(st.lists(st.integers(0, 2**40), min_size=2, max_size=20))
def test_columns_too_wide_for_one_number_keep_their_order(values: list[int]) -> None:
    column = np.array(values, dtype=float)
    ranks = np.unique(coded([column] * 4), return_inverse=True)[1]
    assert ranks.tolist() == np.unique(column, return_inverse=True)[1].tolist()


@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize("model", ["llama-3.1-8b", "deepseek-v3"])
def test_a_gpu_alone_gets_the_plan_it_gets_among_all(model: str, objective: Objective, catalog: Catalog) -> None:
    """Stages, shared times and the GPUs left open change nothing of a GPU's own plan."""
    asked = replace(replace(Scenario(), "workload.kind", WorkloadKind.TRAIN.value), "model.id", model)
    asked = replace(asked, "deployment.objective", objective.value)
    every = {plan.gpu_id: plan for plan in training_estimate(asked, catalog).plans}
    for gpu in ("nvidia-h100-sxm5-80gb", "nvidia-rtx-4090", "amd-mi355x", "nvidia-gb200-186gb"):
        (alone,) = training_estimate(asked, catalog, only=gpu).plans
        assert alone.training == every[gpu].training
        assert alone.gpus == every[gpu].gpus
        for key in ("step_time", "training_time", "memory_per_gpu"):
            assert (key in alone.figures) == (key in every[gpu].figures)
            if key in alone.figures:
                assert alone.figures[key].value == pytest.approx(every[gpu].figures[key].value, rel=1e-12)


def test_costs_beyond_all_measure_are_not_told(catalog: Catalog) -> None:
    """A use of nearly nothing: the hour costs more than a number holds."""
    asked = replace(replace(Scenario(), "workload.kind", WorkloadKind.TUNE.value), "model.id", "llama-3.1-8b")
    asked = replace(replace(asked, "money.utilization", 5e-324), "money.lifetime_years", 1e-3)
    plan = next(plan for plan in training_estimate(asked, catalog).plans if plan.figures["purchase"].value)
    assert plan.figures["run_cost"].value is None
    assert plan.figures["training_time"].value


def test_families_nobody_measured_have_a_wider_range(catalog: Catalog) -> None:
    asked = replace(replace(Scenario(), "workload.kind", WorkloadKind.TUNE.value), "model.id", "llama-3.1-8b")
    plans = {plan.gpu_id: plan for plan in training_estimate(asked, catalog).plans}
    known, unknown = (plans[gpu].figures["tokens_per_second"] for gpu in ("nvidia-h100-sxm5-80gb", "huawei-ascend-910b1"))
    assert known.low is not None
    assert unknown.low is not None
    assert known.high is not None
    assert unknown.high is not None
    assert unknown.high / unknown.low > known.high / known.low
    assert unknown.provenance is Provenance.EXTRAPOLATED
    assert known.provenance is not Provenance.EXTRAPOLATED
