"""Two kinds of GPU in one plan."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.planner.mixed import mixed
from gpuplanner.scenario.document import Objective
from tests.engine.load.test_curve import GPU, with_changes

SECOND = "nvidia-h200-sxm-141gb"


@pytest.mark.parametrize("objective", [Objective.FEWEST, Objective.CHEAPEST])
@pytest.mark.parametrize("load", [200.0, 700.0])
def test_two_kinds_carry_the_load_at_least_as_well_as_one(catalog: Catalog, objective: Objective, load: float) -> None:
    scenario = with_changes(deployment__second_gpu=SECOND, deployment__objective=objective, workload__load=load)
    answer = estimate(scenario, catalog)
    found = mixed(scenario, catalog, answer)
    assert found is not None
    assert sum(part.share for part in found.parts) == pytest.approx(1.0)
    assert {part.gpu_id for part in found.parts} <= {GPU, SECOND}
    if objective is Objective.FEWEST:
        assert found.gpus <= found.alone.gpus
    else:
        assert found.cost <= found.alone.cost


def test_without_a_second_kind_there_is_no_mix(catalog: Catalog) -> None:
    scenario = with_changes()
    assert mixed(scenario, catalog, estimate(scenario, catalog)) is None
    scenario = with_changes(deployment__second_gpu=SECOND, targets__tpot_s=1e-5)
    assert mixed(scenario, catalog, estimate(scenario, catalog)) is None
