"""Prefill on some replicas and decode on others: the ratio searched, and what it brings."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any, Final

import numpy as np

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.load.replica import most_requests, replica_of
from gpuplanner.engine.point import Point
from gpuplanner.engine.request import Request, resolve
from gpuplanner.engine.result import Code, Plan, Unit
from gpuplanner.engine.speed.pace import pace_of
from gpuplanner.engine.speed.waiting import mean_wait_s, queue_wait_s
from gpuplanner.scenario.document import Scenario

Values = Any
MOST_BUSY: Final = 0.9  # prefill replicas are kept below it whatever the target
POINTS: Final = 64
_MANY: Final = 1e9


@formula(
    "planner.transfer",
    result="t_x",
    text="S · k ÷ (β_l · η_l)",
    unit=Unit.SECONDS,
    reference=(
        "The prompt's cache goes from the GPU that read it to the one that writes on (DistServe, arXiv 2401.09670, section 3.3)"
    ),
    symbols={
        "tokens": Symbol("S", "term.input_tokens_moved", Unit.TOKENS),
        "each": Symbol("k", "term.kv_bytes_per_token", Unit.BYTES),
        "link": Symbol("β_l", "term.link_bandwidth", Unit.BYTES_PER_SECOND),
        "efficiency": Symbol("η_l", "term.link_efficiency", Unit.SHARE),
    },
)
def transfer_s(tokens: Values, each: Values, link: Values, efficiency: Values) -> Values:
    """Time to move a prompt's cache from GPU to GPU. [s]"""
    return tokens * each / (link * efficiency)


@dataclass(frozen=True, slots=True)
class Split:
    """Replicas that only read prompts and replicas that only write, of the plan's own layout.

    Times in seconds, ``ttft`` and ``tpot`` at the scenario's percentile; ``transfer`` is in ``ttft``. ``together`` is the GPUs of
    the plan without spares, for comparison.
    """

    prefill: int
    decode: int
    gpus: int
    together: int
    ttft: float
    ttft_mean: float
    tpot: float
    transfer: float
    prefill_busy: float
    decode_batch: float
    codes: tuple[Code, ...]


def split(scenario: Scenario, catalog: Catalog, plan: Plan) -> Split | None:
    """The fewest replicas of each kind that carry the plan's load within the targets.

    Args:
        scenario: what was asked.
        catalog: what is known.
        plan: one that runs.

    Returns:
        None where a batch is worked through, or the targets can't be met in this way at this layout.
    """
    request = resolve(scenario, catalog)
    rate = plan.figures["request_rate"].value if plan.memory is not None else None
    if rate is None or (request.concurrency is None and not request.comes_by_itself):
        return None
    replica = replica_of(scenario, catalog, plan, request)
    targets = scenario.targets
    moved = _transfer(replica, plan)
    prefill = _prefill(replica, request, rate, moved, targets.ttft_s)
    decode = _decode(replica, request, rate, targets.tpot_s)
    if prefill is None or decode is None:
        return None
    readers, ttft, ttft_mean, busy = prefill
    writers, tpot, batch = decode
    gpus, together = (readers + writers) * plan.gpus_per_replica, plan.replicas * plan.gpus_per_replica
    code = "split.fewer" if gpus < together else "split.as_many" if gpus == together else "split.more"
    told = Code(code, {"prefill": readers, "decode": writers, "gpus": abs(gpus - together)})
    return Split(readers, writers, gpus, together, ttft, ttft_mean, tpot, moved, busy, batch, (told,))


def _transfer(replica: Point, plan: Plan) -> float:
    """Within a server over the fast link where there is one, else over PCIe, which network cards hang on too."""
    fleet, request = replica.fleet, replica.request
    near = bool(fleet.fast_link[0]) and 2 * plan.gpus_per_replica <= int(fleet.domain[0])
    link, share = (fleet.fast_link, fleet.fast_link_share) if near else (fleet.slow_link, fleet.slow_link_share)
    each = float(replica.rows.kv_per_request[0]) / request.full_tokens
    return float(transfer_s(request.input_tokens, each, max(float(link[0]), 1.0), float(share[0])))


def _prefill(
    replica: Point, request: Request, rate: float, moved: float, limit: float | None
) -> tuple[int, float, float, float] | None:
    """Replicas, first token at the percentile and on average, and how busy they are."""
    stages, tokens = float(replica.rows.pipeline_parallel[0]), request.uncached_tokens
    chunks = max(1.0, tokens / replica.batched_tokens)
    alone = chunks * replica.prefill_s(tokens / chunks, 1.0 / chunks)
    service = alone / stages  # stages work on different prompts
    beside = float(replica.model.inputs["request_overhead"][0, 0]) + moved + alone
    first = max(1, ceil(rate * service / MOST_BUSY))
    for count in (*range(first, first + 16), 2 * first + 16, 4 * first + 16):
        busy = rate * service / count
        variation = 1 + request.spread.input_cv**2
        late = beside + float(queue_wait_s(_MANY, busy, request.percentile, service, variation))
        if limit is None or late <= limit:
            return count, late, beside + float(mean_wait_s(_MANY, busy, service, variation)), busy
    return None


def _decode(replica: Point, request: Request, rate: float, limit: float | None) -> tuple[int, float, float] | None:
    """Replicas, time per token, and requests that each of them writes at once."""
    stages, pace = float(replica.rows.pipeline_parallel[0]), pace_of(request, replica.model)
    batch = np.geomspace(1.0, most_requests(replica), POINTS)
    step = np.ravel(stages * pace.time_s(batch[None, :] / stages, 0.0, 0.0)) / pace.gain
    carried = np.maximum.accumulate(batch / (max(1, request.output_tokens - 1) * step))
    within = carried if limit is None else carried[step <= limit]
    if len(within) == 0:
        return None
    count = max(1, ceil(rate / float(within[-1]) - 1e-9))
    held = float(np.interp(rate / count, carried, batch))
    return count, float(np.interp(held, batch, step)), held
