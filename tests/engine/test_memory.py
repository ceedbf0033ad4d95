"""Memory against figures from outside: published configs worked by hand, and engines' own start-up logs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.architecture.shares import kv_elements_per_gpu, score_flops, share
from gpuplanner.engine.point import Point, Setup, point

GIB = 2**30


def prepared(catalog: Catalog, model: str, weights: str = "bf16", **more: object) -> Point:
    """A vLLM 0.19 start as the logs show it: H100 80 GB, 8,192 tokens and 1,024 sequences a step."""
    engine = catalog.engines["vllm"]
    profile = next(item for item in engine.profiles if item.versions.startswith(">=0.17"))
    setup = Setup(
        model=catalog.models[model],
        weights=catalog.precisions[weights],
        kv=catalog.precisions["kv-fp16"],
        gpu=catalog.gpus["nvidia-h100-sxm5-80gb"],
        engine=engine,
        profile=profile,
        memory_utilization=0.95,
        max_batched_tokens=8192,
        max_seqs=1024,
        **more,  # type: ignore[arg-type]
    )
    return point(setup, catalog)


def test_weights_of_llama_8b_in_bf16(catalog: Catalog) -> None:
    # 8,030,261,248 parameters of two bytes
    assert float(prepared(catalog, "llama-3.1-8b").rows.weights[0]) == pytest.approx(8_030_261_248 * 2, rel=1e-4)


@pytest.mark.parametrize(
    ("model", "elements"),
    [("llama-3.3-70b", 2 * 80 * 8 * 128), ("deepseek-v3", 61 * (512 + 64)), ("llama-3.1-8b", 2 * 32 * 8 * 128)],
)
def test_cache_of_one_token_from_the_published_config(catalog: Catalog, model: str, elements: int) -> None:
    shape = catalog.models[model].shape
    assert shape is not None
    assert kv_elements_per_gpu(operator_list(shape), 1, 1000) == elements


def test_latent_cache_is_not_divided_and_heads_are_not_split_below_one(catalog: Catalog) -> None:
    latent = operator_list(catalog.models["deepseek-v3"].shape)  # type: ignore[arg-type]
    grouped = operator_list(catalog.models["llama-3.3-70b"].shape)  # type: ignore[arg-type]
    assert kv_elements_per_gpu(latent, 8, 1000) == kv_elements_per_gpu(latent, 1, 1000)
    assert kv_elements_per_gpu(grouped, 8, 1000) == kv_elements_per_gpu(grouped, 1, 1000) / 8
    assert kv_elements_per_gpu(grouped, 16, 1000) == kv_elements_per_gpu(grouped, 8, 1000)


# Public vLLM 0.19 start-up logs on an H100 (llm-d-planner, 2026-04-22), GiB: weights, activation peak, cache.
LOGS = [
    ("qwen2.5-7b", "bf16", 1, 14.25, 2.21, 58.53),
    ("qwen2.5-7b", "bf16", 2, 7.12, 2.21, 63.84),
    ("qwen2.5-7b", "bf16", 4, 3.55, 2.21, 67.34),
    ("phi-4", "bf16", 1, 27.39, 1.52, 46.08),
    ("qwen3-8b", "bf16", 1, 15.27, 2.21, 57.5),
    ("qwen2.5-72b", "bf16", 2, 67.8, 2.29, 3.04),
]


@pytest.mark.parametrize(("model", "weights", "degree", "weights_gib", "activation_gib", "pool_gib"), LOGS)
def test_parts_agree_with_start_up_logs(
    catalog: Catalog, model: str, weights: str, degree: int, weights_gib: float, activation_gib: float, pool_gib: float
) -> None:
    found = prepared(catalog, model, weights, tensor_parallel=degree)
    assert float(found.rows.weights[0]) / GIB == pytest.approx(weights_gib, rel=0.015)
    assert float(found.rows.activations[0]) / GIB == pytest.approx(activation_gib, rel=0.10)
    assert found.kv_pool_bytes / GIB == pytest.approx(pool_gib, abs=0.5)


@given(tokens=st.integers(1, 2_000_000), more=st.integers(0, 2_000_000), degree=st.sampled_from([1, 2, 4, 8, 16]))
def test_more_context_never_takes_less_cache(catalog: Catalog, tokens: int, more: int, degree: int) -> None:
    for model in ("gpt-oss-120b", "llama-3.3-70b", "deepseek-v3"):
        operators = operator_list(catalog.models[model].shape)  # type: ignore[arg-type]
        less = kv_elements_per_gpu(operators, degree, tokens) * tokens
        assert kv_elements_per_gpu(operators, degree, tokens + more) * (tokens + more) >= less * (1 - 1e-12)


@given(degree=st.sampled_from([1, 2, 4, 8, 16, 32]), bits=st.sampled_from([4.25, 8.0, 16.0]))
def test_shares_of_all_gpus_hold_the_whole_model(catalog: Catalog, degree: int, bits: float) -> None:
    operators = operator_list(catalog.models["deepseek-v3"].shape)  # type: ignore[arg-type]
    one = share(operators, bits / 8, frozenset({"router", "embedding", "head"}), degree)
    held = one.layer_quantised + one.layer_kept + one.edge_quantised + one.edge_kept
    assert held * degree >= operators.total_params * (1 - 1e-9)
    whole = share(operators, bits / 8, frozenset({"router", "embedding", "head"}), 1)
    parameters = whole.layer_quantised + whole.layer_kept + whole.edge_quantised + whole.edge_kept
    assert parameters == pytest.approx(operators.total_params, rel=1e-3)
    assert math.isclose(
        whole.dense_flops + whole.experts_flops, sum(op.flops_per_token for op in operators.operators if op.name != "head")
    )


def test_sparse_attention_keeps_all_tokens_but_reads_a_selection(catalog: Catalog) -> None:
    # DeepSeek-V3.2: 2,048 of all tokens are attended to, found by an indexer of 64 heads of 128
    sparse = operator_list(catalog.models["deepseek-v3.2"].shape)  # type: ignore[arg-type]
    long = 100_000
    kept = kv_elements_per_gpu(sparse, 1, long) * long
    assert kept == 61 * long * (512 + 64 + 128)
    assert kv_elements_per_gpu(sparse, 1, long, read=True) * long == pytest.approx(61 * ((512 + 64) * 2048 + 128 * long))
    dense = operator_list(catalog.models["deepseek-v3"].shape)  # type: ignore[arg-type]
    assert score_flops(sparse, 8, long, absorbed=True) < score_flops(dense, 8, long, absorbed=True) / 5
