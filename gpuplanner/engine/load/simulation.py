"""A plan under its load, request by request: the percentiles, and the closed form's figures beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.load.curve import PERCENTILES
from gpuplanner.engine.load.draws import Ints, drawn_lengths
from gpuplanner.engine.load.replica import most_requests, replica_of, settled
from gpuplanner.engine.own.apply import corrected_run
from gpuplanner.engine.point import Point
from gpuplanner.engine.request import Request, resolve
from gpuplanner.engine.result import Plan, PoolPlan
from gpuplanner.engine.simulate.apart import Stages, simulate_apart
from gpuplanner.engine.simulate.replica import Rules
from gpuplanner.engine.simulate.run import Load, Served, poisson, simulate
from gpuplanner.engine.simulate.table import step_table, step_tokens
from gpuplanner.engine.simulate.together import Batches, simulate_together
from gpuplanner.engine.speed.pace import pace_of
from gpuplanner.engine.speed.whole import delay_of
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.serving import Batching

Floats = NDArray[np.float64]
MOST_REPLICAS: Final = 16  # that many run side by side; more of them behave alike
MOST_POOLED: Final = 48  # of both kinds, where prefill runs apart
MOST_REQUESTS: Final = 200_000
BINS: Final = 40
JITTER: Final = 0.03  # of answers whose length isn't said to vary
WARM_UP: Final = 0.2  # of the requests, until as many end as come
COOL_DOWN: Final = 0.1
OVERRUN: Final = 1.1  # stable while the end of the arrivals isn't outrun by so much


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a time spreads over the requests. [s]  ``counts`` of requests lie between neighbouring ``edges``."""

    mean: float
    p50: float
    p90: float
    p95: float
    p99: float
    edges: Floats
    counts: NDArray[np.int64]

    def at(self, percentile: float) -> float:
        """The time at a percentile, from the histogram where it isn't one of the four. [s]"""
        known = dict(zip(PERCENTILES, (self.p50, self.p90, self.p95, self.p99), strict=True))
        if percentile in known:
            return known[percentile]
        whole = np.concatenate([[0], np.cumsum(self.counts)]) / max(1, int(self.counts.sum()))
        return float(np.interp(percentile, whole, self.edges))


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """What the requests of a simulation saw, warm-up left out.

    ``throughput`` in output tokens and ``request_rate`` in requests per second are of all replicas of the plan; ``simulated``
    of them ran. ``closed_form`` holds the plan's own figures under ``ttft_mean``, ``ttft``, ``tpot_mean``, ``tpot``,
    ``e2e_mean``, ``e2e``, ``throughput``. ``stable`` says whether the replicas kept up with the arrivals.
    """

    ttft: Distribution
    tpot: Distribution
    e2e: Distribution
    throughput: float
    request_rate: float
    requests: int
    duration_s: float
    replicas: int
    simulated: int
    closed_form: Mapping[str, float]
    stable: bool


def simulate_plan(
    scenario: Scenario,
    catalog: Catalog,
    plan: Plan,
    requests: int = 10_000,
    seed: int = 1,
    progress: Callable[[float], bool] | None = None,
) -> SimulationResult:
    """Simulate a plan that serves text.

    Args:
        scenario: what was asked.
        catalog: what is known.
        plan: one of its plans, that runs.
        requests: how many are served; at most :data:`MOST_REQUESTS`.
        seed: the same one gives the same run.
        progress: told the share done; its answer False cancels.

    Raises:
        Cancelled: when ``progress`` said so.
        CannotEstimateError: when the scenario can't be estimated.
        ValueError: when the plan doesn't run.
    """
    if plan.memory is None or not scenario.workload.kind.writes:
        raise ValueError(plan.gpu_id)
    request = resolve(scenario, catalog)
    replica = settled(replica_of(scenario, catalog, plan, request), float(plan.batch))
    count = max(1, min(requests, MOST_REQUESTS))
    if plan.pools is not None:
        return _of_pools(scenario, plan, plan.pools, replica, (count, seed), progress)
    side_by_side = min(plan.replicas, MOST_REPLICAS)
    load = _load(request, plan, drawn_lengths(scenario.workload, count, seed), side_by_side, seed)
    most = int(most_requests(replica))
    if request.serving.batching is not Batching.CONTINUOUS:
        gain = pace_of(request, replica.model).gain
        batches = Batches(most, delay_of(request), int(step_tokens(replica)), gain)
        served = simulate_together(step_table(replica, most), batches, load, progress, replicas=side_by_side)
        served, share = corrected_run(served, replica.model.inputs), plan.replicas / side_by_side
        return _result(replica, plan, load, served, share, side_by_side)
    rules = Rules(most, replica.requests_fit * request.full_tokens, int(step_tokens(replica)))
    served = simulate(
        step_table(replica, most), rules, load, progress, replicas=side_by_side, balancing=scenario.serving.balancing
    )
    return _result(replica, plan, load, corrected_run(served, replica.model.inputs), plan.replicas / side_by_side, side_by_side)


def _of_pools(
    scenario: Scenario,
    plan: Plan,
    pools: PoolPlan,
    replica: Point,
    drawn: tuple[int, int],
    progress: Callable[[float], bool] | None,
) -> SimulationResult:
    """Prefill apart. Requests of users, too, come at random at the rate of the plan: many of them hardly wait for each other."""
    count, seed = drawn
    whole = pools.prefill + pools.decode
    share = min(1.0, MOST_POOLED / whole)
    readers, writers = (max(1, round(number * share)) for number in (pools.prefill, pools.decode))
    part = min(readers / pools.prefill, writers / pools.decode)
    lengths = drawn_lengths(scenario.workload, count, seed)
    load = _at_rate(pools.rate * part, _uncached(replica.request, lengths[0], plan, seed), lengths[1].tolist(), seed)
    most = int(most_requests(replica))
    rules = Rules(most, replica.requests_fit * replica.request.full_tokens, int(step_tokens(replica)))
    stages = Stages(readers, writers, pools.transfer_s)
    served = simulate_apart(step_table(replica, most), rules, load, stages, scenario.serving.balancing, progress)
    return _result(replica, plan, load, corrected_run(served, replica.model.inputs), 1.0 / part, readers + writers)


def _at_rate(rate: float, inputs: list[int], outputs: list[int], seed: int) -> Load:
    """Requests that come by themselves."""
    holders = np.random.default_rng((seed, 2)).integers(0, 1 << 30, len(inputs)).tolist()
    return Load(poisson(rate, len(inputs), seed), inputs, outputs, affinity=holders)


def _uncached(request: Request, lengths: Ints, plan: Plan, seed: int) -> list[int]:
    """What is to be read of each prompt; a conversation that comes back finds its cache or doesn't."""
    found = np.full(len(lengths), request.cached_tokens / request.input_tokens)
    if request.reuse is not None and plan.reuse is not None:
        lucky = np.random.default_rng((seed, 5)).random(len(lengths)) < plan.reuse.kept
        found = found + lucky * request.reuse.history / request.input_tokens
    read: list[int] = np.maximum(1, np.rint(lengths * (1 - found))).astype(int).tolist()
    return read


def _load(request: Request, plan: Plan, lengths: tuple[Ints, Ints], replicas: int, seed: int) -> Load:
    """The share of the load that falls to the replicas simulated."""
    inputs, outputs = _uncached(request, lengths[0], plan, seed), lengths[1].tolist()
    if not request.spread.output_cv and request.serving.batching is Batching.CONTINUOUS:
        outputs = _apart(outputs, seed)
    if request.rate is not None:
        return _at_rate(request.rate * replicas / plan.replicas, inputs, outputs, seed)
    share = replicas / plan.replicas
    holders = np.random.default_rng((seed, 2)).integers(0, 1 << 30, len(inputs)).tolist()
    if request.users is not None:
        each = max(1, min(round(request.users * share), len(inputs)))
        pauses = np.random.default_rng((seed, 4)).exponential(request.think_s, len(inputs))
        starts = np.random.default_rng((seed, 3)).uniform(0, request.think_s + (plan.figures["e2e_mean"].value or 1.0), each)
        return Load(starts.tolist(), inputs, outputs, closed=each, think_s=pauses.tolist(), affinity=holders)
    asked = request.concurrency * share if request.concurrency is not None else float(plan.batch * replicas)
    each = max(1, min(round(asked), len(inputs)))
    starts = np.linspace(0, plan.figures["e2e_mean"].value or 1.0, each, endpoint=False)
    return Load(starts.tolist(), inputs, outputs, closed=each, affinity=holders)


def _apart(outputs: list[int], seed: int) -> list[int]:
    """Answers of exactly one length would end in step with each other for ever; a little keeps them apart."""
    factors = np.random.default_rng((seed, 6)).normal(1.0, JITTER, len(outputs))
    varied: list[int] = np.maximum(1, np.rint(np.array(outputs) * factors)).astype(int).tolist()
    return varied


def _result(replica: Point, plan: Plan, load: Load, served: Served, share: float, replicas: int) -> SimulationResult:
    """``share``: how many times as many requests come to the whole plan as to the ``replicas`` simulated."""
    count = len(served.ttft_s)
    steady = slice(int(count * WARM_UP), max(int(count * WARM_UP) + 1, int(count * (1 - COOL_DOWN))))
    beside = float(replica.model.inputs["request_overhead"][0, 0])  # spent outside the replica
    arrived = served.arrived_s[steady]
    ended = served.arrived_s + served.e2e_s
    inside = (ended > arrived[0]) & (ended <= arrived[-1]) if len(arrived) > 1 else np.ones(count, dtype=bool)
    span = float(arrived[-1] - arrived[0]) or float(served.e2e_s[steady].max())
    longest = float(np.percentile(served.e2e_s[: count // 2 + 1], 99))
    names = ("ttft_mean", "ttft", "tpot_mean", "tpot", "e2e_mean", "e2e", "throughput")
    return SimulationResult(
        ttft=_distribution(served.ttft_s[steady] + beside),
        tpot=_distribution(served.tpot_s[steady]),
        e2e=_distribution(served.e2e_s[steady] + beside),
        throughput=share * float(served.output_tokens[inside].sum()) / span,
        request_rate=share * float(inside.sum()) / span,
        requests=count,
        duration_s=served.duration_s,
        replicas=plan.replicas,
        simulated=replicas,
        closed_form={name: plan.figures[name].value or 0.0 for name in names},
        stable=bool(load.closed) or served.duration_s <= OVERRUN * (served.arrived_s[-1] + longest),
    )


def _distribution(times: Floats) -> Distribution:
    marks: Any = np.percentile(times, [100 * share for share in PERCENTILES])
    top = max(float(np.percentile(times, 99.5)), float(times.min()) * 1.001 + 1e-12)
    edges = np.linspace(float(times.min()), top, BINS + 1)
    counts, _ = np.histogram(np.minimum(times, top), edges)
    p50, p90, p95, p99 = (float(mark) for mark in marks)
    return Distribution(float(times.mean()), p50, p90, p95, p99, edges, counts)
