"""Ranges from residuals: what measurements were, over what had been predicted for them, by figure, family and runtime."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from gpuplanner.catalog.schema.calibration import Calibration, RangeFactor

LOW_SHARE: Final = 0.1
HIGH_SHARE: Final = 0.9
LEAST_ROWS: Final = 5  # fewer rows make no entry of their own
BORROWED_ROWS: Final = 12  # a special range leans on the general one as if it had lent so many rows
LEAST_WIDTH: Final = 0.01  # published figures are rounded
BETWEEN: Final = 0.25  # variance between sources over that within them, as leaving one out in turn tells it


@dataclass(frozen=True, slots=True)
class Residual:
    """Measured over predicted of one row.

    ``key`` is figure, family, runtime; ``group`` what is left out together; ``source`` who measured, "" where nobody
    looked.
    """

    key: tuple[str, str, str]
    group: str
    ratio: float
    source: str = ""


def ranges(residuals: Iterable[Residual]) -> dict[str, RangeFactor]:
    """Factors from the 10th to the 90th percentile for every figure, figure.family and figure.family.runtime.

    Special quantiles are drawn towards the general ones, the more the fewer rows they stand on. Rows of few sources share what
    those did alike: an unseen one lies further out by the variance between sources.
    """
    found_in: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    by_name: defaultdict[tuple[str, ...], list[float]] = defaultdict(list)
    for residual in residuals:
        for depth in (1, 2, 3):
            by_name[residual.key[:depth]].append(np.log(residual.ratio))
            found_in[residual.key[:depth]].add(residual.source)
    found: dict[tuple[str, ...], tuple[float, float]] = {}
    out: dict[str, RangeFactor] = {}
    for name in sorted(by_name, key=lambda key: (len(key), key)):
        logs = by_name[name]
        if len(logs) < LEAST_ROWS and len(name) > 1:
            continue
        low, high = (edge * _unseen(found_in[name]) for edge in _edges(logs))
        parent = found.get(name[:-1])
        if parent is not None:
            own = len(logs) / (len(logs) + BORROWED_ROWS)
            low, high = own * low + (1 - own) * parent[0], own * high + (1 - own) * parent[1]
        found[name] = (low, high)
        out[".".join(name)] = RangeFactor(low=round(float(np.exp(low)), 4), high=round(float(np.exp(high)), 4), rows=len(logs))
    return out


def held_out_share(residuals: Sequence[Residual]) -> dict[str, float]:
    """Share of measurements inside ranges made without their own group, by figure and (under "") over all.

    This is what unseen measurements can expect.
    """
    inside: defaultdict[str, list[bool]] = defaultdict(list)
    for group in sorted({residual.group for residual in residuals}):
        rest = [residual for residual in residuals if residual.group != group]
        if not rest:
            continue
        calibration = Calibration.model_construct(constants={}, ranges=ranges(rest))
        for residual in residuals:
            if residual.group == group and residual.key[0] in calibration.ranges:
                factor, _ = calibration.range(*residual.key)
                hit = factor.low <= residual.ratio <= factor.high
                inside[residual.key[0]].append(hit)
                inside[""].append(hit)
    return {figure: sum(hits) / len(hits) for figure, hits in sorted(inside.items())}


def _unseen(sources: set[str]) -> float:
    """How much further an unseen source lies out than rows of these; 1 where nobody looked who measured."""
    return 1.0 if "" in sources else float(np.sqrt(1.0 + BETWEEN / len(sources)))


def _edges(logs: Sequence[float]) -> tuple[float, float]:
    """Quantiles a little beyond the plain ones, as a small sample's 10th percentile lies inside the true one."""
    count = len(logs)
    slack = 1.0 / (count + 1)
    low, high = np.quantile(logs, [max(0.0, LOW_SHARE - slack), min(1.0, HIGH_SHARE + slack)])
    return min(float(low), -LEAST_WIDTH), max(float(high), LEAST_WIDTH)


def merged(general: Mapping[str, RangeFactor], special: Mapping[str, RangeFactor]) -> dict[str, RangeFactor]:
    """Both, the special ones first where both have a name, in the order of the names."""
    return dict(sorted({**general, **special}.items()))
