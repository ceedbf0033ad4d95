"""The formulas of training speed. Times in seconds, work in FLOP, volumes in bytes; all work on arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any  # a number, or an array of them


@formula(
    "training.speed.products",
    result="t_p",
    text="max(F ÷ R, W ÷ B)",
    unit=Unit.SECONDS,
    reference="Roofline (Williams et al., 2009): as long as the operations at the reached rate, or as reading the weights",
    symbols={
        "flops": Symbol("F", "term.products_flops", Unit.FLOPS),
        "rate": Symbol("R", "term.reached_rate", Unit.FLOPS_PER_SECOND),
        "weight_bytes": Symbol("W", "term.weights_read", Unit.BYTES),
        "bandwidth": Symbol("B", "term.reached_bandwidth", Unit.BYTES_PER_SECOND),
    },
)  # fmt: skip
def products_s(flops: Values, rate: Values, weight_bytes: Values, bandwidth: Values) -> Values:
    """Matrix products of a micro-batch on one GPU. [s]"""
    return np.maximum(flops / rate, weight_bytes / bandwidth)


@formula(
    "training.speed.micro_batch",
    result="t_m",
    text="max(t_p + t_a + t_e + t_c, t_h)",
    unit=Unit.SECONDS,
    reference="Products, attention, what lies between and exposed communication in turn; the host must keep ahead",
    symbols={
        "products": Symbol("t_p", "term.products_time", Unit.SECONDS),
        "attention": Symbol("t_a", "term.attention_time", Unit.SECONDS),
        "between": Symbol("t_e", "term.between_time", Unit.SECONDS),
        "communication": Symbol("t_c", "term.exposed_time", Unit.SECONDS),
        "host": Symbol("t_h", "term.host_time", Unit.SECONDS),
    },
)  # fmt: skip
def micro_batch_s(products: Values, attention: Values, between: Values, communication: Values, host: Values) -> Values:
    """A micro-batch through one pipeline stage, forward and backward. [s]"""
    return np.maximum(products + attention + between + communication, host)


@formula(
    "training.speed.step",
    result="t",
    text="(k + (p − 1) ÷ v) · t_m + t_d + t_u",
    unit=Unit.SECONDS,
    reference="Narayanan et al., arXiv 2104.04473: micro-batches and the bubble of (interleaved) 1F1B; then exchange and update",
    symbols={
        "micro_batches": Symbol("k", "term.micro_batches"),
        "pipeline": Symbol("p", "term.pipeline_parallel"),
        "virtual": Symbol("v", "term.virtual_stages"),
        "micro_batch": Symbol("t_m", "term.micro_batch_time", Unit.SECONDS),
        "exchange": Symbol("t_d", "term.exchange_time", Unit.SECONDS),
        "update": Symbol("t_u", "term.update_time", Unit.SECONDS),
    },
)  # fmt: skip
def step_s(
    micro_batches: Values, pipeline: Values, virtual: Values, micro_batch: Values, exchange: Values, update: Values
) -> Values:
    """A step from one update to the next. [s]"""
    return (micro_batches + (pipeline - 1) / virtual) * micro_batch + exchange + update


@formula(
    "training.speed.samples",
    result="X",
    text="m · k · d ÷ t",
    unit=Unit.REQUESTS_PER_SECOND,
    reference="Samples between two updates over the time of a step",
    symbols={
        "micro_batch": Symbol("m", "term.micro_batch"),
        "micro_batches": Symbol("k", "term.micro_batches"),
        "data": Symbol("d", "term.data_parallel"),
        "step": Symbol("t", "figure.step_time", Unit.SECONDS),
    },
)
def samples_per_s(micro_batch: Values, micro_batches: Values, data: Values, step: Values) -> Values:
    """Samples a second of the whole run. [1/s]"""
    return micro_batch * micro_batches * data / step


@formula(
    "training.speed.tokens",
    result="T",
    text="X · s",
    unit=Unit.TOKENS_PER_SECOND,
    reference="Samples a second times tokens a sample",
    symbols={
        "samples": Symbol("X", "figure.samples_per_second", Unit.REQUESTS_PER_SECOND),
        "length": Symbol("s", "term.sequence_length", Unit.TOKENS),
    },
)
def tokens_per_s(samples: Values, length: Values) -> Values:
    """Tokens a second of the whole run. [tok/s]"""
    return samples * length


@formula(
    "training.speed.mfu",
    result="u",
    text="X · F ÷ (n · P)",
    unit=Unit.SHARE,
    reference="Chowdhery et al., arXiv 2204.02311, appendix B: operations the model needs over the peak of all GPUs",
    symbols={
        "samples": Symbol("X", "figure.samples_per_second", Unit.REQUESTS_PER_SECOND),
        "flops": Symbol("F", "term.model_flops", Unit.FLOPS),
        "gpus": Symbol("n", "term.gpus"),
        "peak": Symbol("P", "term.peak_rate", Unit.FLOPS_PER_SECOND),
    },
)  # fmt: skip
def mfu(samples: Values, flops: Values, gpus: Values, peak: Values) -> Values:
    """Model FLOPs utilisation. [share]"""
    return samples * flops / (gpus * peak)
