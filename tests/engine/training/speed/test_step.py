"""Step times: properties that hold whatever the constants, and limits worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.training.speed.exchange import data_exchange_s
from gpuplanner.engine.training.speed.rates import Rates, rates
from gpuplanner.engine.training.speed.run import best_interval_s, goodput
from gpuplanner.engine.training.speed.step import Job, layouts, micro, times
from gpuplanner.engine.training.speed.work import Sample, work

H100 = "nvidia-h100-sxm5-80gb"


@pytest.fixture(scope="module")
def reach(catalog: Catalog) -> Rates:
    return rates((catalog.gpus[H100],), catalog, "bf16", "megatron")


def step_s(catalog: Catalog, reach: Rates, job: Job | None = None, **layout: float) -> float:
    shape = catalog.models["llama-3-8b"].shape
    assert shape is not None
    return float(times(work(shape, Sample(4096)), job or Job(), layouts(**layout), reach).step[0, 0])


def test_nothing_runs_beyond_the_peak(catalog: Catalog, reach: Rates) -> None:
    shape = catalog.models["llama-3-8b"].shape
    assert shape is not None
    found = work(shape, Sample(4096))
    assert step_s(catalog, reach, micro_batch=4) > 4 * found.model_flops() / 989.4e12


@given(pipeline=st.sampled_from([2, 4, 8]), count=st.integers(1, 64))
def test_the_bubble_is_that_of_1f1b(pipeline: int, count: int, catalog: Catalog, reach: Rates) -> None:
    """(p − 1) ÷ k of the step is idle: k micro-batches take (k + p − 1) ÷ k as long as without (Narayanan et al.)."""
    one, two = (step_s(catalog, reach, pipeline=pipeline, micro_batches=k) for k in (count, count + 1))
    turn = two - one
    fixed = one - (count + pipeline - 1) * turn
    assert turn > 0
    assert 0 <= fixed < 3 * turn


@given(virtual=st.integers(1, 8))
def test_interleaving_shortens_the_bubble(virtual: int, catalog: Catalog, reach: Rates) -> None:
    plain, thinner = (step_s(catalog, reach, pipeline=8, micro_batches=8, virtual=v) for v in (virtual, virtual + 1))
    assert thinner < plain * 1.02


@given(data=st.sampled_from([2, 8, 64, 512]), zero=st.sampled_from([1, 3]))
def test_more_copies_never_make_a_copy_faster(data: int, zero: int, catalog: Catalog, reach: Rates) -> None:
    few, many = (step_s(catalog, reach, data=count, zero=zero, micro_batch=2) for count in (data, 2 * data))
    assert many >= few * 0.97  # the update is shared out further


def test_recompute_costs_one_more_forward_pass(catalog: Catalog, reach: Rates) -> None:
    shape = catalog.models["llama-3-8b"].shape
    assert shape is not None
    found = work(shape, Sample(4096))
    plain, again = (micro(found, Job(), layouts(recompute=kind), reach).products[0, 0] for kind in (0, 2))
    assert again / plain == pytest.approx(1 + reach.forward / 3)
    assert 1.2 < again / plain <= 4 / 3  # backward products sum gradients, and take longer


def test_adapters_leave_out_the_gradients_of_weights(catalog: Catalog, reach: Rates) -> None:
    shape = catalog.models["llama-3-8b"].shape
    assert shape is not None
    found = work(shape, Sample(4096))
    full, adapters = (micro(found, Job(trained=share), layouts(), reach).products[0, 0] for share in (1.0, 0.0))
    assert adapters / full == pytest.approx((reach.forward + (3 - reach.forward) / 2) / 3)


def test_exchange_over_two_levels_by_hand(reach: Rates) -> None:
    """16 GB among 32 copies, 8 to a server: 7/8 of it over NVLink, then an eighth of it to 3/4 over the network."""
    found = data_exchange_s(np.array([[16e9]]), layouts(data=32), reach)
    by_hand = 16e9 * 7 / 8 / reach.inside[0] + 16e9 / 8 * 3 / 4 / reach.network[0]
    assert found[0, 0] == pytest.approx(by_hand)


@given(st.floats(1, 1e4), st.floats(60, 1e5), st.integers(1, 100_000), st.floats(1e6, 1e9), st.floats(0, 3600))
def test_goodput_is_a_share_and_falls_with_gpus(write: float, interval: float, gpus: int, mtbf: float, restart: float) -> None:
    moving = goodput(write, interval, gpus, mtbf, restart)
    assert 0 < moving < 1
    assert goodput(write, interval, 2 * gpus, mtbf, restart) <= moving


def test_young_s_interval_is_the_best(catalog: Catalog) -> None:
    """On 16,384 GPUs with failures as Llama 3 had them and a minute to write, a checkpoint every 20 minutes or so."""
    mtbf = catalog.calibration.constant("training.gpu_mtbf_hours") * 3600
    best = best_interval_s(60.0, mtbf, 16384)
    assert 15 * 60 < best < 25 * 60
    shares = [goodput(60.0, best * factor, 16384, mtbf, 600.0) for factor in (0.5, 1.0, 2.0)]
    assert shares[1] == max(shares)


def test_scores_written_out_by_hand(catalog: Catalog, reach: Rates) -> None:
    """Unfused attention: all pairs are computed, and the map of scores passes memory."""
    shape = catalog.models["llama-3-8b"].shape
    assert shape is not None
    found = work(shape, Sample(4096))
    assert found.grid == 32 * 32 * 4096**2  # layers, heads, pairs
    eager, fused = (micro(found, Job(flash=flash), layouts(), reach).attention[0, 0] for flash in (False, True))
    by_hand = found.pairs * 3 / reach.products[0] + 2 * reach.score_passes[0] * found.grid / reach.bandwidth[0]
    assert eager == pytest.approx(by_hand)
    assert eager > fused


def test_recurrent_states_take_their_own_time(catalog: Catalog, reach: Rates) -> None:
    """A hybrid's scan is counted apart from its attention, and both are in what the model needs."""
    shape = catalog.models["nemotron-3-nano-30b-a3b"].shape
    assert shape is not None
    found = work(shape, Sample(8192))
    assert 0 < found.scan < found.attention
    alone = micro(found, Job(), layouts(), reach).attention[0, 0]
    turns = 3.5  # forward, and two and a half times that backward
    assert alone == pytest.approx(turns * ((found.attention - found.scan) / reach.scores[0] + found.scan / reach.scan[0]))


def test_weights_packed_by_plain_operations_unpack_slower_than_by_a_kernel(catalog: Catalog, reach: Rates) -> None:
    kernel, packed = (
        step_s(catalog, reach, Job(trained=0.004, quantised=True, packed=packed), micro_batch=1) for packed in (False, True)
    )
    assert packed > kernel


@given(samples=st.integers(1, 16))
def test_the_host_calls_a_layer_as_often_whatever_is_trained(samples: int, catalog: Catalog, reach: Rates) -> None:
    shape = catalog.models["llama-3-8b"].shape
    assert shape is not None
    found = work(shape, Sample(4096))
    full, adapters = (micro(found, Job(trained=s), layouts(micro_batch=samples), reach).host[0, 0] for s in (1.0, 0.004))
    assert full == adapters == pytest.approx(reach.layer[0] * 32)


def test_convolutions_stay_below_products_and_below_what_is_issued(catalog: Catalog) -> None:
    """An A100 issues as much as its 64 lanes of FP32 twice over, an A6000 as its 128 do (compute 8.0 and 8.6)."""
    cards = (catalog.gpus["nvidia-a100-sxm4-80gb"], catalog.gpus["nvidia-rtx-a6000"])
    found = rates(cards, catalog, "fp16", "tuned")
    issued = np.array([2 * 19.5e12, 38.7e12]) * catalog.calibration.constant("training.convolutions")
    assert (found.convolutions < issued).all()
    alone = found.products / catalog.calibration.constant("training.kernels", "tuned")
    assert found.convolutions == pytest.approx(1 / (1 / alone + 1 / issued))
