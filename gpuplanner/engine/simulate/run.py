"""Requests through replicas: those that come by themselves, and those that come when others have ended."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.simulate.replica import Journal, Replica, Rules
from gpuplanner.engine.simulate.table import StepTable
from gpuplanner.scenario.serving import Balancing

Floats = NDArray[np.float64]
Progress = Callable[[float], bool]
TOLD_EVERY = 16  # requests between two words of progress


@dataclass(frozen=True, slots=True)
class Load:
    """Requests in order of arrival: times in seconds, lengths in tokens.

    With ``closed`` above 0 so many users send one request after the other instead: the next ``think_s`` after the last has
    ended, the first at ``arrival_s`` where it is given. ``affinity`` is the replica that holds a request's prefix, counted
    around.
    """

    arrival_s: Sequence[float]
    input_tokens: Sequence[int]
    output_tokens: Sequence[int]
    closed: int = 0
    think_s: Sequence[float] = ()
    affinity: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Served:
    """What each request saw, in the order of arrival. [s]"""

    ttft_s: Floats
    tpot_s: Floats
    e2e_s: Floats
    arrived_s: Floats
    output_tokens: NDArray[np.int64]

    @property
    def duration_s(self) -> float:
        """First arrival to last token."""
        return float((self.arrived_s + self.e2e_s).max() - self.arrived_s.min())

    @property
    def throughput_tok_s(self) -> float:
        """Output tokens per second over the whole run."""
        return float(self.output_tokens.sum()) / self.duration_s


class Cancelled(Exception):
    """The caller asked to stop."""


def simulate(
    table: StepTable,
    rules: Rules,
    load: Load,
    progress: Progress | None = None,
    *,
    replicas: int = 1,
    balancing: Balancing = Balancing.ROUND_ROBIN,
) -> Served:
    """Serve a load.

    Args:
        table: step times; must reach ``rules.slots`` decoding requests and ``rules.step_tokens`` prompt tokens.
        rules: limits of a replica.
        load: requests in order of arrival.
        progress: called with the share done; its answer False cancels.
        replicas: how many share the load.
        balancing: which of them gets a request.

    Raises:
        Cancelled: when ``progress`` said so.
    """
    journal = Journal.of(load.input_tokens, load.output_tokens, () if load.closed else load.arrival_s)
    every = [Replica(table, rules, journal) for _ in range(replicas)]
    if load.closed:
        _closed(every, load, balancing, progress)
    else:
        through(every, load, balancing, progress)
    return served_of(journal, load.output_tokens)


def served_of(journal: Journal, output_tokens: Sequence[int]) -> Served:
    """What the requests of a journal saw."""
    arrived, first, ended = (np.array(values) for values in (journal.arrived, journal.first, journal.ended))
    outputs = np.array(output_tokens)
    order = np.argsort(arrived, kind="stable")
    first, ended, outputs, arrived = first[order], ended[order], outputs[order], arrived[order]
    return Served(first - arrived, (ended - first) / np.maximum(outputs - 1, 1), ended - arrived, arrived, outputs)


def through(replicas: list[Replica], load: Load, balancing: Balancing, progress: Progress | None) -> None:
    """Serve a load that comes by itself; the replicas write into their journal."""
    count = len(load.input_tokens)
    for request, arrival in enumerate(load.arrival_s):
        if balancing is Balancing.LEAST_LOADED:
            for replica in replicas:
                replica.advance(arrival)
        chosen = _chosen(replicas, balancing, load, request, arrival)
        chosen.advance(arrival)
        chosen.push(request)
        if request % TOLD_EVERY == 0:
            tell(progress, request / count)
    told = 0
    for replica in replicas:
        while replica.in_flight:
            replica.step(float("inf"))
            done = sum(each.done for each in replicas)
            if done - told >= TOLD_EVERY:
                told = done
                tell(progress, done / count)


def _closed(replicas: list[Replica], load: Load, balancing: Balancing, progress: Progress | None) -> None:
    """Users who send one request after the other, to whichever replica the balancing says."""
    count, journal = len(load.input_tokens), replicas[0].journal
    users = min(load.closed, count)
    starts = load.arrival_s if len(load.arrival_s) >= users else [0.0] * users
    coming = [float(start) for start in starts[:users]]
    heapq.heapify(coming)
    sent = done = told = 0
    while done < count:
        behind = min((one for one in replicas if one.in_flight), key=lambda one: one.now, default=None)
        if coming and sent < count and (behind is None or coming[0] <= behind.now):
            arrival = heapq.heappop(coming)
            journal.arrived[sent] = arrival
            chosen = _chosen(replicas, balancing, load, sent, arrival)
            chosen.now = max(chosen.now, arrival)
            chosen.push(sent)
            sent += 1
            continue
        if behind is None:
            return
        before = behind.done
        behind.step(coming[0] if coming and sent < count else float("inf"))
        for _ in range(behind.done - before):
            think = load.think_s[(sent + len(coming)) % len(load.think_s)] if load.think_s else 0.0
            heapq.heappush(coming, behind.now + think)
        done += behind.done - before
        if done - told >= TOLD_EVERY or done == count:
            told = done
            tell(progress, done / count)


def _chosen(replicas: list[Replica], balancing: Balancing, load: Load, request: int, arrival: float) -> Replica:
    """The replica that gets a request."""
    if balancing is Balancing.LEAST_LOADED:
        return min(replicas, key=lambda replica: (replica.load_at(arrival), replica.turn))
    turn = load.affinity[request] if balancing is Balancing.PREFIX_AWARE and load.affinity else request
    return replicas[turn % len(replicas)]


def tell(progress: Progress | None, share: float) -> None:
    """Report the share done.

    Raises:
        Cancelled: when the answer is no.
    """
    if progress is not None and not progress(share):
        raise Cancelled


def poisson(rate: float, count: int, seed: int) -> list[float]:
    """Arrival times of ``count`` requests at ``rate`` per second, the same for the same seed. [s]"""
    gaps = np.random.default_rng(seed).exponential(1.0 / rate, count)
    result: list[float] = np.cumsum(gaps).tolist()
    return result
