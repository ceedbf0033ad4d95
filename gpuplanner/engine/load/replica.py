"""One replica of a plan, ready to be timed under any load."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.point import Point, Setup, point
from gpuplanner.engine.request import Request
from gpuplanner.engine.result import Plan
from gpuplanner.engine.speed.serving import reusing
from gpuplanner.scenario.document import Scenario


def replica_of(scenario: Scenario, catalog: Catalog, plan: Plan, request: Request) -> Point:
    """The plan's own configuration.

    Args:
        scenario: what was asked.
        catalog: what is known.
        plan: one that runs.
        request: the scenario, resolved.
    """
    asked = scenario.deployment
    setup = Setup(
        model=request.model,
        weights=request.weights,
        kv=catalog.precisions[scenario.precision.kv_cache],
        gpu=catalog.gpus[plan.gpu_id],
        engine=request.engine,
        tensor_parallel=plan.tensor_parallel,
        pipeline_parallel=plan.pipeline_parallel,
        attention_copies=plan.attention_copies,
        memory_utilization=asked.memory_utilization,
        max_batched_tokens=asked.max_batched_tokens,
        max_seqs=asked.max_seqs,
    )
    return point(setup, catalog, request)


def settled(replica: Point, batch: float) -> Point:
    """The same at so many requests in flight, with what it finds again of conversations taken off its prompts."""
    request = replica.request
    if request.reuse is None:
        return replica
    pipeline, budget = replica.rows.pipeline_parallel[:, None].astype(float), np.array([[replica.batched_tokens]])
    asked, model, _ = reusing(request, request.reuse, replica.model, np.array([[batch]]), pipeline, budget)
    cached, cv, longest = (
        float(np.ravel(value)[0]) for value in (asked.cached_tokens, asked.spread.input_cv, asked.spread.input_quantile)
    )
    spread = replace(asked.spread, input_cv=cv, input_quantile=longest)
    return replace(replica, request=replace(asked, cached_tokens=cached, spread=spread), model=model)


def most_requests(replica: Point) -> float:
    """Requests in flight that a replica takes at once: what its cache holds at full length, and the engine's own limit."""
    return max(1.0, min(replica.requests_fit, replica.max_seqs))
