"""Blocks that keep a state of fixed size in place of keys and values."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import StateMixer
from gpuplanner.engine.architecture.operator import AttentionState, Cut, Operator, Part

CONVOLUTION_BYTES = 2  # its last inputs are kept in 16 bit


def mixer_operators(hidden: int, mixer: StateMixer, count: int) -> list[Operator]:
    """Projections in and out, what stands between them, and the short convolution."""
    ops = [
        Operator(
            "mixer.in", Part.MIXER, Cut.EVEN, count,
            hidden * mixer.into + (mixer.into if mixer.bias_in else 0), hidden, mixer.into,
        )
    ]  # fmt: skip
    for rows, columns in mixer.inner:
        ops.append(Operator("mixer.inner", Part.MIXER, Cut.EVEN, count, rows * columns, rows, columns))
    if mixer.conv_channels:
        weights = mixer.conv_channels * mixer.conv_kernel
        bias = mixer.conv_channels if mixer.conv_bias else 0
        ops.append(
            Operator("mixer.convolution", Part.NORM, Cut.EVEN, count, weights + bias, mixer.conv_kernel, mixer.conv_channels)
        )
    if mixer.small_params:
        ops.append(Operator("mixer.small", Part.NORM, Cut.EVEN, count, mixer.small_params))
    ops.append(
        Operator(
            "mixer.out", Part.MIXER, Cut.EVEN, count,
            mixer.out_of * hidden + (hidden if mixer.bias_out else 0), mixer.out_of, hidden,
        )
    )  # fmt: skip
    return ops


def mixer_state(mixer: StateMixer, count: int) -> AttentionState:
    """Bytes kept for a sequence, however long, and what a token does with them."""
    waiting = mixer.conv_channels * max(mixer.conv_kernel - 1, 0) * CONVOLUTION_BYTES
    return AttentionState(
        layers=count,
        kv_heads=mixer.heads,
        kv_elements=0,
        latent=False,
        heads=mixer.heads,
        score_flops=0,
        window=None,
        state_bytes=mixer.state_elements * mixer.state_bytes + waiting,
        token_flops=2 * mixer.state_products * mixer.state_elements,
    )
