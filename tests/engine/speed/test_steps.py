"""What a step is made of: layers, both sides of a cut, sums over GPUs, tiles, watts and multiprocessors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.fleet import fed, sustained
from gpuplanner.engine.layout.rows import expert_layers, reductions
from gpuplanner.engine.point import Point, Setup, point
from gpuplanner.engine.request import Lengths, Request, beyond_graphs, request_for
from gpuplanner.engine.speed.formulas import communication_time_s, dense_time_s, experts_time_s

H100 = "nvidia-h100-sxm5-80gb"


def asked(catalog: Catalog, model: str, engine: str = "vllm") -> Request:
    known = catalog.engines[engine]
    assert known.profile is not None
    return request_for(
        catalog.models[model],
        catalog.precisions["fp8-e4m3"],
        catalog.precisions["kv-fp16"],
        known,
        known.profile,
        Lengths(1024, 256),
    )


def layout(
    catalog: Catalog, model: str, tensor_parallel: int, engine: str = "vllm", gpu: str = H100, weights: str = "fp8-e4m3"
) -> Point:
    return point(
        Setup(
            catalog.models[model], catalog.precisions[weights], catalog.precisions["kv-fp16"], catalog.gpus[gpu],
            catalog.engines[engine], tensor_parallel=tensor_parallel, input_tokens=1024, output_tokens=256,
        ),
        catalog,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "mixtures", "sums"),
    [
        ("deepseek-r1", 58, 122),  # config.json: 61 layers, the first three dense
        ("qwen3-235b-a22b", 94, 188),
        ("llama-3.1-70b", 0, 160),
        ("nemotron-3-nano-30b-a3b", 23, 52),  # 23 Mamba, 23 expert and 6 attention blocks, each with one sum
    ],
)
def test_layers_are_counted_one_by_one(catalog: Catalog, model: str, mixtures: int, sums: int) -> None:
    request = asked(catalog, model)
    assert (expert_layers(request), reductions(request)) == (mixtures, sums)


def test_the_side_as_wide_as_the_model_is_not_cut(catalog: Catalog) -> None:
    request = asked(catalog, "llama-3.1-70b")
    one, eight = request.share(1), request.share(8)
    # Llama 70B, elements of a layer: 8192 into q, k/v, gate and up, 8192 out of the other two; 8192, 2048, 57344 and 28672 inside
    passes = 6 * 8192
    whole = (3 * 8192 + 8192 + 8192) + passes
    inside = 8192 + 2048 + 8192 + 57344 + 28672
    assert one.dense_moved / 80 == pytest.approx(whole + inside, rel=0.01)
    assert eight.dense_moved / 80 == pytest.approx(whole + inside / 8, rel=0.01)


def test_experts_kept_whole_bring_only_their_own_tokens(catalog: Catalog) -> None:
    request = asked(catalog, "deepseek-r1")
    assert request.share(1, 8).experts_moved == pytest.approx(request.share(1).experts_moved / 8)
    assert request.share(8).experts_moved > 2 * request.share(1, 8).experts_moved  # cut, each GPU sees every token


def test_small_sums_go_at_once_and_large_ones_around() -> None:
    small = communication_time_s(1, 8e-6, 40e-6, 8, 4, 8192, 450e9, 0.8)
    large = communication_time_s(1, 8e-6, 40e-6, 8, 4096, 8192, 450e9, 0.8)
    assert small == pytest.approx(8e-6 + 7 * 4 * 8192 * 2 / 360e9)
    assert large == pytest.approx(40e-6 + 2 * 7 / 8 * 4096 * 8192 * 2 / 360e9)


@given(st.floats(1, 1e5), st.floats(1, 1e5))
def test_more_tokens_never_take_less_time_to_sum(first: float, second: float) -> None:
    few, many = sorted((first, second))
    taken = [communication_time_s(2, 8e-6, 40e-6, 8, tokens, 8192, 450e9, 0.8) for tokens in (few, many)]
    assert taken[0] <= taken[1]


def test_a_single_token_costs_a_tile() -> None:
    def compute(tokens: float) -> float:
        return float(dense_time_s(2e9, tokens, 64, 1e15, 0.5, 0.0, 1.0, 1.0))

    assert compute(1) == compute(16) == pytest.approx(2e9 * 64 / 5e14)
    assert compute(1000) == pytest.approx(2e9 * 1032 / 5e14)


def test_every_expert_touched_costs_a_tile() -> None:
    def compute(tokens: float, touched: float) -> float:
        return float(experts_time_s(1e9, tokens, 64, touched, 128, 4, 1e15, 0.5, 0.0, 1.0, 1.0, 1.0))

    assert compute(8, 32) == pytest.approx(1e9 * 64 * 32 / 4 / 5e14)  # 32 products of one tile, each a quarter of a token's FLOPs
    assert compute(100_000, 128) == pytest.approx(1e9 * (100_000 + 64 * 128 / 4 / 2) / 5e14)


@pytest.mark.parametrize("engine", ["vllm", "sglang", "tensorrt-llm"])
@pytest.mark.parametrize("model", ["llama-3.1-8b", "qwen3-30b-a3b"])
def test_pace_never_quickens_with_company(catalog: Catalog, engine: str, model: str) -> None:
    serving = layout(catalog, model, 1, engine).serving(np.array([1, 2, 3, 4, 8, 16, 32, 64, 128]))
    pace = np.ravel(serving.tpot_mean)
    assert np.all(np.diff(pace) >= -1e-9)


def test_a_rack_of_one_switch_answers_alone_in_a_few_milliseconds(catalog: Catalog) -> None:
    """NVIDIA and others publish 100 to 250 tokens a second for one user of a 70B in FP8 on eight H100 or H200 without drafts."""
    for engine in ("vllm", "tensorrt-llm"):
        alone = float(np.ravel(layout(catalog, "llama-3.1-70b", 8, engine).serving(1).tpot_mean)[0])
        assert 0.004 <= alone <= 0.0105


def test_watts_hold_a_rate_back(catalog: Catalog) -> None:
    share = {
        name: sustained(catalog.calibration, catalog.gpus[f"nvidia-{name}"]) for name in ("h100-sxm5-80gb", "h100-pcie-80gb")
    }
    assert share["h100-sxm5-80gb"] == pytest.approx(1, abs=0.01)
    assert 0.6 <= share["h100-pcie-80gb"] < 0.95
    unknown = catalog.gpus["nvidia-h100-sxm5-80gb"].model_copy(update={"tdp_w": None})
    assert sustained(catalog.calibration, unknown) == 1


def test_multiprocessors_limit_kernels_of_one_vector_beside_fast_memory(catalog: Catalog) -> None:
    """llama.cpp reads 0.9 TB/s on an A100 with 2 TB/s, and as much on an RTX 4090 with 1 TB/s."""
    for name, rate in (("a100-sxm4-80gb", 880e9), ("rtx-4090", 880e9)):
        alone = layout(catalog, "llama-3-8b", 1, "llama-cpp", f"nvidia-{name}", "fp16")
        share = float(np.ravel(alone.model.inputs["weight_share"])[0])
        assert share * catalog.gpus[f"nvidia-{name}"].bandwidth_gb_s * 1e9 == pytest.approx(rate, rel=0.2)
    assert fed(catalog.calibration, catalog.gpus[H100], "vllm") == 1


def test_early_engines_capture_no_long_sequences(catalog: Catalog) -> None:
    early = next(profile for profile in catalog.engines["vllm"].profiles if profile.runtime == "vllm-early")
    assert not beyond_graphs(early, 8192)
    assert beyond_graphs(early, 8193)
    assert not beyond_graphs(catalog.engines["vllm"].profiles[0], 1e6)
