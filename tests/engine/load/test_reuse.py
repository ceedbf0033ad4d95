"""Conversations that come back: what the GPU and the host's memory keep of them, and what that is worth."""

from __future__ import annotations

import math

import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Plan, ReusePlan
from gpuplanner.engine.speed.reuse import cache_left_bytes, kept_share, reload_s
from gpuplanner.scenario.document import LoadKind, Scenario
from gpuplanner.scenario.serving import Balancing
from tests.engine.load.test_curve import planned, with_changes
from tests.engine.test_explained import check

CHAT = {
    "workload__load_kind": LoadKind.USERS, "workload__load": 2000.0, "workload__think_time_s": 60.0,
    "workload__input_tokens": 6000, "workload__reused_prefix": 0.8,
}  # fmt: skip


def again(catalog: Catalog, **changes: object) -> tuple[Plan, ReusePlan]:
    plan = planned(catalog, with_changes(**CHAT | changes))
    assert plan.reuse is not None
    return plan, plan.reuse


def test_shares_by_hand() -> None:
    # 40 GB, 2 conversations a second of 1 GB each, back after 30 s: 60 GB come by meanwhile
    assert kept_share(40e9, 2.0, 1e9, 30.0) == pytest.approx(1 - math.exp(-2 / 3))
    assert cache_left_bytes(50e9, 20, 1e9, 64e9) == 94e9
    assert cache_left_bytes(50e9, 60, 1e9, 0.0) == 0.0
    # half of the conversations lie in host memory: 4,800 tokens of 40 kB over 64 GB/s, 0.8 reached, for each second request
    assert reload_s(4800, 0.9, 0.4, 40e3, 64e9, 0.8) == pytest.approx(0.5 * 4800 * 40e3 / 51.2e9)


def test_host_memory_and_the_way_back_to_the_same_replica_save_gpus(catalog: Catalog) -> None:
    plain, _ = again(catalog)
    none = planned(catalog, with_changes(**CHAT | {"workload__reused_prefix": 0.0}))
    aware, kept = again(catalog, serving__balancing=Balancing.PREFIX_AWARE)
    offloaded, more = again(catalog, serving__balancing=Balancing.PREFIX_AWARE, serving__host_kv_gib=128.0)
    assert offloaded.gpus < aware.gpus < plain.gpus <= none.gpus
    assert more.kept > kept.kept == kept.on_gpu
    assert more.on_gpu < more.kept
    assert 0 < more.reload_s < 0.05
    assert kept.reload_s == 0.0


def test_more_host_memory_is_never_slower(catalog: Catalog) -> None:
    fixed = {"deployment__tensor_parallel": 4, "deployment__pipeline_parallel": 1, "serving__balancing": Balancing.PREFIX_AWARE,
             "workload__load_kind": LoadKind.CONCURRENCY, "workload__load": 32.0}  # fmt: skip
    found = [again(catalog, **fixed, serving__host_kv_gib=float(gib)) for gib in (0, 16, 64, 256)]
    times = [plan.figures["ttft_mean"].value for plan, _ in found]
    assert times == sorted(times, reverse=True)
    assert [kept.kept for _, kept in found] == sorted(kept.kept for _, kept in found)


@pytest.mark.parametrize("changes", [{"deployment__engine": "tgi"}, {"deployment__engine": "lmdeploy"}])
def test_an_engine_that_keeps_nothing_in_host_memory_gains_nothing(catalog: Catalog, changes: dict[str, object]) -> None:
    # TGI and LMDeploy name no KV cache in host memory
    figures = [planned(catalog, with_changes(**CHAT | changes, serving__host_kv_gib=gib)).figures for gib in (0.0, 256.0)]
    assert figures[0]["ttft"] == figures[1]["ttft"]


@pytest.mark.parametrize("kind", [(LoadKind.CONCURRENCY, 200.0), (LoadKind.PER_SECOND, 30.0), (LoadKind.USERS, 2000.0)])
@pytest.mark.parametrize("balancing", list(Balancing))
def test_every_figure_opens(catalog: Catalog, kind: tuple[LoadKind, float], balancing: Balancing) -> None:
    changes = {"workload__load_kind": kind[0], "workload__load": kind[1], "serving__balancing": balancing}
    scenario: Scenario = with_changes(**CHAT | changes, serving__host_kv_gib=64.0)
    seen = check(scenario, catalog, planned(catalog, scenario))
    assert {"uncached", "kept_share", "kept_on_gpu", "cache_left", "reload", "outside"} <= seen
