"""Layouts that keep attention on each GPU and share out the experts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.engine.point import Point, Setup, point
from gpuplanner.engine.result import MemoryPart
from gpuplanner.engine.speed.formulas import rank_tokens, read_share
from gpuplanner.scenario.document import Scenario, replace


@pytest.fixture(scope="module")
def facts() -> Catalog:
    return load_catalog(user_dir=Path("/nonexistent"))


def layout(facts: Catalog, copies: int) -> Point:
    setup = Setup(
        facts.models["deepseek-r1"], facts.precisions["fp8-block128"], facts.precisions["kv-fp8"],
        facts.gpus["nvidia-h200-sxm-141gb"], facts.engines["sglang"], tensor_parallel=8, attention_copies=copies,
        input_tokens=1024, output_tokens=1024,
    )  # fmt: skip
    return point(setup, facts)


def test_whole_attention_costs_weights_and_saves_cache(facts: Catalog) -> None:
    cut, whole = layout(facts, 1), layout(facts, 8)
    # attention, shared experts, dense layers and both ends: 7/8 of some 17 of 671 billion parameters more on each GPU
    assert float(whole.rows.weights[0] - cut.rows.weights[0]) == pytest.approx(15e9, rel=0.35)
    # the latent cache of eight ranks no longer holds the same tokens eight times
    assert float(whole.rows.kv_per_request[0]) == pytest.approx(float(cut.rows.kv_per_request[0]) / 8, rel=0.01)
    assert whole.requests_fit > 3 * cut.requests_fit


def test_it_pays_at_many_requests_not_at_one(facts: Catalog) -> None:
    cut, whole = layout(facts, 1), layout(facts, 8)
    assert float(np.ravel(whole.serving(1).tpot_mean)[0]) > float(np.ravel(cut.serving(1).tpot_mean)[0])
    assert float(np.ravel(whole.serving(1024).throughput)[0]) > float(np.ravel(cut.serving(1024).throughput)[0])


def test_a_prompt_is_read_by_one_rank() -> None:
    assert rank_tokens(80, 1000, 1000, 8192, 8) == pytest.approx(10 + 1000)
    assert rank_tokens(80, 16000, 1000, 8192, 8) == pytest.approx(10 + 2000)
    assert rank_tokens(80, 1000, 1000, 8192, 1) == pytest.approx(80 + 1000)


def test_one_token_at_a_time_reads_slower_where_an_engine_does() -> None:
    assert read_share(0.8, 0.6, 1) == pytest.approx(0.48)
    assert read_share(0.8, 0.6, 8) == pytest.approx(0.8 * 0.95)
    assert read_share(0.8, 1.0, 1) == pytest.approx(0.8)


@pytest.mark.parametrize(
    "key", ["weights", "kv_cache", "activations", "pool", "decode_step", "mixed_step", "decode.communication"]
)
def test_its_figures_open(facts: Catalog, key: str) -> None:
    scenario = replace(Scenario(), "model.id", "deepseek-r1")
    scenario = replace(scenario, "precision.weights", "fp8-block128")
    scenario = replace(scenario, "serving.data_parallel_attention", True)
    scenario = replace(scenario, "workload.load", 512.0)
    plan = estimate(scenario, facts).plan("nvidia-h200-sxm-141gb")
    assert plan is not None
    assert plan.attention_copies == plan.tensor_parallel > 1
    opened = explain(scenario, facts, plan, key)
    assert plan.memory is not None
    part = {"weights": MemoryPart.WEIGHTS, "kv_cache": MemoryPart.KV_CACHE, "activations": MemoryPart.ACTIVATIONS}.get(key)
    if part is not None:
        assert opened.result.value == pytest.approx(plan.memory.parts[part])
