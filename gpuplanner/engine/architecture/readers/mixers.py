"""Blocks that keep a state of fixed size, each from the fields of its kind of config."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Literal

from gpuplanner.catalog.schema.shape import StateMixer
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture

_RANK_DIVISOR: Final = 16  # "auto" rank of the time step: hidden size over this


def mixer_of(fields: Fields) -> StateMixer:
    """The block whose fields the config has.

    Raises:
        UnsupportedArchitecture: it has those of none that is known.
    """
    for names, read in _BY_FIELDS:
        if fields.has(*names.split()):
            return read(fields)
    raise UnsupportedArchitecture("hybrid_attention", kind=fields.word("model_type")[:40])


def _state_bytes(fields: Fields) -> Literal[2, 4]:
    """Engines keep the state in the model's 16 bit unless the config asks for 32."""
    told = (fields.raw("mamba_ssm_dtype"), fields.raw("mamba_ssm_cache_dtype"))
    return 4 if "float32" in told else 2


def mamba(fields: Fields, normed: bool = False) -> StateMixer:
    """Mamba 1 (arXiv 2312.00752); ``normed``: Jamba's norms of step, B and C."""
    hidden, state = fields.size("hidden_size"), fields.size("ssm_state", 16)
    given = fields.size("intermediate_size") if fields.has("state_size") and fields.has("intermediate_size") else None
    inner = given or fields.size("ssm_expand", 2) * hidden
    automatic = not fields.has("ssm_rank") or fields.raw("ssm_rank") == "auto"
    rank = math.ceil(hidden / _RANK_DIVISOR) if automatic else fields.size("ssm_rank")
    decays = inner * state + inner
    return StateMixer(
        form="mamba",
        heads=inner,
        into=2 * inner,
        out_of=inner,
        bias_in=fields.flag("ssm_bias"),
        bias_out=fields.flag("ssm_bias"),
        inner=((inner, rank + 2 * state), (rank, inner)),
        conv_channels=inner,
        conv_kernel=fields.size("ssm_conv", 4),
        conv_bias=fields.flag("ssm_conv_bias", default=True),
        small_params=decays + inner + (rank + 2 * state if normed else 0),
        state_elements=inner * state,
        state_bytes=_state_bytes(fields),
    )


def mamba2(fields: Fields) -> StateMixer:
    """Mamba 2 (arXiv 2405.21060): heads with one decay each."""
    hidden, state, groups = fields.size("hidden_size"), fields.size("ssm_state"), fields.size("ssm_groups", 1)
    heads = fields.size("ssm_heads")
    inner = fields.size("mamba_d_ssm", heads * fields.size("ssm_head_dim", fields.size("ssm_expand", 2) * hidden // heads or 1))
    channels = inner + 2 * groups * state
    bias = fields.flag("ssm_bias")
    return StateMixer(
        form="mamba2",
        heads=heads,
        into=inner + channels + heads,
        out_of=inner,
        bias_in=bias,
        bias_out=fields.flag("projectors_bias", default=bias),
        conv_channels=channels,
        conv_kernel=fields.size("ssm_conv", 4),
        conv_bias=fields.flag("ssm_conv_bias", default=True),
        small_params=3 * heads + (inner if fields.flag("mamba_rms_norm", default=True) else 0),
        state_elements=inner * state,
        state_bytes=_state_bytes(fields),
    )


def delta(fields: Fields) -> StateMixer:
    """Gated DeltaNet (arXiv 2412.06464) as in Qwen3-Next, Qwen3.5 and OLMo Hybrid."""
    fields.require("linear_num_key_heads", "linear_num_value_heads", "linear_key_head_dim", "linear_value_head_dim")
    key_dim, value_dim = fields.size("linear_key_head_dim"), fields.size("linear_value_head_dim")
    value_heads = fields.size("linear_num_value_heads")
    keys, values = fields.size("linear_num_key_heads") * key_dim, value_heads * value_dim
    return StateMixer(
        form="delta",
        heads=value_heads,
        into=2 * keys + 2 * values + 2 * value_heads,
        out_of=values,
        conv_channels=2 * keys + values,
        conv_kernel=fields.size("linear_conv_kernel_dim", 4),
        small_params=2 * value_heads + value_dim,
        state_elements=value_heads * key_dim * value_dim,
        state_bytes=_state_bytes(fields),
        state_products=4,
    )


def kimi_delta(fields: Fields, whole: bool = False) -> StateMixer:
    """Kimi Delta Attention (arXiv 2510.26692): a decay for every channel.

    Decay and gate go through narrow pairs of matrices; ``whole``: through one matrix each.
    """
    nested = fields.part("linear_attn_config")
    head_dim = fields.size("linear_head_dim", nested.size("head_dim", fields.size("head_dim", 128)))
    heads = fields.size("linear_num_heads", nested.size("num_heads", fields.size("num_attention_heads")))
    width = heads * head_dim
    narrow = not whole
    return StateMixer(
        form="delta",
        heads=heads,
        into=3 * width + heads + (2 * head_dim if narrow else 2 * width),
        out_of=width,
        inner=((head_dim, width),) * 2 if narrow else (),
        conv_channels=3 * width,
        conv_kernel=fields.size("linear_conv_kernel_dim", nested.size("short_conv_kernel_size", 4)),
        small_params=width + heads + head_dim,
        state_elements=heads * head_dim * head_dim,
        state_products=4,
    )


def lightning(fields: Fields) -> StateMixer:
    """Lightning attention (arXiv 2401.04658) as in MiniMax-01: fixed decays, a norm and a gate on its output."""
    heads = fields.size("num_attention_heads")
    head_dim = fields.size("head_dim", fields.size("hidden_size") // heads or 1)
    width = heads * head_dim
    return StateMixer(
        form="lightning",
        heads=heads,
        into=4 * width,
        out_of=width,
        small_params=width,
        state_elements=width * head_dim,
        state_bytes=_state_bytes(fields),
    )


def short_convolution(fields: Fields) -> StateMixer:
    """The gated short convolution of LFM2: all it keeps are its last inputs."""
    hidden, bias = fields.size("hidden_size"), fields.flag("conv_bias")
    return StateMixer(
        form="convolution",
        heads=fields.size("num_attention_heads"),
        into=3 * hidden,
        out_of=hidden,
        bias_in=bias,
        bias_out=bias,
        conv_channels=hidden,
        conv_kernel=fields.size("conv_L_cache", 3),
        conv_bias=bias,
    )


def gated_recurrence(fields: Fields) -> StateMixer:
    """The real-gated linear recurrence of Griffin (arXiv 2402.19427): gates block by block, one value a channel kept."""
    heads = fields.size("num_attention_heads")
    width = fields.size("lru_width", fields.size("hidden_size"))
    block = width // heads or 1
    return StateMixer(
        form="recurrence",
        heads=heads,
        into=2 * width,
        out_of=width,
        bias_in=True,
        bias_out=True,
        inner=((width, block), (width, block)),
        conv_channels=width,
        conv_kernel=fields.size("conv1d_width", 4),
        conv_bias=True,
        small_params=3 * width,
        state_elements=width,
        state_bytes=_state_bytes(fields),
    )


_BY_FIELDS: Final[tuple[tuple[str, Callable[[Fields], StateMixer]], ...]] = (
    ("linear_num_key_heads", delta),
    ("linear_attn_config linear_num_heads linear_head_dim", kimi_delta),
    ("conv_L_cache", short_convolution),
    ("lru_width", gated_recurrence),
    ("mamba_num_heads mamba_n_heads n_mamba_heads mamba_headdim mamba_d_head n_groups", mamba2),
    ("ssm_state", mamba),
)
