"""Latency and throughput of a plan against the load: where targets stop holding, and where no more gets through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.figures import Tally, limits_of
from gpuplanner.engine.load.replica import replica_of
from gpuplanner.engine.load.timed import timed_of
from gpuplanner.engine.load.verdict import verdict_of
from gpuplanner.engine.request import Request, resolve
from gpuplanner.engine.result import Plan, Unit, Verdict
from gpuplanner.scenario.document import Scenario

Floats = NDArray[np.float64]
PERCENTILES: Final = (0.5, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Band:
    """A figure along the load, with its range."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class LoadPoint:
    """A load: requests in flight, and requests served per second, of all replicas."""

    in_flight: float
    rate: float


@dataclass(frozen=True, slots=True)
class LoadCurve:
    """What a plan does from one request a replica to twice what it can hold.

    ``in_flight`` and ``rate`` [req/s] are the load of all replicas; past ``saturation`` more in flight brings no more rate, and
    the rest waits. ``ttft``, ``tpot``, ``e2e`` [s] hold a band for ``mean``, ``p50``, ``p90``, ``p95`` and ``p99``;
    ``throughput`` is in output tokens per second. ``busy`` is the rate as a share of that at saturation. ``knee`` is the load up
    to which the targets hold, None where they never do, and ``limit`` names what ends it. ``headroom`` 0.3 means that 30 % more
    than ``now`` still holds.
    """

    gpu_id: str
    in_flight: Floats
    rate: Floats
    ttft: Mapping[str, Band]
    tpot: Mapping[str, Band]
    e2e: Mapping[str, Band]
    throughput: Band
    busy: Floats
    saturation: LoadPoint
    knee: LoadPoint | None
    limit: str
    now: LoadPoint
    headroom: float
    verdict: Verdict


def load_curve(scenario: Scenario, catalog: Catalog, plan: Plan) -> LoadCurve:
    """The curve of a plan that serves text.

    Args:
        scenario: what was asked.
        catalog: what is known.
        plan: one of its plans, that runs.

    Raises:
        CannotEstimateError: when the scenario can't be estimated.
        ValueError: when the plan doesn't run.
    """
    if plan.memory is None or not scenario.workload.kind.writes:
        raise ValueError(plan.gpu_id)
    request = resolve(scenario, catalog)
    timed = timed_of(plan, replica_of(scenario, catalog, plan, request), request)
    at = {f"p{round(share * 100)}": timed.times(share) for share in PERCENTILES}
    asked = timed.times(request.percentile)
    in_flight, rate = timed.in_flight, asked["rate"]
    family = catalog.gpus[plan.gpu_id].family
    tally = Tally(scenario, catalog, request)

    def band(figure: str, values: Floats) -> Band:
        unit = tally.ranged(figure, figure, 1.0, Unit.SECONDS, family)
        return Band(values, values * (unit.low or 1.0), values * (unit.high or 1.0))

    def bands(name: str, figure: str) -> dict[str, Band]:
        means = {"mean": band(figure, asked[f"{name}_mean"])}
        return means | {key: band(figure, values[name]) for key, values in at.items()}

    held = timed.held
    saturation = LoadPoint(float(in_flight[held]), float(rate[held]))
    knee, limit = _knee(scenario, asked, in_flight[: held + 1], rate[: held + 1])
    now = _now(request, plan, in_flight, rate)
    verdict, _ = verdict_of(request, now.in_flight / saturation.in_flight, _served(request, now, saturation))
    return LoadCurve(
        gpu_id=plan.gpu_id,
        in_flight=in_flight,
        rate=rate,
        ttft=bands("ttft", "ttft"),
        tpot=bands("tpot", "tpot"),
        e2e=bands("e2e", "tpot"),
        throughput=band("throughput", rate * request.output_tokens),
        busy=rate / saturation.rate,
        saturation=saturation,
        knee=knee,
        limit=limit,
        now=now,
        headroom=_headroom(request, knee, now),
        verdict=verdict,
    )


def _knee(scenario: Scenario, times: Mapping[str, Floats], in_flight: Floats, rate: Floats) -> tuple[LoadPoint | None, str]:
    """The last load at which every target holds, and the figure that ends it."""
    reach, limit = len(rate) - 1.0, "saturation"
    for key, most in limits_of(scenario.targets).items():
        found = crossing(times[key][: len(rate)], most)
        if found < reach:
            reach, limit = found, key
    if reach < 0:
        return None, limit
    places = np.arange(len(rate))
    return LoadPoint(float(np.interp(reach, places, in_flight)), float(np.interp(reach, places, rate))), limit


def crossing(values: Floats, most: float) -> float:
    """Place, counted in points, at which rising values pass a limit; below 0 where the first one does."""
    over = np.flatnonzero(values > most)
    if len(over) == 0:
        return len(values) - 1.0
    first = int(over[0])
    if first == 0:
        return -1.0
    return first - 1 + float((most - values[first - 1]) / (values[first] - values[first - 1]))


def _now(request: Request, plan: Plan, in_flight: Floats, rate: Floats) -> LoadPoint:
    """The scenario's own load on the curve; a rate beyond saturation has no end of requests in flight."""
    if request.rate is not None:
        if request.rate > rate[-1]:
            return LoadPoint(float("inf"), float(rate[-1]))
        return LoadPoint(float(np.interp(request.rate, rate, in_flight)), request.rate)
    if request.users is not None:
        users = in_flight + rate * request.think_s
        return LoadPoint(float(np.interp(request.users, users, in_flight)), float(np.interp(request.users, users, rate)))
    inside = request.concurrency if request.concurrency is not None else float(plan.batch * plan.replicas)
    return LoadPoint(inside, float(np.interp(inside, in_flight, rate)))


def _served(request: Request, now: LoadPoint, saturation: LoadPoint) -> float:
    """The load as a share of the most that gets through."""
    if request.users is not None:
        return request.users / (saturation.in_flight + saturation.rate * request.think_s)
    return (request.rate or now.rate) / saturation.rate


def _headroom(request: Request, knee: LoadPoint | None, now: LoadPoint) -> float:
    """How much more load holds, as a share of the load now; -1 where the targets hold at none."""
    if knee is None:
        return -1.0
    if request.rate is not None:
        return knee.rate / request.rate - 1.0
    if request.users is not None:
        return (knee.in_flight + knee.rate * request.think_s) / request.users - 1.0
    return knee.in_flight / now.in_flight - 1.0
