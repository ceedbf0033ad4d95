"""Step times of one layout as a table, so that a simulation looks them up instead of computing them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.own.apply import own_pace
from gpuplanner.engine.point import Point
from gpuplanner.engine.speed.pace import pace_of

PREFILL_POINTS = 25


@dataclass(frozen=True, slots=True)
class StepTable:
    """Time of a step. [s]  Rows are decoding requests from 0 up, columns prompt tokens at ``prefill``, linear between.

    ``later`` is how much longer than the step its prompts take through the stages of a pipeline; empty where there is one stage.
    """

    prefill: tuple[float, ...]
    seconds: tuple[tuple[float, ...], ...]
    later: tuple[tuple[float, ...], ...] = ()

    def time_s(self, decoding: int, prompt_tokens: float) -> float:
        """Time of a step.

        Args:
            decoding: requests that decode one token each; no more than the table's last row.
            prompt_tokens: within the token budget the table was made for.
        """
        return self._between(self.seconds[decoding], prompt_tokens)

    def later_s(self, decoding: int, prompt_tokens: float) -> float:
        """How much later than the end of such a step its prompts are through."""
        return self._between(self.later[decoding], prompt_tokens) if self.later else 0.0

    def _between(self, row: tuple[float, ...], prompt_tokens: float) -> float:
        if prompt_tokens <= 0:
            return row[0]
        right = min(bisect_right(self.prefill, prompt_tokens), len(self.prefill) - 1)
        left = right - 1
        share = (prompt_tokens - self.prefill[left]) / (self.prefill[right] - self.prefill[left])
        return row[left] + share * (row[right] - row[left])


def step_tokens(point: Point) -> float:
    """Tokens that all stages together take up while every request advances by one."""
    return point.batched_tokens * float(point.rows.pipeline_parallel[0])


def step_table(point: Point, most: int) -> StepTable:
    """Tabulate a layout for up to ``most`` decoding requests.

    A pipeline's stages work on shares of the batch and on different prompts at the same time, so a row holds the time in which
    every request advances by a token, and its columns reach as many step budgets as there are stages. One prompt, or what the
    budget lets through of it, passes the stages as a whole: it makes one share's step longer, and is through after all stages.
    """
    stages = float(point.rows.pipeline_parallel[0])
    top = max(step_tokens(point), 17.0)
    prefill = np.unique(np.concatenate([[0.0, 1.0], np.geomspace(16.0, top, PREFILL_POINTS)]))
    decoding = np.arange(most + 1, dtype=float)[:, None] / stages
    one = max(point.request.uncached_tokens, 1.0)
    pieces = np.clip(prefill / min(one, point.batched_tokens), 1.0, stages)
    each = (prefill / pieces)[None, :]
    prompts = each / one
    pace = pace_of(point.request, point.model)
    own = own_pace(point.model.inputs)  # what the user's own measurements make of it
    shape = (most + 1, len(prefill))
    plain = np.broadcast_to(own * pace.time_s(decoding, 0.0, 0.0), shape)
    mixed = np.broadcast_to(own * pace.time_s(decoding, each, prompts), shape)
    carrying = np.where(prefill > 0, pieces, 0.0)
    seconds = (stages - carrying) * plain + carrying * mixed
    later = (stages - carrying) * (mixed - plain) if stages > 1 else np.zeros((0, 0))
    return StepTable(tuple(prefill.tolist()), _tuples(seconds), _tuples(later))


def _tuples(values: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in values.tolist())
