"""How many tokens an engine's start-up log says its cache holds."""

from __future__ import annotations

import math

from gpuplanner.engine.architecture.operators import AttentionState, OperatorList

_ALMOST_EQUAL = 1.25  # layer counts this near one another share one group size


def printed_tokens(
    operators: OperatorList, tensor_parallel: int, stage: float, pool_bytes: float, kv_bytes: float, block: int
) -> int:
    """Tokens as vLLM prints them: every layer counts as if it kept the whole context, windowed ones too.

    Layers of each kind of attention are cut into groups of equal size, which share the pool; the last group of a kind may be
    partly empty, and still takes its full part.

    Args:
        operators: the model.
        tensor_parallel: degree, divides the kv heads.
        stage: share of the layers on the fullest pipeline stage.
        pool_bytes: the cache pool of one GPU.
        kv_bytes: bytes per cached element.
        block: tokens of a block; the answer is a multiple of it.
    """
    kinds = [state for state in operators.states if state.stores and state.layers and state.kv_elements and not state.context]
    if not kinds:
        return 0
    layers: dict[int | None, int] = {}
    for state in kinds:
        layers[state.window] = layers.get(state.window, 0) + state.layers
    least, most = min(layers.values()), max(layers.values())
    size = most if most < _ALMOST_EQUAL * least else least
    padded = sum(math.ceil(count / size) for count in layers.values()) * size
    widest = max(_bytes_per_layer(state, tensor_parallel, kv_bytes) for state in kinds)
    per_token = widest * (padded if len(layers) > 1 else sum(layers.values())) * stage
    return int(pool_bytes / per_token / block) * block


def step_bytes(
    operators: OperatorList, tensor_parallel: int, stage: float, batched: float, tokens: float, kv_bytes: float
) -> float:
    """What the longest request takes beyond its cache while it is read: layers with a window hold a step's tokens besides. [B]"""
    windows = [state for state in operators.states if state.window and state.stores and not state.context]
    return stage * sum(
        state.layers * _bytes_per_layer(state, tensor_parallel, kv_bytes) * min(batched, max(0.0, tokens - (state.window or 0)))
        for state in windows
    )


def _bytes_per_layer(state: AttentionState, tensor_parallel: int, kv_bytes: float) -> float:
    heads = 1.0 if state.latent else math.ceil(state.kv_heads / tensor_parallel) / state.kv_heads
    return state.kv_elements * heads * kv_bytes
