"""Token counts as vLLM 0.19 and 0.11 printed them in public start-up logs (llm-d-planner), from the pool they printed."""

from __future__ import annotations

import pytest

from gpuplanner.engine.architecture.operators import AttentionState, OperatorList, operator_list
from gpuplanner.evidence.capacity import printed_tokens, step_bytes

GIB = 2**30


@pytest.mark.parametrize(
    ("model", "tp", "pool_gib", "printed"),
    [
        ("qwen2.5-7b", 1, 58.53, 1_096_000),
        ("qwen2.5-7b", 2, 63.84, 2_390_592),
        ("llama-3.3-70b", 2, 37.28, 244_304),
        ("deepseek-v2-lite", 1, 43.61, 1_505_552),  # latent attention: 576 elements a layer
        ("gemma-2-9b", 1, 54.12, 168_880),  # 21 windowed and 21 full layers
        ("gpt-oss-20b", 2, 59.32, 2_591_776),
    ],
)
def test_printed_tokens(catalog, model, tp, pool_gib, printed):
    shape = catalog.models[model].language
    assert shape is not None
    tokens = printed_tokens(operator_list(shape), tp, 1.0, pool_gib * GIB, 2.0, 16)
    assert tokens % 16 == 0
    assert tokens == pytest.approx(printed, rel=5e-4)  # the logs round the pool to 0.01 GiB


def test_layers_of_two_kinds_are_cut_into_groups_of_equal_size():
    # gemma-3-27b: 52 layers with a window of 1,024, 10 without: groups of ten, the sixth windowed one partly empty
    windowed = AttentionState(52, 16, 16 * 256, False, 32, 4 * 32 * 128, 1024)
    full = AttentionState(10, 16, 16 * 256, False, 32, 4 * 32 * 128, None)
    model = OperatorList((), (windowed, full), 5376, 262_144, 62, 32, 21_504)
    tokens = printed_tokens(model, 1, 1.0, 19.53 * GIB, 2.0, 16)
    assert tokens == pytest.approx(36_560, rel=5e-4)
    assert tokens == int(19.53 * GIB / (70 * 16 * 256 * 2) / 16) * 16


def test_a_model_without_a_cache_holds_nothing():
    assert printed_tokens(OperatorList((), (), 64, 100, 1, 1, 64), 1, 1.0, GIB, 2.0, 16) == 0


def test_layers_with_a_window_hold_a_step_besides(catalog):
    """Gemma 4 31B over four cards: 50 layers with a window, 16 heads of 256, 2,048 tokens a step."""
    shape = catalog.models["gemma-4-31b"].language
    assert shape is not None
    held = step_bytes(operator_list(shape), 4, 1.0, 2048, 262_144, 2.0)
    assert held == pytest.approx(50 * 4 * 2 * 256 * 2 * 2048)
    assert step_bytes(operator_list(shape), 4, 1.0, 2048, 1000, 2.0) == 0  # a request within the window
    plain = catalog.models["llama-3.3-70b"].language
    assert plain is not None
    assert step_bytes(operator_list(plain), 4, 1.0, 2048, 262_144, 2.0) == 0
