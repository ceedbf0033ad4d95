"""Times of a plan along its load, from one request a replica to twice what it holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.apart.candidates import held_at, loads_of
from gpuplanner.engine.apart.pools import Pools, pools_of
from gpuplanner.engine.load.replica import most_requests
from gpuplanner.engine.point import Point
from gpuplanner.engine.request import Request
from gpuplanner.engine.result import Plan, PoolPlan
from gpuplanner.engine.speed.serving import Serving, serve
from gpuplanner.engine.speed.waiting import backlog_s

Floats = NDArray[np.float64]
POINTS: Final = 48  # up to saturation
BEYOND: Final = np.array([1.05, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0])  # past it, in requests in flight
_TIMES: Final = ("ttft", "ttft_mean", "tpot", "tpot_mean", "e2e", "e2e_mean")
_WAITED: Final = ("ttft", "ttft_mean", "e2e", "e2e_mean")


class Timed(Protocol):
    """A plan along its load."""

    @property
    def in_flight(self) -> Floats:
        """Requests in flight of all replicas, ascending."""

    @property
    def held(self) -> int:
        """The place of saturation among them."""

    def times(self, percentile: float) -> dict[str, Floats]:
        """Times at a percentile and on average [s], and ``rate`` [req/s] of all replicas."""


def timed_of(plan: Plan, replica: Point, request: Request) -> Timed:
    """The plan, whose replicas each do both, or only read or only write."""
    if plan.pools is not None:
        return _Apart(replica, request, plan.pools)
    return _Together(replica, request, plan.replicas)


@dataclass(frozen=True)
class _Together:
    """What doesn't fit waits for a slot."""

    replica: Point
    request: Request
    replicas: int

    @cached_property
    def batch(self) -> Floats:
        """Requests in flight per replica: evenly in ratio up to what it holds, then past it."""
        most = most_requests(self.replica)
        below = np.geomspace(1.0, most, POINTS) if most > 1 else np.ones(1)
        below[-1] = most
        return np.concatenate([below, most * BEYOND])

    @property
    def in_flight(self) -> Floats:
        """Of all replicas."""
        return self.batch * self.replicas

    @property
    def held(self) -> int:
        """What fits at once."""
        return int(np.searchsorted(self.batch, most_requests(self.replica)))

    def times(self, percentile: float) -> dict[str, Floats]:
        """At a percentile and on average."""
        asked = _at(self.request, percentile)
        held = np.minimum(self.batch, most_requests(self.replica))
        pipeline = self.replica.rows.pipeline_parallel[:, None].astype(float)
        served = serve(asked, self.replica.model, held[None, :], pipeline, np.array([[self.replica.batched_tokens]]))
        found = _rows(served, len(held))
        wait = backlog_s(self.batch, held, found["e2e_mean"])
        waiting = {name: found[name] + wait for name in _WAITED}
        return found | waiting | {"rate": self.replicas * np.maximum.accumulate(found["rate"])}


@dataclass(frozen=True)
class _Apart:
    """Either kind of replica may be the one that ends it."""

    replica: Point
    request: Request
    plan: PoolPlan

    @cached_property
    def pools(self) -> Pools:
        """The layout's times on either side."""
        one, budget = self.replica, np.array([[self.replica.batched_tokens]])
        return pools_of(self.request, one.fleet, one.rows, one.model, budget)

    @cached_property
    def rates(self) -> Floats:
        """Requests per second up to the most that gets through."""
        most = np.array([[most_requests(self.replica)]])
        return loads_of(self.pools, np.array([[float(self.plan.prefill)]]), np.array([[float(self.plan.decode)]]), most, POINTS)

    @cached_property
    def in_flight(self) -> Floats:
        """Little's law below saturation; past it the rate stays."""
        below = self.rates[0] * self._served(self.request).e2e_mean[0]
        return np.concatenate([below, below[-1] * BEYOND])

    @property
    def held(self) -> int:
        """The most that gets through."""
        return POINTS - 1

    def _served(self, request: Request) -> Serving:
        pools = replace(self.pools, request=request)
        held = held_at(pools, self.rates / self.plan.decode, np.array([[most_requests(self.replica)]]))
        return pools.serving(held, self.rates, float(self.plan.prefill), float(self.plan.decode))

    def times(self, percentile: float) -> dict[str, Floats]:
        """At a percentile and on average."""
        found = _rows(self._served(_at(self.request, percentile)), POINTS)
        whole = {name: np.concatenate([values, np.full(len(BEYOND), values[-1])]) for name, values in found.items()}
        rate = np.concatenate([self.rates[0], np.full(len(BEYOND), self.rates[0, -1])])
        wait = np.concatenate([np.zeros(POINTS), self.in_flight[POINTS:] - self.in_flight[POINTS - 1]]) / rate[-1]
        return whole | {name: whole[name] + wait for name in _WAITED} | {"rate": rate}


def _at(request: Request, percentile: float) -> Request:
    return replace(request, percentile=percentile, z=NormalDist().inv_cdf(percentile))


def _rows(served: Serving, count: int) -> dict[str, Floats]:
    def row(values: Any) -> Floats:
        whole: Floats = np.broadcast_to(np.asarray(values, dtype=float), (1, count))[0]
        return whole

    return {name: row(getattr(served, name)) for name in _TIMES} | {"rate": row(served.request_rate)}
