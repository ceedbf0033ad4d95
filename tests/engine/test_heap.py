"""Memory that the allocator keeps between estimates."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from gpuplanner.engine.heap import keep_freed


@pytest.mark.skipif(sys.platform != "linux", reason="page faults are counted as glibc makes them")
def test_arrays_are_not_given_back_and_fetched_again():
    import resource

    def faults() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(50):
            [np.ones(20_000) for _ in range(20)]  # as large as an estimate's
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    keep_freed()
    faults()
    assert faults() < 50 * 40  # every array anew would be 40,000
