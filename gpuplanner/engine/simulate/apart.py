"""Requests through replicas that only read and then through replicas that only write."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gpuplanner.engine.simulate.replica import Journal, Replica, Rules
from gpuplanner.engine.simulate.run import Load, Progress, Served, through
from gpuplanner.engine.simulate.table import StepTable
from gpuplanner.scenario.serving import Balancing


@dataclass(frozen=True, slots=True)
class Stages:
    """How many replicas there are of each kind, and how long a prompt's cache is on its way. [s]"""

    readers: int
    writers: int
    moved_s: float


def simulate_apart(
    table: StepTable, rules: Rules, load: Load, stages: Stages, balancing: Balancing, progress: Progress | None = None
) -> Served:
    """Serve a load that comes by itself.

    Args:
        table: step times of a replica.
        rules: its limits.
        load: requests in order of arrival.
        stages: the two kinds.
        balancing: which replica of a kind gets a request.
        progress: called with the share done; its answer False cancels.

    Raises:
        Cancelled: when ``progress`` said so.
    """
    count = len(load.input_tokens)
    arrived = np.array(load.arrival_s)
    reading = Journal.of(load.input_tokens, [1] * count, load.arrival_s)
    through([Replica(table, rules, reading) for _ in range(stages.readers)], load, balancing, _part(progress, 0.0))
    first = np.array(reading.first) + stages.moved_s
    order = np.argsort(first, kind="stable")
    inputs, outputs = (np.array(lengths)[order].tolist() for lengths in (load.input_tokens, load.output_tokens))
    affinity = np.array(load.affinity)[order].tolist() if load.affinity else ()
    handed = replace(load, arrival_s=first[order].tolist(), input_tokens=inputs, output_tokens=outputs, affinity=affinity)
    writing = Journal.of(inputs, outputs, handed.arrival_s)
    only = replace(rules, reads=False)
    through([Replica(table, only, writing) for _ in range(stages.writers)], handed, balancing, _part(progress, 0.5))
    ended = np.empty(count)
    ended[order] = writing.ended
    lengths = np.array(load.output_tokens)
    return Served(first - arrived, (ended - first) / np.maximum(lengths - 1, 1), ended - arrived, arrived, lengths)


def _part(progress: Progress | None, start: float) -> Progress | None:
    """Half of the whole."""
    if progress is None:
        return None
    return lambda share: progress(start + share / 2)
