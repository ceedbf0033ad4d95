"""What the way requests are shared out over replicas does to their wait. Every function takes numbers or arrays."""

from __future__ import annotations

from dataclasses import dataclass
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
    "speed.balance",
    result="g",
    text="(a + c ^ 2) ÷ (1 + c ^ 2)",
    unit=Unit.COUNT,
    reference=f"{_KINGMAN}; checked against the event simulation",
    symbols={
        "arrivals": Symbol("a", "term.arrival_variability"),
        "spread": Symbol("c", "term.length_spread"),
    },
)
def balance(arrivals: Values, spread: Values) -> Values:
    """How much of a wait is left where arrivals vary less than at random."""
    return (arrivals + spread**2) / (1 + spread**2)


@formula(
    "speed.rarer",
    result="h",
    text="exp(0 − 2 · (1 − ρ) · (1 − a) ^ 2 ÷ (3 · max(ρ, 0.001) · (a + c ^ 2)))",
    unit=Unit.SHARE,
    reference="Krämer and Langenbach-Belz's correction of Kingman's approximation: even arrivals seldom find others before them",
    symbols={
        "arrivals": Symbol("a", "term.arrival_variability"),
        "spread": Symbol("c", "term.length_spread"),
        "busy": Symbol("ρ", "term.prefill_busy", Unit.SHARE),
    },
)
def rarer_share(arrivals: Values, spread: Values, busy: Values) -> Values:
    """How often there is a wait at all where arrivals vary less than at random, against where they don't."""
    return np.exp(-2 * (1 - busy) * (1 - arrivals) ** 2 / (3 * np.maximum(busy, 0.001) * (arrivals + spread**2)))


@formula(
    "speed.queue_factor",
    result="κ",
    text="k · (1 + c ^ 2) · g · h",
    unit=Unit.COUNT,
    reference="Pollaczek–Khinchine: service times differ like the prompts; and what is left of the wait by balancing",
    symbols={
        "basis": Symbol("k", "term.queue_basis"),
        "spread": Symbol("c", "term.length_spread"),
        "left": Symbol("g", "term.balance"),
        "rarer": Symbol("h", "term.rarer"),
    },
)
def queue_factor(basis: Values, spread: Values, left: Values, rarer: Values = 1.0) -> Values:
    """Factor on the wait of an M/D/1 queue of prompts."""
    return basis * (1 + spread**2) * left * rarer


@dataclass(frozen=True, slots=True)
class Waits:
    """What a wait is scaled by: on average, and at a percentile with the chance to wait at all."""

    mean: Values
    tail: Values
    rarer: Values


def waits(basis: Values, spread: Values, unequal: Values, shared: Values, busy: Values) -> Waits:
    """The factors of a queue.

    Args:
        basis: wait against an M/D/1 queue of a single replica.
        spread: how much prompts differ.
        unequal: how much of that is left between replicas.
        shared: variability of the arrivals at one of them.
        busy: load of the queue.
    """
    left, rarer = balance(shared, unequal), rarer_share(shared, unequal, busy)
    return Waits(queue_factor(basis, spread, left, rarer), queue_factor(basis, spread, left), rarer)


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
