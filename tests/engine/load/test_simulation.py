"""A plan simulated request by request, and the closed form beside it."""

from __future__ import annotations

import numpy as np
import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.load.draws import drawn_lengths
from gpuplanner.engine.load.simulation import SimulationResult, simulate_plan
from gpuplanner.engine.simulate.run import Cancelled
from gpuplanner.scenario.document import LengthShare, LoadKind, Workload
from gpuplanner.scenario.serving import Balancing, Batching
from tests.engine.load.test_curve import planned, with_changes

MIX = (LengthShare(input_tokens=500, output_tokens=200, share=7), LengthShare(input_tokens=4000, output_tokens=600, share=3))


def simulated(catalog: Catalog, **changes: object) -> SimulationResult:
    scenario = with_changes(**changes)
    return simulate_plan(scenario, catalog, planned(catalog, scenario))


@pytest.mark.parametrize("spread", [0.3, 0.6, 1.0])
@pytest.mark.parametrize(
    ("kind", "load"),
    [(LoadKind.PER_SECOND, 1.5), (LoadKind.PER_SECOND, 3.0), (LoadKind.USERS, 100.0), (LoadKind.CONCURRENCY, 48.0)],
)
@pytest.mark.parametrize(("input_tokens", "output_tokens"), [(512, 512), (2048, 300), (1000, 1000)])
def test_closed_form_and_simulation_agree_below_saturation(
    catalog: Catalog, kind: LoadKind, load: float, spread: float, input_tokens: int, output_tokens: int
) -> None:
    found = simulated(
        catalog, workload__load_kind=kind, workload__load=load, workload__input_spread=spread, workload__output_spread=spread,
        workload__input_tokens=input_tokens, workload__output_tokens=output_tokens,
    )  # fmt: skip
    assert found.stable
    expected = found.closed_form
    assert expected["tpot_mean"] == pytest.approx(found.tpot.mean, rel=0.10)
    assert expected["e2e_mean"] == pytest.approx(found.e2e.mean, rel=0.10)
    assert expected["e2e"] == pytest.approx(found.e2e.p95, rel=0.10)
    assert expected["throughput"] == pytest.approx(found.throughput, rel=0.10)


def test_a_histogram_of_lengths_agrees_too(catalog: Catalog) -> None:
    found = simulated(catalog, workload__load_kind=LoadKind.PER_SECOND, workload__load=3.0, workload__mix=MIX)
    assert found.closed_form["tpot_mean"] == pytest.approx(found.tpot.mean, rel=0.10)
    assert found.closed_form["e2e_mean"] == pytest.approx(found.e2e.mean, rel=0.10)


def test_lengths_are_drawn_with_the_mean_and_spread_asked_for() -> None:
    inputs, outputs = drawn_lengths(
        Workload(input_tokens=1000, output_tokens=400, input_spread=0.5, output_spread=1.0), 100_000, 1
    )
    assert inputs.mean() == pytest.approx(1000, rel=0.01)
    assert inputs.std() / inputs.mean() == pytest.approx(0.5, rel=0.03)
    assert outputs.std() / outputs.mean() == pytest.approx(1.0, rel=0.05)
    mixed, _ = drawn_lengths(Workload(mix=MIX), 100_000, 1)
    assert (mixed == 500).mean() == pytest.approx(0.7, abs=0.01)


def test_the_same_seed_gives_the_same_run(catalog: Catalog) -> None:
    scenario = with_changes(workload__load_kind=LoadKind.PER_SECOND, workload__load=3.0)
    plan = planned(catalog, scenario)
    first, second, other = (simulate_plan(scenario, catalog, plan, 2000, seed) for seed in (1, 1, 2))
    assert first.ttft.mean == second.ttft.mean
    assert first.ttft.mean != other.ttft.mean


def test_it_can_be_cancelled_and_tells_how_far_it_is(catalog: Catalog) -> None:
    scenario = with_changes()
    told: list[float] = []

    def progress(share: float) -> bool:
        told.append(share)
        return share < 0.4

    with pytest.raises(Cancelled):
        simulate_plan(scenario, catalog, planned(catalog, scenario), progress=progress)
    assert 0.4 <= told[-1] < 0.6
    assert told == sorted(told)


def test_the_histogram_holds_every_steady_request(catalog: Catalog) -> None:
    found = simulated(catalog, workload__output_spread=0.5)
    assert found.e2e.counts.sum() == 7000  # of 10,000, without warm-up and the last
    assert (np.diff(found.e2e.edges) > 0).all()
    assert found.e2e.p50 <= found.e2e.at(0.8) <= found.e2e.p90 <= found.e2e.p95 <= found.e2e.p99


def test_least_loaded_waits_less_than_prefixes_that_stick(catalog: Catalog) -> None:
    fixed = {"workload__load_kind": LoadKind.PER_SECOND, "workload__load": 30.0, "workload__output_spread": 0.5}
    plan = planned(catalog, with_changes(**fixed))  # the same replicas for each
    runs = {kind: simulate_plan(with_changes(**fixed, serving__balancing=kind), catalog, plan) for kind in Balancing}
    sticky = runs[Balancing.PREFIX_AWARE]
    assert sticky.simulated > 1
    for kind in (Balancing.LEAST_LOADED, Balancing.ROUND_ROBIN):
        assert runs[kind].ttft.p95 < sticky.ttft.p95
        assert runs[kind].tpot.p95 < sticky.tpot.p95


BALANCED = [
    (kind, load, balancing)
    for kind, load in (
        (LoadKind.PER_SECOND, 3.0),
        (LoadKind.PER_SECOND, 30.0),
        (LoadKind.USERS, 1500.0),
        (LoadKind.CONCURRENCY, 200.0),
    )
    for balancing in Balancing
    if kind is not LoadKind.CONCURRENCY or balancing is Balancing.LEAST_LOADED  # sent anywhere, the number at one replica varies
]


@pytest.mark.parametrize(("kind", "load", "balancing"), BALANCED)
@pytest.mark.parametrize(("input_tokens", "output_tokens"), [(512, 512), (2048, 300), (4000, 300)])
def test_first_tokens_agree_however_requests_are_shared_out(
    catalog: Catalog, kind: LoadKind, load: float, balancing: Balancing, input_tokens: int, output_tokens: int
) -> None:
    found = simulated(
        catalog, workload__load_kind=kind, workload__load=load, workload__input_spread=0.6, workload__output_spread=0.6,
        workload__input_tokens=input_tokens, workload__output_tokens=output_tokens, serving__balancing=balancing,
        deployment__pipeline_parallel=1,
    )  # fmt: skip
    most = 0.12 if balancing is Balancing.PREFIX_AWARE else 0.10  # with the longest queues
    assert found.closed_form["ttft_mean"] == pytest.approx(found.ttft.mean, rel=most)
    assert found.closed_form["ttft"] == pytest.approx(found.ttft.p95, rel=0.25)


@pytest.mark.parametrize("load", [(LoadKind.PER_SECOND, 30.0), (LoadKind.USERS, 2000.0)])
@pytest.mark.parametrize("host_gib", [0.0, 64.0])
@pytest.mark.parametrize("balancing", [Balancing.LEAST_LOADED, Balancing.PREFIX_AWARE])
def test_conversations_that_come_back_agree_too(
    catalog: Catalog, load: tuple[LoadKind, float], host_gib: float, balancing: Balancing
) -> None:
    found = simulated(
        catalog, workload__load_kind=load[0], workload__load=load[1], workload__input_tokens=6000, workload__output_spread=0.5,
        workload__reused_prefix=0.8, serving__host_kv_gib=host_gib, serving__balancing=balancing,
        deployment__pipeline_parallel=1,
    )  # fmt: skip
    assert found.closed_form["ttft_mean"] == pytest.approx(found.ttft.mean, rel=0.15)
    assert found.closed_form["tpot_mean"] == pytest.approx(found.tpot.mean, rel=0.10)
    assert found.closed_form["e2e"] == pytest.approx(found.e2e.p95, rel=0.10)


@pytest.mark.parametrize("batching", [Batching.STATIC, Batching.DYNAMIC])
@pytest.mark.parametrize("spread", [0.0, 0.5])
@pytest.mark.parametrize(("kind", "load"), [(LoadKind.CONCURRENCY, 64.0), (LoadKind.PER_SECOND, 1.0), (LoadKind.PER_SECOND, 4.0)])
def test_batches_that_start_together_agree_too(
    catalog: Catalog, kind: LoadKind, load: float, spread: float, batching: Batching
) -> None:
    found = simulated(
        catalog, workload__load_kind=kind, workload__load=load, workload__input_tokens=1000, workload__output_tokens=300,
        workload__input_spread=spread, workload__output_spread=spread, serving__batching=batching,
        targets__ttft_s=None, targets__e2e_s=30.0,
    )  # fmt: skip
    expected = found.closed_form
    assert expected["ttft_mean"] == pytest.approx(found.ttft.mean, rel=0.10)
    assert expected["tpot_mean"] == pytest.approx(found.tpot.mean, rel=0.05)
    assert expected["e2e_mean"] == pytest.approx(found.e2e.mean, rel=0.05)
    assert expected["throughput"] == pytest.approx(found.throughput, rel=0.05)
