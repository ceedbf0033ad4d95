"""What runs beside the model's own layers on the GPU: adapters, and layers that stay in host memory."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from gpuplanner.engine.fleet import Fleet
from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.layout.rows import Rows
from gpuplanner.engine.request import Request
from gpuplanner.engine.result import Unit
from gpuplanner.engine.speed.formulas import experts_touched

Values = Any
LAYERED: Final = (  # columns that shrink with the share of layers on the GPU
    "dense_flops", "dense_bytes", "experts_flops", "experts_bytes", "dense_moved", "experts_moved", "kv_bytes", "decode_scores",
    "prefill_scores", "layers", "expert_layers", "all_reduces",
)  # fmt: skip


@formula(
    "speed.adapters",
    result="t_a",
    text="N_t · P · 2 ÷ (β · s) + 2 · P · M ÷ (π · η) + L · o",
    unit=Unit.SECONDS,
    reference=(
        "Punica, arXiv 2310.18547: requests of different adapters in one batch; each adapter touched is read once, and two "
        "kernels more run beside every matrix product"
    ),
    symbols={
        "touched": Symbol("N_t", "term.adapters_touched"),
        "params": Symbol("P", "term.adapter_params"),
        "bandwidth": Symbol("β", "term.bandwidth", Unit.BYTES_PER_SECOND),
        "bandwidth_share": Symbol("s", "term.bandwidth_share", Unit.SHARE),
        "tokens": Symbol("M", "term.step_tokens", Unit.TOKENS),
        "peak": Symbol("π", "term.peak_16", Unit.FLOPS_PER_SECOND),
        "efficiency": Symbol("η", "term.compute_efficiency", Unit.SHARE),
        "layers": Symbol("L", "term.layers_per_stage"),
        "per_layer": Symbol("o", "term.adapter_overhead", Unit.SECONDS),
    },
)
def adapters_s(
    touched: Values, params: Values, bandwidth: Values, bandwidth_share: Values, tokens: Values, peak: Values, efficiency: Values,
    layers: Values, per_layer: Values,
) -> Values:  # fmt: skip
    """Time that adapters add to a step. [s]"""
    reading = touched * params * 2 / (bandwidth * bandwidth_share)
    return reading + 2 * params * tokens / (peak * efficiency) + layers * per_layer


@formula(
    "speed.host_layers",
    result="t_h",
    text="min(max(W ÷ β_h, F · M ÷ π_h), W ÷ (β_p · s_p) + F · M ÷ (π · η)) + D · K ÷ β_h",
    unit=Unit.SECONDS,
    reference=(
        "llama.cpp: layers in host memory are computed there, or for many tokens copied to the GPU; the roofline of the host, or "
        "of its link"
    ),
    symbols={
        "weights": Symbol("W", "term.weights_read", Unit.BYTES),
        "host_bandwidth": Symbol("β_h", "term.host_bandwidth", Unit.BYTES_PER_SECOND),
        "flops": Symbol("F", "term.flops_per_token", Unit.FLOPS),
        "tokens": Symbol("M", "term.step_tokens", Unit.TOKENS),
        "host_peak": Symbol("π_h", "term.host_flops", Unit.FLOPS_PER_SECOND),
        "link": Symbol("β_p", "term.link_bandwidth", Unit.BYTES_PER_SECOND),
        "link_share": Symbol("s_p", "term.link_efficiency", Unit.SHARE),
        "peak": Symbol("π", "term.peak_flops", Unit.FLOPS_PER_SECOND),
        "efficiency": Symbol("η", "term.compute_efficiency", Unit.SHARE),
        "decoding": Symbol("D", "term.decoding_requests"),
        "kv_bytes": Symbol("K", "term.kv_bytes_per_request", Unit.BYTES),
    },
)
def host_layers_s(
    weights: Values, host_bandwidth: Values, flops: Values, tokens: Values, host_peak: Values, link: Values, link_share: Values,
    peak: Values, efficiency: Values, decoding: Values, kv_bytes: Values,
) -> Values:  # fmt: skip
    """Time of the layers that stay in host memory. [s]"""
    there = np.maximum(weights / host_bandwidth, flops * tokens / host_peak)
    here = weights / (link * link_share) + flops * tokens / (peak * efficiency)
    return np.minimum(there, here) + decoding * kv_bytes / host_bandwidth


def adapter_columns(request: Request, rows: Rows) -> dict[str, Any]:
    """Columns of the adapters' time."""
    beside = request.beside
    params = (beside.adapter_whole + beside.adapter_cut / rows.tensor_parallel) * rows.stage
    return {
        "adapter.count": float(beside.adapters),
        "adapter.params": params[:, None],
        "adapter.per_layer": request.adapter_layer_s,
    }


def host_columns(request: Request, inputs: dict[str, Any], fleet: Fleet, rows: Rows) -> dict[str, Any]:
    """Columns of the host's layers, and those of the GPU without them."""
    share = request.on_gpu
    away = {f"host.{name}": (1 - share) * inputs[name] for name in LAYERED}
    link = np.maximum(fleet.slow_link[rows.gpu] * fleet.slow_link_share[rows.gpu], 1.0)[:, None]
    rates = {"host.link": link, "host.bandwidth": request.host_bandwidth, "host.peak": request.host_flops}
    return {name: share * inputs[name] for name in LAYERED} | away | rates


def adapters_given(inputs: dict[str, Any], decoding: Any, tokens: Any) -> dict[str, Any]:
    """What :func:`adapters_s` is called with."""
    count = inputs["adapter.count"]
    return {
        "touched": experts_touched(count, 1.0, np.maximum(decoding, 1.0)),
        "params": inputs["adapter.params"],
        "bandwidth": inputs["bandwidth"],
        "bandwidth_share": inputs["weight_share"],
        "tokens": tokens,
        "peak": inputs["peak_16"],
        "efficiency": inputs["compute"],
        "layers": inputs["layers"],
        "per_layer": inputs["adapter.per_layer"],
    }


def host_given(inputs: dict[str, Any], decoding: Any, tokens: Any) -> dict[str, Any]:
    """What :func:`host_layers_s` is called with; of experts only those touched are read."""
    experts = inputs["experts"]
    touched = experts_touched(experts, inputs["top_k"], tokens) / experts if np.any(experts) else 0.0
    return {
        "weights": inputs["host.dense_bytes"] + touched * inputs["host.experts_bytes"],
        "host_bandwidth": inputs["host.bandwidth"],
        "flops": inputs["host.dense_flops"] + inputs["host.experts_flops"],
        "tokens": tokens,
        "host_peak": inputs["host.peak"],
        "link": inputs["host.link"],
        "link_share": 1.0,
        "peak": inputs["peak"],
        "efficiency": inputs["compute"],
        "decoding": decoding,
        "kv_bytes": inputs["host.kv_bytes"],
    }
