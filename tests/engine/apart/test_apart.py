"""Prefill apart from decode: against published behaviour, the simulation, and what it must never do."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.apart.formulas import transfer_s
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.load.curve import load_curve
from gpuplanner.engine.load.simulation import simulate_plan
from gpuplanner.engine.result import Plan, PoolPlan
from gpuplanner.scenario.document import Availability, LoadKind, Scenario
from gpuplanner.scenario.serving import Balancing, Batching
from tests.engine.load.test_curve import GPU, planned, with_changes
from tests.engine.test_explained import check

RATE = {"workload__load_kind": LoadKind.PER_SECOND, "workload__load": 30.0, "workload__input_tokens": 2048}
LOADS = [
    {"workload__load": 200.0, "workload__input_tokens": 2048},
    RATE,
    {"workload__load_kind": LoadKind.USERS, "workload__load": 2000.0, "workload__input_tokens": 2048},
]


def asked(**changes: object) -> Scenario:
    return with_changes(serving__disaggregated=True, **changes)


def apart(catalog: Catalog, scenario: Scenario) -> tuple[Plan, PoolPlan]:
    plan = planned(catalog, scenario)
    assert plan.pools is not None
    return plan, plan.pools


def test_moving_a_cache_by_hand() -> None:
    # 2,048 tokens of 160 kB over 45 GB/s, half reached
    assert transfer_s(2048, 160e3, 45e9, 0.5) == pytest.approx(0.01456, rel=1e-3)


def test_each_kind_holds_its_target(catalog: Catalog) -> None:
    plan, pools = apart(catalog, asked(**RATE))
    together = planned(catalog, with_changes(**RATE))
    assert (plan.figures["ttft"].value or 9) <= 1.0
    assert (plan.figures["tpot"].value or 9) <= 0.04
    assert pools.busy < 0.9
    assert plan.replicas == pools.prefill + pools.decode
    assert pools.together_gpus == together.gpus
    assert plan.figures["throughput"].value == pytest.approx(30.0 * 512, rel=1e-6)


def test_tighter_tokens_speak_for_prefill_apart(catalog: Catalog) -> None:
    # DistServe, arXiv 2401.09670: the tighter the limit on tokens, the more is gained by taking prompts out of the way
    ratios = []
    for limit in (0.08, 0.035):
        fixed = {"targets__tpot_s": limit, "targets__ttft_s": 2.0, "deployment__tensor_parallel": 2}
        plan, pools = apart(catalog, asked(**RATE, **fixed))
        ratios.append(plan.gpus / (pools.together_gpus or 1))
    assert ratios[1] < ratios[0]


def test_longer_prompts_need_more_readers(catalog: Catalog) -> None:
    counts = []
    for tokens in (500, 4000):
        fixed = RATE | {"workload__load": 10.0, "workload__input_tokens": tokens, "targets__ttft_s": 3.0}
        _, pools = apart(catalog, asked(**fixed, deployment__tensor_parallel=2))
        counts.append(pools.prefill / pools.decode)
    assert counts[1] > counts[0]


@pytest.mark.parametrize("changes", LOADS)
@pytest.mark.parametrize("spread", [0.0, 0.6])
def test_every_figure_opens_down_to_what_was_entered(catalog: Catalog, changes: dict[str, object], spread: float) -> None:
    scenario = asked(**changes, workload__input_spread=spread, workload__output_spread=spread)
    plan, _ = apart(catalog, scenario)
    seen = check(scenario, catalog, plan)
    assert {"ttft", "tpot", "throughput", "kv_transfer", "prompt_time", "prefill_busy", "token_capacity"} <= seen


@pytest.mark.parametrize("changes", LOADS)
@pytest.mark.parametrize("spread", [0.0, 0.6])
def test_the_simulation_says_the_same(catalog: Catalog, changes: dict[str, object], spread: float) -> None:
    fixed = {"workload__input_spread": spread, "workload__output_spread": spread, "deployment__tensor_parallel": 2}
    scenario = asked(**changes, **fixed, deployment__pipeline_parallel=1)
    plan, _ = apart(catalog, scenario)
    found = simulate_plan(scenario, catalog, plan)
    assert found.stable
    assert found.closed_form["tpot_mean"] == pytest.approx(found.tpot.mean, rel=0.05)
    assert found.closed_form["e2e_mean"] == pytest.approx(found.e2e.mean, rel=0.05)
    assert found.closed_form["e2e"] == pytest.approx(found.e2e.p95, rel=0.10)
    assert found.closed_form["throughput"] == pytest.approx(found.throughput, rel=0.05)
    assert found.closed_form["ttft_mean"] == pytest.approx(found.ttft.mean, rel=0.15)
    assert found.closed_form["ttft"] == pytest.approx(found.ttft.p95, rel=0.20)


@pytest.mark.parametrize("changes", LOADS)
def test_the_curve_ends_where_the_live_figures_say(catalog: Catalog, changes: dict[str, object]) -> None:
    scenario = asked(**changes)
    plan, _ = apart(catalog, scenario)
    found = load_curve(scenario, catalog, plan)
    assert plan.figures["headroom"].value == pytest.approx(found.headroom, abs=0.02)
    assert plan.verdict is found.verdict
    below = slice(0, len(found.rate) - 7)
    assert (found.rate * found.e2e["mean"].value)[below] == pytest.approx(found.in_flight[below], rel=1e-6)


def test_readers_take_turns_or_go_by_prefix(catalog: Catalog) -> None:
    firsts = {}
    for kind in Balancing:
        scenario = asked(**RATE, serving__balancing=kind, deployment__tensor_parallel=2, targets__ttft_s=None)
        firsts[kind] = planned(catalog, scenario).figures["ttft"].value or 0.0
    assert firsts[Balancing.PREFIX_AWARE] > firsts[Balancing.ROUND_ROBIN] >= firsts[Balancing.LEAST_LOADED]


def test_spares_and_limits_count_both_kinds(catalog: Catalog) -> None:
    plan, pools = apart(catalog, asked(**RATE, deployment__availability=Availability.N_PLUS_ONE))
    assert plan.spare_replicas >= 1
    assert plan.gpus == (pools.prefill + pools.decode + plan.spare_replicas) * plan.gpus_per_replica
    none = estimate(asked(**RATE, deployment__max_gpus=2), catalog).plan(GPU)
    assert none is not None
    assert none.gpus <= 2


@pytest.mark.parametrize("changes", [{"deployment__engine": "tgi"}, {"serving__batching": Batching.STATIC}])
def test_what_cannot_be_apart_says_so(catalog: Catalog, changes: dict[str, object]) -> None:
    answer = estimate(asked(**changes), catalog)
    plan = answer.plan()
    assert plan is not None
    assert plan.pools is None
    assert "warning.not_apart" in {code.code for code in answer.warnings}
