"""One replica with continuous batching and chunked prefill, event by event.

Decoding requests advance by one token each step; what is left of the step's token budget goes to prompts, first come first
served. A request is admitted when a slot is free and its cache at full length fits. Steps without prompts are taken
together up to the next arrival or completion, so the cost is per event, not per token.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from gpuplanner.engine.simulate.table import StepTable


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits of a replica: slots, tokens of cache, tokens a step may carry; ``reads`` False: prompts come read already."""

    slots: int
    cache_tokens: float
    step_tokens: int
    reads: bool = True


@dataclass(slots=True)
class Journal:
    """Lengths of all requests, and when each came, had its first token and ended. [s]  Replicas write into it."""

    input_tokens: Sequence[int]
    output_tokens: Sequence[int]
    arrived: list[float]
    first: list[float]
    ended: list[float]

    @classmethod
    def of(cls, input_tokens: Sequence[int], output_tokens: Sequence[int], arrived: Sequence[float]) -> Journal:
        """Nothing served yet; arrivals that aren't known yet are filled in as they come."""
        count = len(input_tokens)
        known = [*arrived, *[0.0] * (count - len(arrived))]
        return cls(input_tokens, output_tokens, known, [0.0] * count, [0.0] * count)


class Replica:
    """The state of one replica; whoever drives it pushes requests and lets it advance."""

    def __init__(self, table: StepTable, rules: Rules, journal: Journal) -> None:
        self.table, self.rules, self.journal = table, rules, journal
        self.now = 0.0
        self.steps = 0
        self.waiting: deque[int] = deque()
        self.prompts: deque[list[float]] = deque()  # [request, prompt tokens left]
        self.decoding: list[tuple[int, int]] = []  # heap of (step in which it ends, request)
        self.cached = 0.0
        self.in_flight = 0
        self.done = 0
        self.left: deque[float] = deque(maxlen=rules.slots)  # when the last requests ended
        self.turn = 0  # the last request that came

    def push(self, request: int) -> None:
        """A request comes; it joins at the next step."""
        self.waiting.append(request)
        self.in_flight += 1
        self.turn = request

    def load_at(self, time: float) -> int:
        """Requests here at a time at which a step may still be under way: its own end first when it ends."""
        still = 0
        for ended in reversed(self.left):
            if ended <= time:
                break
            still += 1
        return self.in_flight + still

    def advance(self, until: float) -> None:
        """Work up to the end of the step under way at that time; with nothing to do, wait for it."""
        while self.now < until:
            if not self.in_flight:
                self.now = until
                return
            self.step(until)

    def step(self, until: float) -> None:
        """The next step that carries prompts, or decode steps up to the next completion or that time."""
        self._admit()
        if self.prompts:
            self._prompt_step()
        else:
            self._decode_steps(until)

    def _admit(self) -> None:
        lengths = self.journal
        while self.waiting and len(self.prompts) + len(self.decoding) < self.rules.slots:
            request = self.waiting[0]
            tokens = lengths.input_tokens[request] + lengths.output_tokens[request]
            if self.cached + tokens > self.rules.cache_tokens and (self.prompts or self.decoding):
                return
            self.waiting.popleft()
            self.cached += tokens
            if self.rules.reads:
                self.prompts.append([request, lengths.input_tokens[request]])
            else:
                heapq.heappush(self.decoding, (self.steps + max(1, lengths.output_tokens[request] - 1), request))

    def _prompt_step(self) -> None:
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
        later = self.table.later_s(len(self.decoding), taken)
        self.now += self.table.time_s(len(self.decoding), taken)
        self.steps += 1
        self._complete()
        for request in finished:
            self.prompts.popleft()
            self.journal.first[request] = self.now + later
            if self.journal.output_tokens[request] <= 1:
                self._end(request)
            else:
                heapq.heappush(self.decoding, (self.steps + self.journal.output_tokens[request] - 1, request))

    def _decode_steps(self, until: float) -> None:
        each = self.table.time_s(len(self.decoding), 0.0)
        steps = self.decoding[0][0] - self.steps
        if until < self.now + steps * each:
            steps = max(1, min(steps, int((until - self.now) / each) + 1))
        self.now += steps * each
        self.steps += steps
        self._complete()

    def _complete(self) -> None:
        while self.decoding and self.decoding[0][0] <= self.steps:
            self._end(heapq.heappop(self.decoding)[1])

    def _end(self, request: int) -> None:
        journal = self.journal
        journal.ended[request] = max(self.now, journal.first[request])
        self.cached -= journal.input_tokens[request] + journal.output_tokens[request]
        self.in_flight -= 1
        self.done += 1
        self.left.append(self.now)
