"""What rules of thumb compute. The references say whose they are; that they are right is not said."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any
_P = Symbol("P", "rule.term.parameters")
_B = Symbol("b", "term.bytes_per_param", Unit.BYTES)
_SEQUENCES = Symbol("B", "rule.term.batch")
_TOKENS = Symbol("T", "rule.term.tokens")
_HIDDEN = Symbol("d", "rule.term.hidden")
_LAYERS = Symbol("L", "rule.term.layers")
_FACTOR = Symbol("f", "rule.term.factor")
_EACH = Symbol("x", "rule.term.each")


def _practice(article: str) -> str:
    return f"Rule of thumb of presales practice, article {article}"


@formula(
    "practice.weights", result="W", text="P · b", unit=Unit.BYTES, reference=_practice("000 and 004"),
    symbols={"params": _P, "bytes_per_param": _B},
)  # fmt: skip
def weights(params: Values, bytes_per_param: Values) -> Values:
    """Weights. [B]"""
    return params * bytes_per_param


@formula(
    "practice.memory_times", result="M", text="P · b · f", unit=Unit.BYTES, reference=_practice("003 and 004"),
    symbols={"params": _P, "bytes_per_param": _B, "factor": _FACTOR},
)  # fmt: skip
def memory_times(params: Values, bytes_per_param: Values, factor: Values) -> Values:
    """Memory of the machine. [B]"""
    return params * bytes_per_param * factor


@formula(
    "practice.kv_width", result="K", text="2 · L · d · b", unit=Unit.BYTES, reference=_practice("004"),
    symbols={"layers": _LAYERS, "hidden": _HIDDEN, "bytes_each": Symbol("b", "rule.term.kv_bytes", Unit.BYTES)},
)  # fmt: skip
def kv_width(layers: Values, hidden: Values, bytes_each: Values) -> Values:
    """KV cache of a token, as if every query head had keys and values of its own. [B]"""
    return 2 * layers * hidden * bytes_each


@formula(
    "practice.double", result="M_2", text="f · M", unit=Unit.BYTES, reference=_practice("003"),
    symbols={"factor": _FACTOR, "memory": Symbol("M", "rule.term.memory_now", Unit.BYTES)},
)  # fmt: skip
def double(factor: Values, memory: Values) -> Values:
    """Memory at so many times the requests. [B]"""
    return factor * memory


@formula(
    "practice.per_item", result="M", text="n · x", unit=Unit.BYTES, reference=_practice("000"),
    symbols={"items": Symbol("n", "rule.term.items"), "each": Symbol("x", "rule.term.each", Unit.BYTES)},
)  # fmt: skip
def per_item(items: Values, each: Values) -> Values:
    """Memory of items at once. [B]"""
    return items * each


@formula(
    "practice.transformer_params", result="P", text="12 · L · d ^ 2", unit=Unit.COUNT, reference=_practice("002"),
    symbols={"layers": _LAYERS, "hidden": _HIDDEN},
)  # fmt: skip
def transformer_params(layers: Values, hidden: Values) -> Values:
    """Parameters of a Transformer."""
    return 12 * layers * hidden**2


@formula(
    "practice.offered_load", result="A", text="λ · S", unit=Unit.REQUESTS, reference=_practice("000; Little's law"),
    symbols={
        "rate": Symbol("λ", "rule.term.rate", Unit.REQUESTS_PER_SECOND),
        "time": Symbol("S", "term.time_alone", Unit.SECONDS),
    },
)  # fmt: skip
def offered_load(rate: Values, time: Values) -> Values:
    """Requests at work on average."""
    return rate * time


@formula(
    "practice.cards_by_rate", result="G", text="ceil(λ ÷ μ) · N", unit=Unit.COUNT, reference=_practice("000"),
    symbols={
        "rate": Symbol("λ", "rule.term.rate", Unit.REQUESTS_PER_SECOND),
        "each": Symbol("μ", "rule.term.rate_each", Unit.REQUESTS_PER_SECOND),
        "width": Symbol("N", "term.gpus_per_replica"),
    },
)  # fmt: skip
def cards_by_rate(rate: Values, each: Values, width: Values) -> Values:
    """GPUs for a rate."""
    return np.ceil(rate / each) * width


@formula(
    "practice.day_rate", result="λ", text="n ÷ s", unit=Unit.REQUESTS_PER_SECOND, reference=_practice("001"),
    symbols={"requests": Symbol("n", "rule.term.requests_a_day"), "day": Symbol("s", "rule.term.day", Unit.SECONDS)},
)  # fmt: skip
def day_rate(requests: Values, day: Values) -> Values:
    """Mean rate of a day. [req/s]"""
    return requests / day


@formula(
    "practice.spare", result="G", text="ceil(f · G_0)", unit=Unit.COUNT, reference=_practice("002"),
    symbols={"factor": _FACTOR, "gpus": Symbol("G_0", "rule.term.gpus_needed")},
)  # fmt: skip
def spare(factor: Values, gpus: Values) -> Values:
    """GPUs to spare."""
    return np.ceil(factor * gpus)


@formula(
    "practice.ram_times", result="R", text="f · V", unit=Unit.BYTES, reference=_practice("000 and 002"),
    symbols={"factor": _FACTOR, "memory": Symbol("V", "rule.term.gpu_memory", Unit.BYTES)},
)  # fmt: skip
def ram_times(factor: Values, memory: Values) -> Values:
    """Host memory of a server. [B]"""
    return factor * memory


@formula(
    "practice.per_card", result="X", text="n · x", unit=Unit.COUNT, reference=_practice("003"),
    symbols={"gpus": Symbol("n", "rule.term.gpus_in_server"), "each": _EACH},
)  # fmt: skip
def per_card(gpus: Values, each: Values) -> Values:
    """Host parts of a server."""
    return gpus * each


@formula(
    "practice.loader_ram", result="R", text="max(B · s · t · n, P · b)", unit=Unit.BYTES, reference=_practice("002"),
    symbols={
        "batch": _SEQUENCES, "sample": Symbol("s", "rule.term.sample", Unit.BYTES), "threads": Symbol("t", "rule.term.threads"),
        "copies": Symbol("n", "rule.term.copies"), "params": _P, "bytes_per_param": _B,
    },
)  # fmt: skip
def loader_ram(batch: Values, sample: Values, threads: Values, copies: Values, params: Values, bytes_per_param: Values) -> Values:
    """Host memory for data loaders. [B]"""
    return np.maximum(batch * sample * threads * copies, params * bytes_per_param)


@formula(
    "practice.files", result="F", text="P · b · n", unit=Unit.BYTES, reference=_practice("002"),
    symbols={"params": _P, "bytes_per_param": _B, "copies": Symbol("n", "rule.term.copies")},
)  # fmt: skip
def files(params: Values, bytes_per_param: Values, copies: Values) -> Values:
    """Files of a model. [B]"""
    return params * bytes_per_param * copies


@formula(
    "practice.training_memory", result="M", text="P · b · n + B · T · d · x", unit=Unit.BYTES, reference=_practice("002"),
    symbols={
        "params": _P, "bytes_per_param": _B, "copies": Symbol("n", "rule.term.tensors"), "batch": _SEQUENCES, "tokens": _TOKENS,
        "hidden": _HIDDEN, "each": Symbol("x", "rule.term.bytes_per_element", Unit.BYTES),
    },
)  # fmt: skip
def training_memory(
    params: Values, bytes_per_param: Values, copies: Values, batch: Values, tokens: Values, hidden: Values, each: Values
) -> Values:
    """Memory of training. [B]"""
    return params * bytes_per_param * copies + batch * tokens * hidden * each


@formula(
    "practice.states", result="M", text="P · b", unit=Unit.BYTES, reference=_practice("002"),
    symbols={"params": _P, "bytes_per_param": _B},
)  # fmt: skip
def states(params: Values, bytes_per_param: Values) -> Values:
    """Weights, gradients and optimizer states. [B]"""
    return params * bytes_per_param


@formula(
    "practice.activations", result="M", text="B · T · d · x", unit=Unit.BYTES, reference=_practice("002"),
    symbols={
        "batch": _SEQUENCES, "tokens": _TOKENS, "hidden": _HIDDEN,
        "each": Symbol("x", "rule.term.bytes_per_element", Unit.BYTES),
    },
)  # fmt: skip
def activations(batch: Values, tokens: Values, hidden: Values, each: Values) -> Values:
    """Activations kept for the backward pass. [B]"""
    return batch * tokens * hidden * each


@formula(
    "practice.zero", result="M", text="P · b ÷ N", unit=Unit.BYTES, reference=_practice("002"),
    symbols={"params": _P, "bytes_per_param": _B, "gpus": Symbol("N", "rule.term.gpus")},
)  # fmt: skip
def zero(params: Values, bytes_per_param: Values, gpus: Values) -> Values:
    """Memory of a GPU when all is shared out. [B]"""
    return params * bytes_per_param / gpus


@formula(
    "practice.six_pt", result="t", text="6 · P · D ÷ (N · F · u)", unit=Unit.SECONDS, reference=_practice("003"),
    symbols={
        "params": _P, "tokens": Symbol("D", "rule.term.tokens_seen"), "gpus": Symbol("N", "rule.term.gpus"),
        "peak": Symbol("F", "rule.term.peak", Unit.FLOPS_PER_SECOND), "used": Symbol("u", "rule.term.mfu", Unit.SHARE),
    },
)  # fmt: skip
def six_pt(params: Values, tokens: Values, gpus: Values, peak: Values, used: Values) -> Values:
    """Time of a training run. [s]"""
    return 6 * params * tokens / (gpus * peak * used)
