"""The formulas of training memory that a reader can open. Sizes in bytes; every function takes numbers or arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any  # a number, or an array of them

_ZERO = "Rajbhandari et al., ZeRO, arXiv 1910.02054"


@formula(
    "training.weights",
    result="W",
    text="P · b_w ÷ n_w",
    unit=Unit.BYTES,
    reference=f"{_ZERO}; weights of one GPU's stage, shared out by stage 3 only",
    symbols={
        "params": Symbol("P", "term.stage_params"),
        "weight_bytes": Symbol("b_w", "term.weight_bytes", Unit.BYTES),
        "shards": Symbol("n_w", "term.weight_shards"),
    },
)
def weights_bytes(params: Values, weight_bytes: Values, shards: Values) -> Values:
    """Weights on one GPU. [B]"""
    return params * weight_bytes / shards


@formula(
    "training.gradients",
    result="G",
    text="P_t · b_g ÷ n_g",
    unit=Unit.BYTES,
    reference=f"{_ZERO}; gradients of what is trained, as far as they are there at the peak",
    symbols={
        "params": Symbol("P_t", "term.gradient_params"),
        "gradient_bytes": Symbol("b_g", "term.gradient_bytes", Unit.BYTES),
        "shards": Symbol("n_g", "term.gradient_shards"),
    },
)
def gradients_bytes(params: Values, gradient_bytes: Values, shards: Values) -> Values:
    """Gradients on one GPU. [B]"""
    return params * gradient_bytes / shards


@formula(
    "training.optimizer",
    result="O",
    text="P_t · b_o ÷ n_o",
    unit=Unit.BYTES,
    reference=f"{_ZERO}, section 3.1: Adam keeps 12 B a parameter beside 16-bit weights: master copy and two moments in FP32",
    symbols={
        "params": Symbol("P_t", "term.trained_params"),
        "state_bytes": Symbol("b_o", "term.state_bytes", Unit.BYTES),
        "shards": Symbol("n_o", "term.optimizer_shards"),
    },
)
def optimizer_bytes(params: Values, state_bytes: Values, shards: Values) -> Values:
    """Optimizer states on one GPU. [B]"""
    return params * state_bytes / shards


@formula(
    "training.activations",
    result="A",
    text="T · (L · a · k + d) + Z",
    unit=Unit.BYTES,
    reference=(
        "Korthikanti et al., arXiv 2205.05198: what every operation keeps for the backward pass, in its own format; "
        "one dense layer of 16 bit keeps s·b·h·(34 + 5·a·s ÷ h)"
    ),
    symbols={
        "tokens": Symbol("T", "term.micro_batch_tokens", Unit.TOKENS),
        "layers": Symbol("L", "term.layers_per_stage"),
        "kept": Symbol("a", "term.kept_per_token", Unit.BYTES),
        "in_flight": Symbol("k", "term.in_flight"),
        "working": Symbol("d", "term.working_per_token", Unit.BYTES),
        "logits": Symbol("Z", "part.logits", Unit.BYTES),
    },
)
def activations_bytes(tokens: Values, layers: Values, kept: Values, in_flight: Values, working: Values, logits: Values) -> Values:
    """Activations on one GPU: what all layers keep, what the layer at work needs besides, and the logits. [B]"""
    return tokens * (layers * kept * in_flight + working) + logits


@formula(
    "training.logits",
    result="Z",
    text="T · V · z",
    unit=Unit.BYTES,
    reference="Cross entropy over FP32 copies of the logits: log-softmax, its gradient and that of the logits, 4 B each",
    symbols={
        "tokens": Symbol("T", "term.micro_batch_tokens", Unit.TOKENS),
        "vocab": Symbol("V", "term.vocab_per_gpu"),
        "logit_bytes": Symbol("z", "term.loss_bytes", Unit.BYTES),
    },
)
def logits_bytes(tokens: Values, vocab: Values, logit_bytes: Values) -> Values:
    """Logits, their copies and gradients at the peak of the loss. [B]"""
    return tokens * vocab * logit_bytes


@formula(
    "training.communication",
    result="N",
    text="g + r",
    unit=Unit.BYTES,
    reference=f"{_ZERO}; weights gathered for the layer at work and the next, gradients before they are shared out, buckets",
    symbols={
        "gathered": Symbol("g", "term.gathered_bytes", Unit.BYTES),
        "reduced": Symbol("r", "term.reduced_bytes", Unit.BYTES),
    },
)
def communication_bytes(gathered: Values, reduced: Values) -> Values:
    """Buffers of what GPUs exchange. [B]"""
    return gathered + reduced


@formula(
    "training.engine",
    result="C",
    text="c + f · M_t",
    unit=Unit.BYTES,
    reference="CUDA context and library handles, and what the allocator can't fill; fitted on published training runs",
    symbols={
        "context": Symbol("c", "term.context_bytes", Unit.BYTES),
        "fragmentation": Symbol("f", "term.fragmentation", Unit.SHARE),
        "changing": Symbol("M_t", "term.changing_bytes", Unit.BYTES),
    },
)
def engine_bytes(context: Values, fragmentation: Values, changing: Values) -> Values:
    """Context and fragmentation on one GPU. [B]"""
    return context + fragmentation * changing


@formula(
    "training.total",
    result="M",
    text="W + G + O + A + C + N",
    unit=Unit.BYTES,
    reference="Sum of the parts at the moment of a step at which most lives",
    symbols={
        "weights": Symbol("W", "part.weights", Unit.BYTES),
        "gradients": Symbol("G", "part.gradients", Unit.BYTES),
        "optimizer": Symbol("O", "part.optimizer", Unit.BYTES),
        "activations": Symbol("A", "part.activations", Unit.BYTES),
        "engine": Symbol("C", "part.allocator", Unit.BYTES),
        "communication": Symbol("N", "part.communication", Unit.BYTES),
    },
)
def total_bytes(
    weights: Values, gradients: Values, optimizer: Values, activations: Values, engine: Values, communication: Values
) -> Values:
    """What a training step needs on the fullest GPU. [B]"""
    return weights + gradients + optimizer + activations + engine + communication


def reserved_bytes(standing: Values, changing: Values, fragmentation: Values, context: Values) -> Values:
    """What a GPU holds: tensors that stay, those that come and go with what the allocator can't fill among them, context. [B]"""
    return np.add(standing + changing, engine_bytes(context, fragmentation, changing))
