"""Distinct values, as numpy finds them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.engine.arrays import distinct, distinct_with_first

VALUES = st.lists(st.integers(-5, 5) | st.floats(-1e6, 1e6), max_size=40).map(lambda found: np.array(found, dtype=float))


@given(VALUES)
def test_distinct(values: np.ndarray) -> None:
    assert np.array_equal(distinct(values), np.unique(values))


@given(VALUES)
def test_first_occurrences(values: np.ndarray) -> None:
    found, first = distinct_with_first(values)
    expected, expected_first = np.unique(values, return_index=True)
    assert np.array_equal(found, expected)
    assert np.array_equal(first, expected_first)
