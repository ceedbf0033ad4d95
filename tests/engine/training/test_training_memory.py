"""Training memory against published formulas, published examples, and what must always hold."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Layer, Mlp
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.training.layers import layer_profile
from gpuplanner.engine.training.memory import training_memory
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.style import Activation, Norm, Style
from gpuplanner.engine.training.tape import PAIRS, TOKENS
from gpuplanner.scenario.document import Kernels, LossKind, Optimizer, Recompute, TrainingPrecision, TuningMethod

HIDDEN, HEADS = 1024, 16
SMALL = DecoderShape(
    hidden=HIDDEN,
    vocab=32_000,
    layers=(
        Layer(
            count=8,
            attention=Attention(heads=HEADS, kv_heads=4, head_dim=64),
            feed_forward=Mlp(intermediate=2816),
            norm_params=2 * HIDDEN,
        ),
    ),
    tied=False,
    final_params=HIDDEN,
)
MIXED = Setup(precision=TrainingPrecision.MIXED)


def shape_of(catalog: Catalog, model: str) -> Shape:
    found = catalog.models[model].shape
    assert found is not None
    return found


def test_a_textbook_layer_keeps_34_bytes_and_5_for_each_pair() -> None:
    """s·b·h·(34 + 5·a·s ÷ h), arXiv 2205.05198, equation 1: 16 bit, dropout, plain feed-forward of four times the width."""
    layer = Layer(
        count=1,
        attention=Attention(heads=HEADS, kv_heads=HEADS, head_dim=64),
        feed_forward=Mlp(intermediate=4 * HIDDEN, gated=False),
        norm_params=4 * HIDDEN,
    )
    style = Style(
        Norm.LAYER, Activation.GELU, rotary=False, dropout=True, attention_dropout=True, fused_qkv=True, native_softmax=True
    )
    eager = layer_profile(HIDDEN, layer, Setup(flash=False), style)
    assert eager.kept[TOKENS] / HIDDEN == pytest.approx(34, abs=0.1)
    assert eager.kept[PAIRS] == 5 * HEADS
    flash = layer_profile(HIDDEN, layer, Setup(), style)
    assert flash.kept[TOKENS] / HIDDEN == pytest.approx(34, abs=0.1)
    assert flash.kept[PAIRS] == 0


def test_mixed_adam_takes_16_bytes_a_parameter(catalog: Catalog) -> None:
    """ZeRO, arXiv 1910.02054, section 3.1: 2 + 2 + 12; 112 GB for 7 billion parameters."""
    memory = training_memory(shape_of(catalog, "llama-7b"), replace(MIXED, recompute=Recompute.FULL, micro_batches=2))
    params = 6_738_415_616
    assert memory.weights == 2 * params
    assert memory.gradients == 2 * params
    assert memory.optimizer == 12 * params
    assert memory.weights + memory.gradients + memory.optimizer == pytest.approx(108e9, rel=0.01)


def test_bert_base_in_full_precision_takes_16_bytes_a_parameter(catalog: Catalog) -> None:
    shape = shape_of(catalog, "bert-base-uncased")
    setup = Setup(precision=TrainingPrecision.FP32, tokens=512, micro_batch=32, vocabulary_loss=False, micro_batches=2)
    memory = training_memory(shape, setup)
    assert memory.weights + memory.gradients + memory.optimizer == pytest.approx(1.76e9, rel=0.01)
    half = training_memory(shape, replace(setup, precision=TrainingPrecision.BF16))
    assert half.activations == pytest.approx(32 * 512 * 768 * 12 * 34, rel=0.12)


def test_gpt3_states_shared_over_64_tensor_and_pipeline_gpus(catalog: Catalog) -> None:
    """96 layers of 12·h² at TP 8, PP 8 (arXiv 2005.14165); the first stage holds a share of the embedding, and the positions."""
    setup = replace(
        MIXED, tensor_parallel=8, pipeline_parallel=8, micro_batches=16, recompute=Recompute.FULL, sequence_parallel=True
    )
    memory = training_memory(shape_of(catalog, "gpt-3-175b"), setup)
    states = memory.weights + memory.gradients + memory.optimizer
    width = 12_288
    first = 96 * 12 * width**2 / 64 + 50_257 * width / 8 + 2048 * width
    assert states == pytest.approx(16 * first, rel=0.002)
    assert states == pytest.approx(16 * 175e9 / 64, rel=0.05)


def test_lora_trains_what_its_rank_says(catalog: Catalog) -> None:
    """Rank 8 on queries and values of Llama 2 7B: 4,194,304 parameters, Adam in FP32 on them alone."""
    setup = Setup(method=TuningMethod.LORA, adapter_rank=8, adapter_targets=("q", "v"))
    memory = training_memory(shape_of(catalog, "llama-2-7b"), setup)
    assert memory.optimizer == 8 * 4_194_304
    assert memory.weights == 2 * 6_738_415_616 + 4 * 4_194_304


def test_a_quantised_base_is_a_quarter_and_its_scales(catalog: Catalog) -> None:
    shape = shape_of(catalog, "llama-2-7b")
    lora = training_memory(shape, Setup(method=TuningMethod.LORA))
    qlora = training_memory(shape, Setup(method=TuningMethod.QLORA))
    layers = 6_738_415_616 - 2 * 32_000 * 4096 - 65 * 4096
    assert lora.weights - qlora.weights == pytest.approx(layers * (2 - 0.516), rel=1e-9)


@pytest.mark.parametrize(
    ("optimizer", "bytes_each"),
    [
        (Optimizer.ADAMW, 4.0),
        (Optimizer.SGD_MOMENTUM, 2.0),
        (Optimizer.LION, 2.0),
        (Optimizer.SGD, 0.0),
        (Optimizer.ADAMW_8BIT, 2.03125),
    ],
)
def test_optimizers_keep_what_is_said_of_them(optimizer: Optimizer, bytes_each: float) -> None:
    memory = training_memory(SMALL, Setup(optimizer=optimizer))
    assert memory.optimizer == pytest.approx(bytes_each * memory.weights / 2)


def test_a_fused_loss_never_holds_all_logits() -> None:
    whole = training_memory(SMALL, Setup(tokens=8192))
    fused = training_memory(SMALL, Setup(tokens=8192, loss=LossKind.FUSED))
    assert whole.logits > 12 * 8192 * 32_000
    assert fused.logits < whole.logits / 3


SETUPS = st.builds(
    Setup,
    precision=st.sampled_from(TrainingPrecision),
    method=st.sampled_from(TuningMethod),
    optimizer=st.sampled_from(Optimizer),
    tokens=st.integers(64, 8192),
    micro_batch=st.integers(1, 8),
    micro_batches=st.integers(1, 8),
    recompute=st.sampled_from(Recompute),
    flash=st.booleans(),
    kernels=st.sampled_from(Kernels),
    loss=st.sampled_from(LossKind),
    tensor_parallel=st.sampled_from([1, 2, 4]),
    pipeline_parallel=st.sampled_from([1, 2, 4]),
    data_parallel=st.sampled_from([1, 2, 8]),
    sequence_parallel=st.booleans(),
    zero=st.integers(0, 3),
)


@given(SETUPS)
@settings(max_examples=60, deadline=None)
def test_parts_are_the_peak_and_none_is_negative(setup: Setup) -> None:
    memory = training_memory(SMALL, setup)
    assert memory.total == pytest.approx(max(memory.moments.values()))
    assert memory.moments[memory.peak] == pytest.approx(memory.total)
    parts = (memory.weights, memory.gradients, memory.optimizer, memory.activations, memory.logits, memory.communication)
    assert all(part >= 0 and np.isfinite(part) for part in parts)


@given(SETUPS, st.integers(1, 4096))
@settings(max_examples=60, deadline=None)
def test_longer_sequences_never_take_less(setup: Setup, more: int) -> None:
    assert training_memory(SMALL, replace(setup, tokens=setup.tokens + more)).total >= training_memory(SMALL, setup).total * (
        1 - 1e-9
    )


@given(SETUPS)
@settings(max_examples=60, deadline=None)
def test_each_zero_stage_leaves_no_more_states_than_the_one_before(setup: Setup) -> None:
    states = []
    for stage in range(4):
        memory = training_memory(SMALL, replace(setup, zero=stage, pipeline_parallel=1))
        states.append(memory.weights + memory.optimizer)
    assert all(later <= earlier * (1 + 1e-9) for earlier, later in pairwise(states))


def test_zero_stages_of_a_real_model_take_less_and_less(catalog: Catalog) -> None:
    """Llama 2 7B on eight GPUs: 16, 4 + 12/8, 2 + 14/8 and 16/8 bytes a parameter, buffers on top."""
    shape = shape_of(catalog, "llama-2-7b")
    setup = replace(MIXED, data_parallel=8, recompute=Recompute.FULL, micro_batches=2)
    totals = [training_memory(shape, replace(setup, zero=stage)).total for stage in range(4)]
    assert totals == sorted(totals, reverse=True)
    assert totals[3] > 2 * 6.7e9


@given(SETUPS)
@settings(max_examples=40, deadline=None)
def test_recomputing_every_layer_keeps_no_more(setup: Setup) -> None:
    plain = replace(setup, method=TuningMethod.FULL, micro_batch=8, tokens=4096)
    full = training_memory(SMALL, replace(plain, recompute=Recompute.FULL))
    none = training_memory(SMALL, replace(plain, recompute=Recompute.NONE))
    assert full.total <= none.total * (1 + 1e-9)
