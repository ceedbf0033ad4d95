"""The formulas of a pass's time and weights. Times in seconds; every function takes numbers or arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any  # a number, or an array of them


@formula(
    "passes.operator",
    result="t_o",
    text="max(B · F · p_w ÷ (π · η) + K · τ, (W + B · A) ÷ (β · s)) + x · B · A ÷ (β · s) + o",
    unit=Unit.SECONDS,
    reference=(
        "Roofline model: Williams, Waterman, Patterson, CACM 52 (2009); a product's tiles are filled along its sum, whatever its "
        "size, and every kernel is launched: efficiencies, fill and launch fitted on published measurements"
    ),
    symbols={
        "samples": Symbol("B", "term.samples_at_once"),
        "flops": Symbol("F", "term.flops_per_sample", Unit.FLOPS),
        "padding": Symbol("p_w", "term.group_padding"),
        "peak": Symbol("π", "term.peak_flops", Unit.FLOPS_PER_SECOND),
        "efficiency": Symbol("η", "term.compute_efficiency", Unit.SHARE),
        "weights": Symbol("W", "term.weights_read", Unit.BYTES),
        "moved": Symbol("A", "term.activations_moved", Unit.BYTES),
        "bandwidth": Symbol("β", "term.bandwidth", Unit.BYTES_PER_SECOND),
        "bandwidth_share": Symbol("s", "term.bandwidth_share", Unit.SHARE),
        "depth": Symbol("K", "term.sum_length"),
        "fill": Symbol("τ", "term.fill_time", Unit.SECONDS),
        "extra": Symbol("x", "term.extra_passes"),
        "launch": Symbol("o", "term.launch_time", Unit.SECONDS),
    },
)
def operator_time_s(
    samples: Values, flops: Values, padding: Values, peak: Values, efficiency: Values, weights: Values, moved: Values,
    bandwidth: Values, bandwidth_share: Values, depth: Values, fill: Values, extra: Values, launch: Values,
) -> Values:  # fmt: skip
    """One operator on a batch. [s]

    The larger of computing and of moving its data; what runs apart from it over its results (norms, activations, additions);
    and what it costs at any size.
    """
    computing = samples * flops * padding / (peak * efficiency)
    moving = (weights + samples * moved) / (bandwidth * bandwidth_share)
    apart = extra * samples * moved / (bandwidth * bandwidth_share)
    return np.maximum(computing + depth * fill, moving) + apart + launch


@formula(
    "passes.padding",
    result="p_w",
    text="1 + w_0 ÷ w",
    unit=Unit.COUNT,
    reference=(
        "A product's tile has a least width; a convolution, or a group of one, that writes few channels leaves part of it empty. "
        "Width fitted on published measurements"
    ),
    symbols={"tile": Symbol("w_0", "term.tile_width"), "width": Symbol("w", "term.group_width")},
)
def padding(tile: Values, width: Values) -> Values:
    """How many times the work of a convolution a tensor core does, for channels it leaves empty."""
    return 1 + tile / width


@formula(
    "passes.attention_share",
    result="η_a",
    text="(a + max(0, a_l − a) · max(0, 1 − L_0 ÷ L)) · k",
    unit=Unit.SHARE,
    reference=(
        "Fused attention over long sequences reaches 50 to 73 % of a GPU's peak (FlashAttention-2, arXiv 2307.08691); "
        "the share at ordinary lengths is fitted on published measurements"
    ),
    symbols={
        "short": Symbol("a", "term.short_attention", Unit.SHARE),
        "long": Symbol("a_l", "term.long_attention", Unit.SHARE),
        "least": Symbol("L_0", "term.long_keys"),
        "keys": Symbol("L", "term.keys_seen"),
        "kernels": Symbol("k", "term.kernel_share", Unit.SHARE),
    },
)
def attention_share(short: Values, long: Values, least: Values, keys: Values, kernels: Values) -> Values:
    """What attention reaches of a GPU's peak over so many tokens."""
    return (short + np.maximum(0, long - short) * np.maximum(0, 1 - least / keys)) * kernels


@formula(
    "passes.power",
    result="η_p",
    text="min(w, w_0) ^ γ",
    unit=Unit.SHARE,
    reference=(
        "Under a full load a card runs at the clock its power limit allows; power grows with a power of the clock. "
        "Exponent fitted on cards of one generation with different limits"
    ),
    symbols={
        "watts": Symbol("w", "term.watts_per_tflop"),
        "enough": Symbol("w_0", "term.watts_enough"),
        "exponent": Symbol("γ", "term.power_exponent"),
    },
)
def power_share(watts: Values, enough: Values, exponent: Values) -> Values:
    """What the power limit leaves of the clock, against a card with one watt for each 16-bit TFLOPS."""
    return np.minimum(watts, enough) ** exponent


@formula(
    "passes.stage",
    result="t_s",
    text="N · max(t_gpu, k · q) + u · B + c",
    unit=Unit.SECONDS,
    reference="The host hands out kernels one after the other; the slower of host and GPU sets the pace",
    symbols={
        "repeats": Symbol("N", "term.repeats"),
        "device": Symbol("t_gpu", "term.device_time", Unit.SECONDS),
        "kernels": Symbol("k", "term.kernels"),
        "host": Symbol("q", "term.host_time", Unit.SECONDS),
        "per_item": Symbol("u", "term.item_time", Unit.SECONDS),
        "samples": Symbol("B", "term.samples_at_once"),
        "call": Symbol("c", "term.call_time", Unit.SECONDS),
    },
)
def stage_time_s(
    repeats: Values, device: Values, kernels: Values, host: Values, per_item: Values, samples: Values, call: Values
) -> Values:
    """A stage of a pass. [s]"""
    return repeats * np.maximum(device, kernels * host) + per_item * samples + call


@formula(
    "passes.sum",
    result="t",
    text="(t_text + t_noise + t_vae + t_enc + t_net + t_dec) · o + t_x",
    unit=Unit.SECONDS,
    reference=(
        "The stages of a pass follow one another; what waits in host memory is brought over before it works; "
        "GPUs that work on one request wait for each other"
    ),
    symbols={
        "text_encoders": Symbol("t_text", "pass.part.text_encoders", Unit.SECONDS),
        "denoiser": Symbol("t_noise", "pass.part.denoiser", Unit.SECONDS),
        "autoencoder": Symbol("t_vae", "pass.part.autoencoder", Unit.SECONDS),
        "encoder": Symbol("t_enc", "pass.part.encoder", Unit.SECONDS),
        "network": Symbol("t_net", "pass.part.network", Unit.SECONDS),
        "decoder": Symbol("t_dec", "pass.part.decoder", Unit.SECONDS),
        "offload": Symbol("o", "term.offload_factor"),
        "exchange": Symbol("t_x", "pass.part.exchange", Unit.SECONDS),
    },
)
def pass_time_s(
    text_encoders: Values,
    denoiser: Values,
    autoencoder: Values,
    encoder: Values,
    network: Values,
    decoder: Values,
    offload: Values,
    exchange: Values,
) -> Values:
    """One pass. [s]"""
    return (text_encoders + denoiser + autoencoder + encoder + network + decoder) * offload + exchange


@formula(
    "passes.stages",
    result="t_p",
    text="t_1 + t_2 + t_3 + t_4",
    unit=Unit.SECONDS,
    reference="Several networks of one kind run one after the other",
    symbols={
        name: Symbol(f"t_{i}", f"term.stage_{i}", Unit.SECONDS) for i, name in enumerate(("one", "two", "three", "four"), 1)
    },
)
def stages_time_s(one: Values, two: Values, three: Values, four: Values) -> Values:
    """Networks of one kind. [s]"""
    return one + two + three + four


@formula(
    "passes.device",
    result="t_gpu",
    text="n · t_o + t_r",
    unit=Unit.SECONDS,
    reference="Operators follow one another on the GPU; the one that takes most is laid open",
    symbols={
        "count": Symbol("n", "term.occurrences"),
        "operator": Symbol("t_o", "term.operator_time", Unit.SECONDS),
        "rest": Symbol("t_r", "term.other_operators", Unit.SECONDS),
    },
)
def device_time_s(count: Values, operator: Values, rest: Values) -> Values:
    """What the GPU works on one repetition of a stage. [s]"""
    return count * operator + rest


@formula(
    "passes.service",
    result="S",
    text="(t_1 + (t_2 − t_1) · (n − n_1) ÷ (n_2 − n_1)) · v",
    unit=Unit.SECONDS,
    reference="On the line between the batches that were computed",
    symbols={
        "low_time": Symbol("t_1", "term.low_pass", Unit.SECONDS),
        "high_time": Symbol("t_2", "term.high_pass", Unit.SECONDS),
        "items": Symbol("n", "term.items_at_once"),
        "low": Symbol("n_1", "term.low_batch"),
        "high": Symbol("n_2", "term.high_batch"),
        "waves": Symbol("v", "term.passes_per_request"),
    },
)
def service_time_s(low_time: Values, high_time: Values, items: Values, low: Values, high: Values, waves: Values) -> Values:
    """A pass under this load. [s]"""
    return (low_time + (high_time - low_time) * (items - low) / (high - low)) * waves


@formula(
    "passes.step_time",
    result="t_1",
    text="(t_noise + t_x) ÷ N",
    unit=Unit.SECONDS,
    reference="All steps are alike",
    symbols={
        "denoiser": Symbol("t_noise", "pass.part.denoiser", Unit.SECONDS),
        "exchange": Symbol("t_x", "pass.part.exchange", Unit.SECONDS),
        "steps": Symbol("N", "term.denoising_steps"),
    },
)
def step_time_s(denoiser: Values, exchange: Values, steps: Values) -> Values:
    """One denoising step of a full batch. [s]"""
    return (denoiser + exchange) / steps


@formula(
    "passes.weights",
    result="W",
    text="W_d + W_r",
    unit=Unit.BYTES,
    reference="Parameters of the model in the format asked for; a pipeline's text encoders and autoencoder stay in 16 bit",
    symbols={
        "main": Symbol("W_d", "term.main_weights", Unit.BYTES),
        "rest": Symbol("W_r", "term.other_weights", Unit.BYTES),
    },
)
def pass_weights_bytes(main: Values, rest: Values) -> Values:
    """Weights on the GPU. [B]"""
    return main + rest


@formula(
    "passes.memory",
    result="M",
    text="W + A + C",
    unit=Unit.BYTES,
    reference="Sum of the parts on the fullest GPU; a pass over a whole input keeps no cache, and one card talks to no other",
    symbols={
        "weights": Symbol("W", "part.weights", Unit.BYTES),
        "activations": Symbol("A", "part.activations", Unit.BYTES),
        "engine": Symbol("C", "part.engine", Unit.BYTES),
    },
)
def pass_memory_bytes(weights: Values, activations: Values, engine: Values) -> Values:
    """What a full batch needs on the fullest GPU. [B]"""
    return weights + activations + engine
