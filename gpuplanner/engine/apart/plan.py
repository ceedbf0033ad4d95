"""What a plan with prefill apart shows of its two kinds of replicas."""

from __future__ import annotations

from gpuplanner.engine.layout.candidates import Candidates
from gpuplanner.engine.result import PoolPlan


def pools_at(found: Candidates, row: int, column: int) -> PoolPlan | None:
    """The two kinds of replicas of a candidate; None where every replica does both."""
    apart = found.apart
    if apart is None:
        return None
    readers, writers, rate = (float(values[row, column]) for values in (apart.readers, apart.writers, apart.rate))
    replicas, near = readers + writers, float(apart.pools.near[row, 0])
    way = apart.pools.moved_near if replicas <= near else apart.pools.moved_far
    return PoolPlan(
        prefill=int(readers),
        decode=int(writers),
        rate=rate,
        busy=float(found.serving.busy[row, column]),
        transfer_s=float(way[row, 0]),
        fast_link=replicas <= near,
    )
