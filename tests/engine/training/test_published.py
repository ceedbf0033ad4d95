"""Training memory against the figures of the papers that its formulas come from."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Layer, Mlp
from gpuplanner.catalog.schema.shape_towers import DiffusionShape
from gpuplanner.engine.training.latents import latent_setup
from gpuplanner.engine.training.layouts import Layout, counts, in_flight
from gpuplanner.engine.training.memory import training_memory
from gpuplanner.engine.training.network import network, profile_key
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.timeline import kept_vector
from gpuplanner.scenario.document import Kernels, Optimizer, Recompute, TrainingPrecision, TuningMethod

TOKENS = 2048
# Korthikanti et al., arXiv 2205.05198, table 3: hidden, layers, heads, pipeline, micro-batch, interleaved stages
MODELS = {
    "22B": (6144, 48, 64, 1, 4, 1),
    "175B": (12288, 96, 96, 8, 1, 3),
    "530B": (20480, 105, 128, 35, 1, 3),
    "1T": (25600, 128, 160, 64, 1, 1),
}
TENSOR = 8


def gpt(hidden: int, layers: int, heads: int) -> DecoderShape:
    """A model of GPT-3's kind."""
    attention = Attention(heads=heads, kv_heads=heads, head_dim=hidden // heads, bias_q=True, bias_kv=True, bias_o=True)
    feed = Mlp(intermediate=4 * hidden, gated=False, bias_in=True, bias_out=True)
    return DecoderShape(
        hidden=hidden,
        vocab=51_200,
        tied=True,
        final_params=2 * hidden,
        position_params=TOKENS * hidden,
        layers=(Layer(count=layers, attention=attention, feed_forward=feed, norm_params=4 * hidden),),
    )


def table_2(hidden: int, heads: int, tokens: float, *, sequence: bool, recompute: Recompute) -> float:
    """Bytes of activations a layer, arXiv 2205.05198, table 2; ``tokens`` of the micro-batch."""
    whole, pairs = tokens * hidden, 5 * heads * TOKENS / hidden
    if recompute is Recompute.FULL:
        return whole * 2 / (TENSOR if sequence else 1)
    pairs = 0.0 if recompute is Recompute.SELECTIVE else pairs
    if sequence:
        return whole * (34 + pairs) / TENSOR
    return whole * (10 + (24 + pairs) / TENSOR)


@pytest.mark.parametrize("recompute", list(Recompute))
@pytest.mark.parametrize("sequence", [False, True])
@pytest.mark.parametrize("name", list(MODELS))
def test_a_layer_keeps_what_its_paper_says(name: str, sequence: bool, recompute: Recompute) -> None:
    hidden, layers, heads, _, micro, _ = MODELS[name]
    setup = Setup(
        precision=TrainingPrecision.MIXED,
        tokens=TOKENS,
        micro_batch=micro,
        recompute=recompute,
        flash=False,
        kernels=Kernels.FUSED,
        tensor_parallel=TENSOR,
        sequence_parallel=sequence,
    )
    net = network(gpt(hidden, layers, heads), profile_key(setup))
    one = np.ones(1)
    often = counts(net, setup, Layout.of(setup, one * micro, one, one, one, 0 * one))[0]
    kept = float(kept_vector(net.blocks[0].profile, setup) @ often)
    assert kept == pytest.approx(table_2(hidden, heads, TOKENS * micro, sequence=sequence, recompute=recompute), rel=2e-3)


@pytest.mark.parametrize("name", list(MODELS))
def test_an_interleaved_pipeline_holds_a_little_more_than_the_whole_model(name: str) -> None:
    """The first stage holds L · (1 + (p − 1) ÷ (p · m)) layers of one micro-batch (arXiv 2205.05198, section 4.2.3)."""
    _, layers, _, pipeline, _, virtual = MODELS[name]
    one = np.ones(1)
    flight = in_flight(Layout.of(Setup(virtual_stages=virtual), one, one * pipeline, one, one * 512, 0 * one), first=True)
    wanted = layers * (1 + (pipeline - 1) / (pipeline * virtual)) if virtual > 1 else float(layers)
    assert float(flight[0]) * layers / pipeline == pytest.approx(wanted)


@pytest.mark.parametrize(("zero", "gb"), [(0, 120.0), (1, 31.4), (2, 16.6), (3, 1.88)])
def test_zero_shares_out_what_its_figure_1_says(zero: int, gb: float) -> None:
    """7.5B parameters on 64 GPUs: 120, 31.4, 16.6 and 1.9 GB of states (ZeRO, arXiv 1910.02054, figure 1)."""
    shape = gpt(4096, 36, 32)
    memory = training_memory(shape, Setup(precision=TrainingPrecision.MIXED, data_parallel=64, zero=zero))
    alone = training_memory(shape, Setup(precision=TrainingPrecision.MIXED))
    params = alone.weights / 2
    assert params == pytest.approx(7.5e9, rel=0.02)
    assert memory.course["optimizer"][0] * 7.5e9 / params == pytest.approx(gb * 1e9, rel=0.01)


def test_qlora_brings_65b_below_48_gb(catalog: Catalog) -> None:
    """More than 780 GB to less than 48 GB (QLoRA, arXiv 2305.14314): 16-bit training of everything, against NF4 and adapters."""
    shape = catalog.models["llama-65b"].shape if "llama-65b" in catalog.models else gpt(8192, 80, 64)
    assert shape is not None
    full = training_memory(shape, Setup(precision=TrainingPrecision.BF16, tokens=512, recompute=Recompute.FULL))
    tuned = Setup(
        precision=TrainingPrecision.BF16,
        method=TuningMethod.QLORA,
        optimizer=Optimizer.ADAMW_8BIT,
        tokens=512,
        adapter_rank=64,
        adapter_bytes=2.0,
        recompute=Recompute.FULL,
    )
    assert full.total > 500e9
    assert 33e9 < training_memory(shape, tuned).total < 48e9


def test_gradients_on_the_host_leave_two_bytes_a_parameter() -> None:
    """Only 16-bit weights stay on the GPU (ZeRO-Offload, arXiv 2101.06840): 10B fit one V100 of 32 GB."""
    shape = gpt(4096, 50, 32)
    setup = Setup(
        precision=TrainingPrecision.MIXED,
        tokens=1024,
        recompute=Recompute.FULL,
        offload_optimizer=True,
        offload_gradients=True,
        zero=2,
    )
    memory = training_memory(shape, setup)
    assert memory.weights / 2 == pytest.approx(10.3e9, rel=0.03)
    assert memory.total < 32e9


def test_a_denoiser_is_traced_within_a_percent(catalog: Catalog) -> None:
    """SD 1.5 and PixArt-Sigma in 16 bit, traced from their classes: 7.91 GB (batch 8, recomputed) and 9.87 GB (1024 pixels)."""
    for name, batch, recompute, side, wanted in (
        ("stable-diffusion-1.5", 8, Recompute.FULL, 512, 7_907_628_032),
        ("pixart-sigma", 1, Recompute.NONE, 1024, 9_870_084_096),
    ):
        model = catalog.models[name]
        assert isinstance(model.shape, DiffusionShape)
        setup = Setup(micro_batch=batch, recompute=recompute, components_beside=False)
        found = training_memory(model.shape, latent_setup(setup, model, side, side, 1))
        assert found.total == pytest.approx(wanted, rel=0.01)


@lru_cache
def everything() -> Catalog:
    """The catalogue, outside the examples that are told when one fails."""
    return load_catalog()


TRAINED = st.sampled_from(["stable-diffusion-1.5", "flux.1-dev", "mamba2-2.7b", "qwen3-next-80b-a3b", "swin-t", "bart-large"])


@given(model=TRAINED, micro=st.integers(1, 16), recompute=st.sampled_from(list(Recompute)), zero=st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_more_at_once_never_takes_less_and_sharing_never_more(model: str, micro: int, recompute: Recompute, zero: int) -> None:
    record = everything().models[model]
    assert record.shape is not None
    setup = latent_setup(Setup(micro_batch=micro, recompute=recompute, zero=zero, data_parallel=8, tokens=512), record)
    memory = training_memory(record.shape, setup)
    assert memory.total == pytest.approx(max(memory.moments.values()))
    assert training_memory(record.shape, replace(setup, micro_batch=micro + 1)).total >= memory.total
    kept = training_memory(record.shape, replace(setup, recompute=Recompute.NONE)).total
    again = training_memory(record.shape, replace(setup, recompute=Recompute.FULL)).total
    assert again <= kept * (1 + 1e-4)  # a layer at work makes its output once more
    states = memory.weights + memory.optimizer
    lower = training_memory(record.shape, replace(setup, zero=max(0, zero - 1)))
    assert states <= lower.weights + lower.optimizer
