"""The formulas of passes under load: how many run together, waiting, rates, costs. They take numbers or arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.money.formulas import HOUR, hourly_cost
from gpuplanner.engine.result import Unit

Values = Any  # a number, or an array of them


@formula(
    "passes.batch",
    result="g",
    text="max(1, min(G, λ · S))",
    unit=Unit.REQUESTS,
    reference="Little's law over one pass: what arrives while a pass runs goes into the next",
    symbols={
        "most": Symbol("G", "term.requests_at_most", Unit.REQUESTS),
        "rate": Symbol("λ", "term.rate_per_replica", Unit.REQUESTS_PER_SECOND),
        "service": Symbol("S", "term.service_time", Unit.SECONDS),
    },
)
def requests_at_once(most: Values, rate: Values, service: Values) -> Values:
    """Requests that a pass carries in an open load."""
    return np.maximum(1.0, np.minimum(most, rate * service))


@formula(
    "passes.waiting",
    result="W_q",
    text="ρ ^ (sqrt(2 · (G + 1)) − 1) ÷ (G · (1 − ρ)) · S_G ÷ 2",
    unit=Unit.SECONDS,
    reference=(
        "Sakasegawa, Annals of the Institute of Statistical Mathematics 29 (1977), with service of one length; "
        "a replica that takes G requests at once stands for G servers"
    ),
    symbols={
        "utilization": Symbol("ρ", "term.busy_share", Unit.SHARE),
        "most": Symbol("G", "term.requests_at_most", Unit.REQUESTS),
        "full_service": Symbol("S_G", "term.full_service_time", Unit.SECONDS),
    },
)
def queue_wait_s(utilization: Values, most: Values, full_service: Values) -> Values:
    """Mean wait behind requests that don't fit into the next pass. [s]"""
    return utilization ** (np.sqrt(2 * (most + 1)) - 1) / (most * (1 - utilization)) * full_service / 2


@formula(
    "passes.request_mean",
    result="T",
    text="S + b · S ÷ 2 + W_q",
    unit=Unit.SECONDS,
    reference="Its own pass, the rest of the pass that runs when it arrives (half a pass on average), and the queue",
    symbols={
        "service": Symbol("S", "term.service_time", Unit.SECONDS),
        "busy": Symbol("b", "term.found_busy", Unit.SHARE),
        "queue": Symbol("W_q", "term.queue_wait", Unit.SECONDS),
    },
)
def request_mean_s(service: Values, busy: Values, queue: Values) -> Values:
    """Mean time from arrival to result in an open load. [s]"""
    return service + busy * service / 2 + queue


@formula(
    "passes.request_percentile",
    result="T_p",
    text="S + S · max(0, 1 − (1 − p) ÷ b) − W_q · ln(1 − p)",
    unit=Unit.SECONDS,
    reference=(
        "The rest of the running pass is evenly spread over its length for the share of requests that find one; "
        "the queue's wait has an exponential tail"
    ),
    symbols={
        "service": Symbol("S", "term.service_time", Unit.SECONDS),
        "busy": Symbol("b", "term.found_busy", Unit.SHARE),
        "percentile": Symbol("p", "term.percentile", Unit.SHARE),
        "queue": Symbol("W_q", "term.queue_wait", Unit.SECONDS),
    },
)
def request_percentile_s(service: Values, busy: Values, percentile: Values, queue: Values) -> Values:
    """Time from arrival to result that a share p of the requests stays below. [s]"""
    residual = np.maximum(0.0, 1 - (1 - percentile) / np.maximum(busy, 1e-9))
    return service + service * residual - queue * np.log(1 - percentile)


@formula(
    "passes.closed",
    result="T",
    text="S · max(1, n ÷ G)",
    unit=Unit.SECONDS,
    reference="Requests in flight that come back as soon as they are answered stay together in waves of at most G",
    symbols={
        "service": Symbol("S", "term.service_time", Unit.SECONDS),
        "in_flight": Symbol("n", "term.in_flight_per_replica", Unit.REQUESTS),
        "most": Symbol("G", "term.requests_at_most", Unit.REQUESTS),
    },
)
def closed_time_s(service: Values, in_flight: Values, most: Values) -> Values:
    """Time of a request where a fixed number is in flight. [s]"""
    return service * np.maximum(1.0, in_flight / most)


@formula(
    "money.cost_per_thousand",
    result="c",
    text="(P ÷ (Y · 8760 · u) + E ÷ 1000 · PUE · e) ÷ (X · 3600) · 1000",
    unit=Unit.MONEY,
    reference="Cards written off over their life at the given use, and their energy, over the items done in that time",
    symbols={
        **HOUR,
        "rate": Symbol("X", "figure.item_rate", Unit.ITEMS_PER_SECOND),
    },
)
def cost_per_thousand(
    purchase: Values, years: Values, utilization: Values, power: Values, pue: Values, tariff: Values, rate: Values
) -> Values:
    """Cost of a thousand items. ``utilization`` is the share of the hours in which the load is there."""
    return hourly_cost(purchase, years, utilization, power, pue, tariff) / (rate * 3600) * 1000


@formula(
    "passes.capacity",
    result="C",
    text="R · G ÷ S_G",
    unit=Unit.REQUESTS_PER_SECOND,
    reference="Every replica runs full passes without a pause",
    symbols={
        "replicas": Symbol("R", "term.replicas"),
        "most": Symbol("G", "term.requests_at_most", Unit.REQUESTS),
        "full_service": Symbol("S_G", "term.full_service_time", Unit.SECONDS),
    },
)
def capacity(replicas: Values, most: Values, full_service: Values) -> Values:
    """Requests per second at most."""
    return replicas * most / full_service


@formula(
    "passes.offered",
    result="λ",
    text="L · (1 + g) · f",
    unit=Unit.REQUESTS_PER_SECOND,
    reference="The load as entered, with growth; a day's load is spread over its busy hours, times the peak",
    symbols={
        "load": Symbol("L", "term.load"),
        "growth": Symbol("g", "term.growth"),
        "factor": Symbol("f", "term.load_factor"),
    },
)
def offered(load: Values, growth: Values, factor: Values) -> Values:
    """Requests per second that come by themselves."""
    return load * (1 + growth) * factor


@formula(
    "passes.returning",
    result="λ",
    text="min(n ÷ (Z + T), b · C)",
    unit=Unit.REQUESTS_PER_SECOND,
    reference="Little's law: each request in flight, or each user, comes back after its answer and a think time",
    symbols={
        "in_flight": Symbol("n", "term.in_flight", Unit.REQUESTS),
        "think": Symbol("Z", "term.think_time", Unit.SECONDS),
        "time": Symbol("T", "term.answer_time", Unit.SECONDS),
        "most_busy": Symbol("b", "term.most_busy", Unit.SHARE),
        "capacity": Symbol("C", "figure.capacity_rate", Unit.REQUESTS_PER_SECOND),
    },
)
def returning(in_flight: Values, think: Values, time: Values, most_busy: Values, capacity: Values) -> Values:
    """Requests per second of those that wait for answers."""
    return np.minimum(in_flight / (think + time), most_busy * capacity)


@formula(
    "passes.items",
    result="X",
    text="λ · k",
    unit=Unit.ITEMS_PER_SECOND,
    reference="Every request holds so many items",
    symbols={
        "rate": Symbol("λ", "figure.request_rate", Unit.REQUESTS_PER_SECOND),
        "items": Symbol("k", "term.items_per_request"),
    },
)
def item_rate(rate: Values, items: Values) -> Values:
    """Items per second."""
    return rate * items


@formula(
    "passes.real_time",
    result="r",
    text="a · B ÷ t",
    unit=Unit.COUNT,
    reference="Seconds of speech that a replica gets through in a second",
    symbols={
        "audio": Symbol("a", "term.audio_length", Unit.SECONDS),
        "items": Symbol("B", "term.items_at_once"),
        "time": Symbol("t", "figure.pass_time", Unit.SECONDS),
    },
)
def real_time_factor(audio: Values, items: Values, time: Values) -> Values:
    """Speech over time."""
    return audio * items / time


@formula(
    "passes.streams",
    result="n_s",
    text="r · R",
    unit=Unit.COUNT,
    reference="A live stream brings a second of speech every second",
    symbols={
        "factor": Symbol("r", "figure.real_time_factor"),
        "replicas": Symbol("R", "term.replicas"),
    },
)
def streams(factor: Values, replicas: Values) -> Values:
    """Live streams that all replicas keep up with."""
    return factor * replicas


@formula(
    "money.cost_per_audio_hour",
    result="c_h",
    text="c ÷ 1000 · 3600 ÷ a",
    unit=Unit.MONEY,
    reference="An hour of speech as so many recordings",
    symbols={
        "thousand": Symbol("c", "figure.cost_per_thousand", Unit.MONEY),
        "audio": Symbol("a", "term.audio_length", Unit.SECONDS),
    },
)
def cost_per_audio_hour(thousand: Values, audio: Values) -> Values:
    """Cost of an hour of speech."""
    return thousand / 1000 * 3600 / audio
