"""Which of many points are beaten by no other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_SAMPLE = 64  # strong points that thin out the rest first


def undominated(costs: Floats) -> NDArray[np.int64]:
    """Rows that no other row matches or beats in every column; of equal rows the first.

    Args:
        costs: (points, measures), less is better; infinity is allowed.

    Returns:
        Indices, ascending.
    """
    left: Any = np.lexsort(costs.T[::-1])
    rest = costs[left]
    order = np.argsort(_rank_sum(rest), kind="stable")
    left, rest = left[order], rest[order]
    place = 0
    while place < len(rest):
        keep = (rest < rest[place]).any(axis=1)
        keep[place] = True
        left, rest = left[keep], rest[keep]
        place = int(keep[:place].sum()) + 1
    found: NDArray[np.int64] = np.sort(left)
    return found


def _rank_sum(costs: Floats) -> Floats:
    """Columns on one scale, so that points good in all of them come first and thin out the rest early."""
    finite = np.where(np.isfinite(costs), costs, np.nan)
    top = np.nanmax(finite, axis=0) if len(costs) else np.ones(costs.shape[1])
    scaled: Floats = np.log(np.maximum(np.where(np.isfinite(costs), costs, 2 * np.nan_to_num(top, nan=1.0)), 1e-12)).sum(axis=1)
    return scaled
