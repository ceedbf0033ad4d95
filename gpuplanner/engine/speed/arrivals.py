"""What becomes of a load that comes by itself: no more is written than is asked for, and no more than the replicas can."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any


@formula(
    "speed.returning",
    result="λ",
    text="n ÷ (Z + E)",
    unit=Unit.REQUESTS_PER_SECOND,
    reference="Interactive response time law: each user comes back after an answer and a think time (Denning, Buzen 1978)",
    symbols={
        "users": Symbol("n", "term.users"),
        "think": Symbol("Z", "term.think_time", Unit.SECONDS),
        "e2e_mean": Symbol("E", "figure.e2e_mean", Unit.SECONDS),
    },
)
def returning(users: Values, think: Values, e2e_mean: Values) -> Values:
    """Requests per second of users who think between them."""
    return users / (think + e2e_mean)


@formula(
    "speed.carried",
    result="X",
    text="min(λ · O, X_m)",
    unit=Unit.TOKENS_PER_SECOND,
    reference="Flow balance: over time as much is answered as arrives, while the replicas keep up (Denning, Buzen 1978)",
    symbols={
        "rate": Symbol("λ", "figure.arrivals", Unit.REQUESTS_PER_SECOND),
        "output_tokens": Symbol("O", "term.output_tokens", Unit.TOKENS),
        "possible": Symbol("X_m", "figure.token_capacity", Unit.TOKENS_PER_SECOND),
    },
)
def carried_tok_s(rate: Values, output_tokens: Values, possible: Values) -> Values:
    """Output tokens per second at a load that comes by itself."""
    return np.minimum(rate * output_tokens, possible)


@formula(
    "speed.request_rate",
    result="λ_c",
    text="X ÷ O",
    unit=Unit.REQUESTS_PER_SECOND,
    reference="Every request ends with its last output token",
    symbols={
        "throughput": Symbol("X", "figure.throughput", Unit.TOKENS_PER_SECOND),
        "output_tokens": Symbol("O", "term.output_tokens", Unit.TOKENS),
    },
)
def request_rate(throughput: Values, output_tokens: Values) -> Values:
    """Requests per second that are answered."""
    return throughput / output_tokens


@formula(
    "speed.batch_time",
    result="t_w",
    text="N · O ÷ X",
    unit=Unit.SECONDS,
    reference="All output tokens of the pile, at the rate they are written",
    symbols={
        "requests": Symbol("N", "term.batch_requests", Unit.REQUESTS),
        "output_tokens": Symbol("O", "term.output_tokens", Unit.TOKENS),
        "throughput": Symbol("X", "figure.throughput", Unit.TOKENS_PER_SECOND),
    },
)
def batch_time_s(requests: Values, output_tokens: Values, throughput: Values) -> Values:
    """Time until a pile of requests is done. [s]"""
    return requests * output_tokens / throughput
