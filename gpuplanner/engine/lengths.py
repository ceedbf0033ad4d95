"""Lengths that differ from request to request: what their spread does to means, cache and percentiles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner.scenario.document import Workload

Floats = NDArray[np.float64]
ATOMS: Final = 64  # equal shares a log-normal length is taken apart into


@dataclass(frozen=True, slots=True)
class Spread:
    """How lengths differ. Factors are standard deviations or quantiles over the mean.

    ``held_tokens`` is what a decoding request holds on average [tokens]: long answers decode longer, so they weigh more; None
    where all are alike.
    """

    input_cv: float = 0.0
    output_cv: float = 0.0
    full_cv: float = 0.0
    input_quantile: float = 1.0
    output_quantile: float = 1.0
    held_tokens: float | None = None


ALIKE: Final = Spread()


@dataclass(frozen=True, slots=True)
class Means:
    """Mean lengths in tokens, and their spread."""

    input_tokens: int
    output_tokens: int
    spread: Spread


def means_of(workload: Workload, percentile: float) -> Means:
    """Mean lengths of a workload; a histogram takes the place of single lengths."""
    if not workload.mix and not workload.input_spread and not workload.output_spread:
        return Means(workload.input_tokens, workload.output_tokens, ALIKE)
    bars = tuple((bar.input_tokens, bar.output_tokens, bar.share) for bar in workload.mix)
    bars = bars or ((workload.input_tokens, workload.output_tokens, 1.0),)
    return _means(bars, workload.input_spread, workload.output_spread, percentile)


@lru_cache(maxsize=64)
def _means(bars: tuple[tuple[int, int, float], ...], input_cv: float, output_cv: float, percentile: float) -> Means:
    lengths = np.array(bars, dtype=float)
    shares = lengths[:, 2] / lengths[:, 2].sum()
    inputs, outputs = lengths[:, 0], lengths[:, 1]
    mean_in, mean_out = float(shares @ inputs), float(shares @ outputs)
    square_in = float(shares @ inputs**2) * (1 + input_cv**2)
    square_out = float(shares @ outputs**2) * (1 + output_cv**2)
    both = float(shares @ (inputs * outputs))
    full_variance = square_in + square_out + 2 * both - (mean_in + mean_out) ** 2
    spread = Spread(
        input_cv=_cv(square_in, mean_in),
        output_cv=_cv(square_out, mean_out),
        full_cv=float(np.sqrt(max(0.0, full_variance))) / (mean_in + mean_out),
        input_quantile=_quantile(inputs, shares, input_cv, percentile) / mean_in,
        output_quantile=_quantile(outputs, shares, output_cv, percentile) / mean_out,
        held_tokens=(both + square_out / 2) / mean_out,
    )
    return Means(max(1, round(mean_in)), max(1, round(mean_out)), spread)


def _cv(square: float, mean: float) -> float:
    return float(np.sqrt(max(0.0, square / mean**2 - 1)))


def _quantile(lengths: Floats, shares: Floats, cv: float, percentile: float) -> float:
    """Of a mixture of log-normal lengths; between the atoms it's taken apart into."""
    if cv == 0:
        order = np.argsort(lengths)
        return float(lengths[order][np.searchsorted(np.cumsum(shares[order]), percentile - 1e-12)])
    sigma = float(np.sqrt(np.log1p(cv**2)))
    if len(lengths) == 1:
        return float(lengths[0] * np.exp(sigma * NormalDist().inv_cdf(percentile) - sigma**2 / 2))
    normal = NormalDist()
    steps = np.array([normal.inv_cdf((place + 0.5) / ATOMS) for place in range(ATOMS)])
    atoms = (lengths[:, None] * np.exp(sigma * steps - sigma**2 / 2)).ravel()
    weights = np.repeat(shares / ATOMS, ATOMS)
    order = np.argsort(atoms)
    return float(np.interp(percentile, np.cumsum(weights[order]) - weights[order] / 2, atoms[order]))
