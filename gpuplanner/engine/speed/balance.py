"""What the way requests are shared out over replicas does to their wait. Every function takes numbers or arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.request import Request
from gpuplanner.engine.result import Unit
from gpuplanner.scenario.serving import Balancing

Values = Any
_KINGMAN = "Kingman's approximation: a wait grows with the variability of arrivals and of service"


@formula(
    "speed.arrival_variability",
    result="c_a²",
    text="1 ÷ max(1, r)",
    unit=Unit.COUNT,
    reference="Every r-th arrival of a Poisson stream: Erlang intervals; least loaded comes to the same below saturation",
    symbols={"replicas": Symbol("r", "term.replicas_sharing")},
)
def arrival_variability(replicas: Values) -> Values:
    """Squared coefficient of variation of the arrivals at one of several replicas that take turns."""
    return 1 / np.maximum(1, replicas)


@formula(
    "speed.tail_balance",
    result="g",
    text="(a + c ^ 2) ÷ (1 + c ^ 2)",
    unit=Unit.COUNT,
    reference=f"{_KINGMAN}; checked against the event simulation",
    symbols={
        "arrivals": Symbol("a", "term.arrival_variability"),
        "spread": Symbol("c", "term.length_spread"),
    },
)
def tail_factor(arrivals: Values, spread: Values) -> Values:
    """How much of the wait at a percentile is left where arrivals vary less than at random."""
    return (arrivals + spread**2) / (1 + spread**2)


@formula(
    "speed.mean_balance",
    result="g",
    text="(a + c ^ 2) ÷ (1 + c ^ 2) · exp(0 − 2 · (1 − ρ) · (1 − a) ^ 2 ÷ (3 · max(ρ, 0.001) · (a + c ^ 2)))",
    unit=Unit.COUNT,
    reference=f"{_KINGMAN}, with the correction of Krämer and Langenbach-Belz; checked against the event simulation",
    symbols={
        "arrivals": Symbol("a", "term.arrival_variability"),
        "spread": Symbol("c", "term.length_spread"),
        "busy": Symbol("ρ", "term.prefill_busy", Unit.SHARE),
    },
)
def mean_factor(arrivals: Values, spread: Values, busy: Values) -> Values:
    """How much of the mean wait is left where arrivals vary less than at random."""
    both = arrivals + spread**2
    rarer = np.exp(-2 * (1 - busy) * (1 - arrivals) ** 2 / (3 * np.maximum(busy, 0.001) * both))
    return both / (1 + spread**2) * rarer


@formula(
    "speed.queue_factor",
    result="κ",
    text="k · (1 + c ^ 2) · g",
    unit=Unit.COUNT,
    reference="Pollaczek–Khinchine: service times differ like the prompts; and what is left of the wait by balancing",
    symbols={
        "basis": Symbol("k", "term.queue_basis"),
        "spread": Symbol("c", "term.length_spread"),
        "balance": Symbol("g", "term.balance"),
    },
)
def queue_factor(basis: Values, spread: Values, balance: Values) -> Values:
    """Factor on the wait of an M/D/1 queue of prompts."""
    return basis * (1 + spread**2) * balance


def sharing(request: Request, batch: Values, residence: Values) -> Values:
    """Replicas that share a load that comes by itself, by Little's law; one where each request follows another."""
    if request.rate is not None:
        return np.maximum(1.0, request.rate * residence / batch)
    if request.users is not None:
        return np.maximum(1.0, request.users * residence / (request.think_s + residence) / batch)
    return 1.0 + 0.0 * residence


def variability_of(balancing: Balancing, replicas: Values) -> Values:
    """Of the arrivals at one of so many replicas; requests that go where their prefix lies come at random."""
    if balancing is Balancing.PREFIX_AWARE:
        return 1.0 + 0.0 * replicas
    return arrival_variability(replicas)
