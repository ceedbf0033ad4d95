"""Latency against load: what grows, where it ends, and what the live figures say of it."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.load.curve import LoadCurve, load_curve
from gpuplanner.engine.result import Plan, Verdict
from gpuplanner.scenario.document import LoadKind, Scenario, replace

GPU = "nvidia-h100-sxm5-80gb"


def with_changes(**changes: object) -> Scenario:
    fixed = {"deployment__gpu": GPU, **changes}
    return reduce(lambda made, item: replace(made, item[0].replace("__", "."), item[1]), fixed.items(), Scenario())


def planned(catalog: Catalog, scenario: Scenario) -> Plan:
    plan = estimate(scenario, catalog).plan(GPU)
    assert plan is not None
    assert plan.memory is not None
    return plan


def curve_of(catalog: Catalog, scenario: Scenario) -> LoadCurve:
    return load_curve(scenario, catalog, planned(catalog, scenario))


@pytest.mark.parametrize(
    "load", [(LoadKind.CONCURRENCY, 200.0), (LoadKind.PER_SECOND, 6.0), (LoadKind.USERS, 900.0), (LoadKind.PER_DAY, 50_000.0)]
)
@pytest.mark.parametrize("tokens", [256, 2048, 8192])
@pytest.mark.parametrize("spread", [0.0, 0.6])
def test_more_load_is_never_faster(catalog: Catalog, load: tuple[LoadKind, float], tokens: int, spread: float) -> None:
    scenario = with_changes(
        workload__load_kind=load[0], workload__load=load[1], workload__input_tokens=tokens, workload__output_spread=spread
    )
    found = curve_of(catalog, scenario)
    assert (np.diff(found.in_flight) > 0).all()
    assert (np.diff(found.rate) >= 0).all()
    many = found.in_flight >= 16 * found.in_flight[0]  # a few tokens at once are read faster than one
    for bands in (found.tpot, found.e2e):
        assert (np.diff(bands["mean"].value[many]) > -1e-9).all()
        assert (bands["p50"].value <= bands["p95"].value + 1e-12).all()
        assert (bands["p95"].value <= bands["p99"].value + 1e-12).all()
        assert (bands["p95"].low <= bands["p95"].value).all()
        assert (bands["p95"].value <= bands["p95"].high).all()


def test_littles_law_holds_along_the_curve(catalog: Catalog) -> None:
    found = curve_of(catalog, with_changes())
    assert found.rate * found.e2e["mean"].value == pytest.approx(found.in_flight, rel=1e-9)


def test_past_saturation_the_rate_stays_and_the_wait_grows(catalog: Catalog) -> None:
    found = curve_of(catalog, with_changes())
    beyond = found.in_flight > found.saturation.in_flight * 1.001
    assert beyond.sum() >= 5
    assert found.rate[beyond] == pytest.approx(found.saturation.rate, rel=0.02)
    assert found.ttft["mean"].value[beyond].min() > found.ttft["mean"].value[~beyond].max()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"workload__load_kind": LoadKind.PER_SECOND, "workload__load": 6.0},
        {"workload__load_kind": LoadKind.USERS, "workload__load": 900.0},
        {"targets__e2e_s": 15.0, "targets__tpot_s": None},
    ],
)
def test_at_the_knee_the_target_is_just_met(catalog: Catalog, changes: dict[str, object]) -> None:
    scenario = with_changes(**changes)
    plan = planned(catalog, scenario)
    found = load_curve(scenario, catalog, plan)
    assert found.knee is not None
    limit = getattr(scenario.targets, f"{found.limit}_s")
    assert np.interp(found.knee.in_flight, found.in_flight, getattr(found, found.limit)["p95"].value) == pytest.approx(
        limit, rel=0.01
    )
    # the live figure is read from fewer points
    assert plan.figures["headroom"].value == pytest.approx(found.headroom, abs=0.02)
    assert plan.verdict is found.verdict


def test_no_load_holds_a_target_that_one_request_misses(catalog: Catalog) -> None:
    scenario = with_changes(targets__tpot_s=0.0001)
    found = curve_of(catalog, scenario)
    assert found.knee is None
    assert found.limit == "tpot"
    assert planned(catalog, scenario).figures["headroom"].value == -1


def test_without_targets_saturation_ends_it(catalog: Catalog) -> None:
    scenario = with_changes(targets__ttft_s=None, targets__tpot_s=None)
    found = curve_of(catalog, scenario)
    assert found.limit == "saturation"
    assert found.knee == found.saturation


def test_a_load_that_fills_every_slot_is_near_the_limit(catalog: Catalog) -> None:
    scenario = with_changes(
        targets__ttft_s=None, targets__tpot_s=None, deployment__max_seqs=20, workload__load=40, deployment__tensor_parallel=2
    )
    plan = planned(catalog, scenario)
    assert plan.replicas == 2
    assert plan.verdict is Verdict.NEAR
    assert "warning.load_near" in {code.code for code in plan.warnings}


def test_the_load_now_lies_on_the_curve(catalog: Catalog) -> None:
    by_rate = curve_of(catalog, with_changes(workload__load_kind=LoadKind.PER_SECOND, workload__load=6.0))
    assert by_rate.now.rate == 6.0
    users = curve_of(catalog, with_changes(workload__load_kind=LoadKind.USERS, workload__load=900.0, workload__think_time_s=20.0))
    # interactive response time law: users = those in flight + those thinking
    assert users.now.in_flight + users.now.rate * 20.0 == pytest.approx(900.0, rel=1e-3)


@pytest.mark.parametrize("kind", list(LoadKind))
def test_a_thousand_million_is_answered_at_once(catalog: Catalog, kind: LoadKind) -> None:
    answer = estimate(with_changes(workload__load_kind=kind, workload__load=1e9), catalog)
    assert all(plan.reasons for plan in answer.plans)
    assert answer.chosen in (None, GPU)


def test_users_who_do_not_think_keep_a_request_in_flight_each(catalog: Catalog) -> None:
    users = planned(catalog, with_changes(workload__load_kind=LoadKind.USERS, workload__load=64, workload__think_time_s=0.0))
    in_flight = planned(catalog, with_changes(workload__load=64))
    assert users == in_flight
