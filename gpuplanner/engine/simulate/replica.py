"""One replica with continuous batching and chunked prefill, event by event.

Decoding requests advance by one token each step; what is left of the step's token budget goes to prompts, first come first
served. A request is admitted when a slot is free and its cache at full length fits. Steps without prompts are taken
together up to
the next arrival or completion, so the cost is per event, not per token.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.simulate.table import StepTable

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits of a replica: slots, tokens of cache, tokens a step may carry."""

    slots: int
    cache_tokens: float
    step_tokens: int


@dataclass(frozen=True, slots=True)
class Load:
    """Requests in order of arrival: times in seconds, lengths in tokens.

    With ``closed`` above 0 so many are in flight, and a new one arrives when an earlier one ends.
    """

    arrival_s: Sequence[float]
    input_tokens: Sequence[int]
    output_tokens: Sequence[int]
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Served:
    """What each request saw, in the order of arrival. [s]"""

    ttft_s: Floats
    tpot_s: Floats
    e2e_s: Floats
    duration_s: float
    output_tokens: int

    @property
    def throughput_tok_s(self) -> float:
        """Output tokens per second over the whole run."""
        return self.output_tokens / self.duration_s


class Cancelled(Exception):
    """The caller asked to stop."""


class Replica:
    """The state of a run; :func:`simulate` drives it."""

    def __init__(self, table: StepTable, rules: Rules, load: Load) -> None:
        self.table, self.rules, self.load = table, rules, load
        count = len(load.input_tokens)
        self.arrived = list(load.arrival_s)
        self.first = [0.0] * count
        self.ended = [0.0] * count
        self.now = 0.0
        self.steps = 0
        self.next = 0  # the next request to arrive
        self.waiting: deque[int] = deque()
        self.prompts: deque[list[float]] = deque()  # [request, prompt tokens left]
        self.decoding: list[tuple[int, int]] = []  # heap of (step in which it ends, request)
        self.cached = 0.0

    def run(self, progress: Callable[[float], bool] | None) -> None:
        """Serve every request; ``progress`` is told the share done and answers whether to go on."""
        count = len(self.first)
        done = 0
        while done < count:
            self._arrive()
            self._admit()
            if not self.prompts and not self.decoding:
                self.now = self.arrived[self.next]
                continue
            done += self._prompt_step() if self.prompts else self._decode_steps()
            if progress is not None and not progress(done / count):
                raise Cancelled

    def _arrive(self) -> None:
        closed = self.load.closed
        while self.next < len(self.first):
            if closed:
                in_flight = len(self.waiting) + len(self.prompts) + len(self.decoding)
                if in_flight >= closed:
                    return
                self.arrived[self.next] = self.now
            elif self.arrived[self.next] > self.now:
                return
            self.waiting.append(self.next)
            self.next += 1

    def _admit(self) -> None:
        while self.waiting and len(self.prompts) + len(self.decoding) < self.rules.slots:
            request = self.waiting[0]
            tokens = self.load.input_tokens[request] + self.load.output_tokens[request]
            if self.cached + tokens > self.rules.cache_tokens and (self.prompts or self.decoding):
                return
            self.waiting.popleft()
            self.cached += tokens
            self.prompts.append([request, self.load.input_tokens[request]])

    def _prompt_step(self) -> int:
        room = float(max(1, self.rules.step_tokens - len(self.decoding)))
        taken = 0.0
        finished = []
        for prompt in self.prompts:
            part = min(prompt[1], room - taken)
            if part <= 0:
                break
            prompt[1] -= part
            taken += part
            if prompt[1] <= 0:
                finished.append(int(prompt[0]))
        self.now += self.table.time_s(len(self.decoding), taken)
        self.steps += 1
        ended = self._complete()
        for request in finished:
            self.prompts.popleft()
            self.first[request] = self.now
            if self.load.output_tokens[request] <= 1:
                ended += self._end(request)
            else:
                heapq.heappush(self.decoding, (self.steps + self.load.output_tokens[request] - 1, request))
        return ended

    def _decode_steps(self) -> int:
        each = self.table.time_s(len(self.decoding), 0.0)
        steps = self.decoding[0][0] - self.steps
        if not self.load.closed and self.next < len(self.first):
            steps = max(1, min(steps, int((self.arrived[self.next] - self.now) / each) + 1))
        self.now += steps * each
        self.steps += steps
        return self._complete()

    def _complete(self) -> int:
        ended = 0
        while self.decoding and self.decoding[0][0] <= self.steps:
            ended += self._end(heapq.heappop(self.decoding)[1])
        return ended

    def _end(self, request: int) -> int:
        self.ended[request] = self.now
        self.cached -= self.load.input_tokens[request] + self.load.output_tokens[request]
        return 1


def simulate(table: StepTable, rules: Rules, load: Load, progress: Callable[[float], bool] | None = None) -> Served:
    """Serve a load on one replica.

    Args:
        table: step times; must reach ``rules.slots`` decoding requests and ``rules.step_tokens`` prompt tokens.
        rules: limits of the replica.
        load: requests in order of arrival.
        progress: called with the share done; its answer False cancels.

    Raises:
        Cancelled: when ``progress`` said so.
    """
    replica = Replica(table, rules, load)
    replica.run(progress)
    arrived, first, ended = (np.array(values) for values in (replica.arrived, replica.first, replica.ended))
    outputs = np.array(load.output_tokens)
    return Served(
        ttft_s=first - arrived,
        tpot_s=(ended - first) / np.maximum(outputs - 1, 1),
        e2e_s=ended - arrived,
        duration_s=float(ended.max() - arrived.min()),
        output_tokens=int(outputs.sum()),
    )


def poisson(rate: float, count: int, seed: int) -> list[float]:
    """Arrival times of ``count`` requests at ``rate`` per second, the same for the same seed. [s]"""
    gaps = np.random.default_rng(seed).exponential(1.0 / rate, count)
    result: list[float] = np.cumsum(gaps).tolist()
    return result
