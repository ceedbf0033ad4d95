"""Two kinds of GPU in one plan, and prefill apart from decode."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.codes import code_text
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.planner.mixed import mixed
from gpuplanner.engine.planner.split import split, transfer_s
from gpuplanner.scenario.document import LoadKind, Objective
from tests.engine.load.test_curve import GPU, planned, with_changes

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
        price = answer.plan().figures["purchase"].value / answer.plan().gpus
        assert found.cost <= price * found.alone.gpus * (1 + 1e-9)


def test_without_a_second_kind_there_is_no_mix(catalog: Catalog) -> None:
    scenario = with_changes()
    assert mixed(scenario, catalog, estimate(scenario, catalog)) is None
    scenario = with_changes(deployment__second_gpu=SECOND, targets__tpot_s=1e-5)
    assert mixed(scenario, catalog, estimate(scenario, catalog)) is None


def test_moving_a_cache_by_hand() -> None:
    # 2,048 tokens of 160 kB over 45 GB/s, half reached
    assert transfer_s(2048, 160e3, 45e9, 0.5) == pytest.approx(0.01456, rel=1e-3)


def test_apart_each_kind_holds_its_target(catalog: Catalog) -> None:
    scenario = with_changes(workload__load_kind=LoadKind.PER_SECOND, workload__load=30.0)
    plan = planned(catalog, scenario)
    found = split(scenario, catalog, plan)
    assert found is not None
    assert found.ttft <= 1.0
    assert found.tpot <= 0.04
    assert found.tpot < plan.figures["tpot"].value  # no prompts in between
    assert found.prefill_busy < 0.9
    assert found.gpus == (found.prefill + found.decode) * plan.gpus_per_replica
    assert code_text(found.codes[0], "zh")


def test_tighter_tokens_speak_for_prefill_apart(catalog: Catalog) -> None:
    # DistServe, arXiv 2401.09670: the tighter the limit on tokens, the more is gained by taking prompts out of the way
    ratios = []
    for limit in (0.08, 0.035):
        scenario = with_changes(
            workload__load_kind=LoadKind.PER_SECOND, workload__load=30.0, targets__tpot_s=limit, targets__ttft_s=2.0,
            deployment__tensor_parallel=2,
        )  # fmt: skip
        found = split(scenario, catalog, planned(catalog, scenario))
        assert found is not None
        ratios.append(found.gpus / found.together)
    assert ratios[1] < ratios[0]


def test_longer_prompts_need_more_readers(catalog: Catalog) -> None:
    counts = []
    for tokens in (500, 4000):
        scenario = with_changes(
            workload__load_kind=LoadKind.PER_SECOND, workload__load=10.0, workload__input_tokens=tokens,
            deployment__tensor_parallel=2, targets__ttft_s=3.0,
        )  # fmt: skip
        found = split(scenario, catalog, planned(catalog, scenario))
        assert found is not None
        counts.append(found.prefill / found.decode)
    assert counts[1] > counts[0]
