"""Sorted distinct values of small arrays: ``np.unique`` loads numpy's masked arrays first, and takes three times as long."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """Each value once, ascending; NaN isn't expected."""
    placed = np.sort(values, axis=None)
    return placed[_starts(placed)]


def distinct_with_first(values: NDArray[Number]) -> tuple[NDArray[Number], NDArray[np.intp]]:
    """Each value once, ascending, and the index of its first occurrence."""
    order = np.argsort(values, kind="stable")
    placed = values[order]
    starts = _starts(placed)
    return placed[starts], order[starts]


def _starts(placed: NDArray[Number]) -> NDArray[np.bool_]:
    starts = np.ones(len(placed), dtype=np.bool_)
    np.not_equal(placed[1:], placed[:-1], out=starts[1:])
    return starts
