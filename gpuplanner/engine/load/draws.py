"""Requests drawn at random as the workload describes them, the same for the same seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gpuplanner.scenario.document import Workload

Ints = NDArray[np.int64]


def drawn_lengths(workload: Workload, count: int, seed: int) -> tuple[Ints, Ints]:
    """Input and output tokens of so many requests.

    Bars of a histogram are drawn by their shares; around each length it spreads log-normally with the workload's standard
    deviation over mean.
    """
    draw = np.random.default_rng((seed, 1))
    if workload.mix:
        shares = np.array([bar.share for bar in workload.mix])
        bars = draw.choice(len(shares), count, p=shares / shares.sum())
        inputs = np.array([bar.input_tokens for bar in workload.mix], dtype=float)[bars]
        outputs = np.array([bar.output_tokens for bar in workload.mix], dtype=float)[bars]
    else:
        inputs, outputs = np.full(count, float(workload.input_tokens)), np.full(count, float(workload.output_tokens))
    return _spread(inputs, workload.input_spread, draw), _spread(outputs, workload.output_spread, draw)


def _spread(lengths: NDArray[np.float64], spread: float, draw: np.random.Generator) -> Ints:
    """Log-normal around each length, its mean kept."""
    variance = np.log1p(spread**2)
    factors = draw.lognormal(-variance / 2, np.sqrt(variance), len(lengths))
    drawn: Ints = np.maximum(1, np.rint(lengths * factors)).astype(np.int64)
    return drawn
