"""The event simulation: its own bookkeeping, and the closed form beside it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.point import Point, Setup, point
from gpuplanner.engine.request import Lengths, request_for
from gpuplanner.engine.simulate.replica import Rules
from gpuplanner.engine.simulate.run import Cancelled, Load, poisson, simulate
from gpuplanner.engine.simulate.table import StepTable, step_table

Case = tuple[str, str, str, int]
Errors = tuple[float, float, float]

CASES = [
    ("llama-3.3-70b", "fp8-e4m3", "nvidia-h200-sxm-141gb", 2),
    ("llama-3.1-8b", "bf16", "nvidia-h100-sxm5-80gb", 1),
    ("qwen3-235b-a22b", "fp8-block128", "nvidia-h100-sxm5-80gb", 8),
]


def prepared(catalog: Catalog, case: Case, input_tokens: int, output_tokens: int) -> Point:
    model, weights, gpu, degree = case
    engine = catalog.engines["vllm"]
    setup = Setup(
        catalog.models[model], catalog.precisions[weights], catalog.precisions["kv-fp8"], catalog.gpus[gpu], engine,
        tensor_parallel=degree,
    )  # fmt: skip
    assert engine.profile is not None
    lengths = Lengths(input_tokens, output_tokens, percentile=0.95)
    return point(setup, catalog, request_for(setup.model, setup.weights, setup.kv, engine, engine.profile, lengths))


def constant(seconds: float, most: int = 8) -> StepTable:
    return StepTable((0.0, 100_000.0), tuple((seconds, seconds) for _ in range(most + 1)))


def test_one_request_alone_takes_its_prompt_step_and_its_tokens() -> None:
    served = simulate(constant(0.01), Rules(8, 1e9, 1000), Load([5.0], [2500], [11]))
    # three prompt steps of a thousand tokens at most, then ten more tokens
    assert served.ttft_s[0] == pytest.approx(0.03)
    assert served.e2e_s[0] == pytest.approx(0.13)
    assert served.tpot_s[0] == pytest.approx(0.01)


def test_a_second_request_waits_when_the_cache_is_full() -> None:
    served = simulate(constant(0.01), Rules(8, 150, 1000), Load([0.0, 0.0], [100, 100], [10, 10]))
    assert served.ttft_s[1] == pytest.approx(served.e2e_s[0] + 0.01)


def test_a_request_larger_than_the_cache_still_runs_alone() -> None:
    served = simulate(constant(0.01), Rules(8, 50, 1000), Load([0.0], [100], [10]))
    assert served.e2e_s[0] == pytest.approx(0.1)


@given(
    count=st.integers(1, 60),
    seed=st.integers(0, 10),
    slots=st.integers(1, 8),
    closed=st.integers(0, 8),
    cache=st.integers(300, 5000),
)
def test_every_request_is_served_once_and_in_time(count: int, seed: int, slots: int, closed: int, cache: int) -> None:
    draw = np.random.default_rng(seed)
    inputs, outputs = draw.integers(1, 400, count).tolist(), draw.integers(1, 60, count).tolist()
    served = simulate(constant(0.01), Rules(slots, cache, 256), Load(poisson(20.0, count, seed), inputs, outputs, closed))
    assert len(served.ttft_s) == count
    assert (served.ttft_s > 0).all()
    assert (served.e2e_s >= served.ttft_s - 1e-9).all()
    # a step makes one token of a request at most
    assert (served.e2e_s - served.ttft_s >= (np.array(outputs) - 1) * 0.01 - 1e-6).all()
    assert served.output_tokens.sum() == sum(outputs)


def test_the_same_seed_gives_the_same_run() -> None:
    load = Load(poisson(3.0, 200, 7), [300] * 200, [50] * 200)
    first, second = (simulate(constant(0.02), Rules(8, 1e6, 512), load) for _ in range(2))
    assert np.array_equal(first.ttft_s, second.ttft_s)


def test_it_can_be_stopped() -> None:
    told: list[float] = []

    def stop_halfway(share: float) -> bool:
        told.append(share)
        return share < 0.5

    with pytest.raises(Cancelled):
        simulate(constant(0.01), Rules(2, 1e6, 512), Load([0.0] * 50, [10] * 50, [10] * 50), stop_halfway)
    assert 0.5 <= told[-1] < 1.0


def errors(
    catalog: Catalog, case: tuple[str, str, str, int], lengths: tuple[int, int], batch: int, *, by_rate: bool
) -> Errors | None:
    """Closed form over simulation, less one: mean TPOT, its 95th percentile, mean TTFT; None at or near saturation."""
    input_tokens, output_tokens = lengths
    found = prepared(catalog, case, input_tokens, output_tokens)
    slots = int(min(512, found.requests_fit))
    alone = replace(found, request=replace(found.request, rate=1e-9))  # no more than one replica is needed
    if batch > slots or float(alone.serving(batch).busy[0, 0]) > 0.45:
        return None
    if by_rate:
        found = alone
    closed_form = found.serving(batch)
    count = max(1500, batch * 15)
    rules = Rules(slots, found.requests_fit * (input_tokens + output_tokens), int(found.batched_tokens))
    outputs = np.random.default_rng(5).uniform(0.6, 1.4, count) * output_tokens  # alike, they would end in waves
    load = Load(
        () if not by_rate else poisson(float(closed_form.request_rate[0, 0]), count, 1),
        [input_tokens] * count,
        outputs.astype(int).tolist(),
        0 if by_rate else batch,
    )  # fmt: skip
    served = simulate(step_table(found, slots), rules, load)
    steady = slice(count // 4, -count // 10)
    outside = float(found.model.inputs["request_overhead"][0, 0])  # spent beside the GPU, which alone is simulated
    return (
        float(closed_form.tpot_mean[0, 0]) / float(served.tpot_s[steady].mean()) - 1,
        float(closed_form.tpot[0, 0]) / float(np.percentile(served.tpot_s[steady], 95)) - 1,
        (float(closed_form.ttft_mean[0, 0]) - outside) / float(served.ttft_s[steady].mean()) - 1,
    )


def test_closed_form_agrees_with_the_simulation_below_saturation(catalog: Catalog) -> None:
    # the whole grid, so that every run judges the same loads
    grid = itertools.product(CASES, itertools.product((256, 1000, 2048, 4096), (128, 400, 1000)), (8, 24, 64, 128), (False, True))
    found = [errors(catalog, case, lengths, batch, by_rate=by_rate) for case, lengths, batch, by_rate in grid]
    below = np.abs([item for item in found if item is not None])
    assert len(below) > 150
    for column, (most_within, all_within) in enumerate([(0.05, 0.16), (0.12, 0.30), (0.15, 0.31)]):
        assert np.quantile(below[:, column], 0.95) < most_within
        assert below[:, column].max() < all_within
