"""Replicas whose batches start and end together, batch by batch."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from gpuplanner.engine.simulate.replica import Journal
from gpuplanner.engine.simulate.run import TOLD_EVERY, Load, Progress, Served, served_of, tell
from gpuplanner.engine.simulate.table import StepTable


@dataclass(frozen=True, slots=True)
class Batches:
    """``size`` requests at most start together, ``delay_s`` after the first could; a step reads ``step_tokens``.

    Each step gives ``gain`` tokens.
    """

    size: int
    delay_s: float
    step_tokens: int
    gain: float = 1.0


def simulate_together(
    table: StepTable, batches: Batches, load: Load, progress: Progress | None = None, *, replicas: int = 1
) -> Served:
    """Serve a load: whoever comes while a batch runs waits for its end, and all of a batch for its longest answer.

    Args:
        table: step times of a replica.
        batches: how they form.
        load: requests in order of arrival, or users who send one after the other.
        progress: called with the share done; its answer False cancels.
        replicas: how many take batches from one queue.

    Raises:
        Cancelled: when ``progress`` said so.
    """
    count = len(load.input_tokens)
    journal = Journal.of(load.input_tokens, load.output_tokens, () if load.closed else load.arrival_s)
    free = [0.0] * replicas
    heapq.heapify(free)
    coming = list(load.arrival_s[: load.closed or count])
    heapq.heapify(coming)
    waiting: deque[int] = deque()
    paces = [0.0] * count
    sent = done = told = 0
    while done < count:
        ready = heapq.heappop(free)
        first = waiting[0] if waiting else None
        opens = max(ready, coming[0] if first is None else journal.arrived[first]) + batches.delay_s
        sent = _let_in(coming, waiting, journal, sent, opens, batches.size)
        if not waiting:
            heapq.heappush(free, opens)
            continue
        full = len(waiting) >= batches.size
        batch = [waiting.popleft() for _ in range(min(len(waiting), batches.size))]
        start = max(ready, max(journal.arrived[one] for one in batch)) if full else opens
        end, pace = _run(table, batches, journal, batch, start)
        for one in batch:
            paces[one] = pace
        heapq.heappush(free, end)
        done += len(batch)
        if load.closed:
            _come_again(coming, load, sent, len(batch), end)
        if done - told >= TOLD_EVERY or done == count:
            told = done
            tell(progress, done / count)
    found = served_of(journal, load.output_tokens)
    order = np.argsort(np.array(journal.arrived), kind="stable")
    return replace(found, tpot_s=np.array(paces)[order])  # answers come whole: the pace is that of the steps


def _let_in(coming: list[float], waiting: deque[int], journal: Journal, sent: int, opens: float, size: int) -> int:
    """Put those in the queue who come before a batch opens, as long as it has room: how many were sent by then."""
    while coming and sent < len(journal.arrived) and coming[0] <= opens and len(waiting) < size:
        journal.arrived[sent] = heapq.heappop(coming)
        waiting.append(sent)
        sent += 1
    return sent


def _come_again(coming: list[float], load: Load, sent: int, count: int, end: float) -> None:
    """Users who were answered at ``end`` send their next request once they have thought."""
    for place in range(count):
        pause = load.think_s[(sent + place) % len(load.think_s)] if load.think_s else 0.0
        heapq.heappush(coming, end + pause)


def _run(table: StepTable, batches: Batches, journal: Journal, batch: list[int], start: float) -> tuple[float, float]:
    """Read all prompts, then write until the longest answer is done: its end, and the time of a step. [s]"""
    prompts = float(sum(journal.input_tokens[one] for one in batch))
    steps = max(1.0, prompts / batches.step_tokens)
    part = prompts / steps
    first = start + steps * (table.time_s(0, part) + table.later_s(0, part))
    longest = max(journal.output_tokens[one] for one in batch)
    pace = table.time_s(len(batch), 0.0) / batches.gain
    end = first + max(0, longest - 1) * pace
    for one in batch:
        journal.first[one] = first
        journal.ended[one] = end
    return end, pace
