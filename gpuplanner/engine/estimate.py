"""The one arrow: a scenario and the catalogue go in, an estimate comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isnan

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.precision import Execution
from gpuplanner.engine.apart.candidates import can_be_apart
from gpuplanner.engine.apart.plan import pools_at
from gpuplanner.engine.architecture.shares import kv_elements_per_gpu
from gpuplanner.engine.caution import caution
from gpuplanner.engine.choice import RUNS, chosen, passed_over, preference
from gpuplanner.engine.figures import Tally, figures, status_of
from gpuplanner.engine.fleet import Fleet, fleet
from gpuplanner.engine.layout.candidates import Candidates
from gpuplanner.engine.layout.remedies import why_not
from gpuplanner.engine.layout.rows import Overrides, Rows
from gpuplanner.engine.load.headroom import Headroom, headroom
from gpuplanner.engine.load.reuse import reuse_plans
from gpuplanner.engine.load.verdict import verdict_of
from gpuplanner.engine.memory.formulas import kv_cache_bytes, limit_bytes, spread_requests
from gpuplanner.engine.notes import besides, mix_covers, mix_note
from gpuplanner.engine.own.correction import own_runs
from gpuplanner.engine.request import CannotEstimateError, Request, resolve
from gpuplanner.engine.result import Code, Estimate, Memory, MemoryPart, Plan, Quantity, Status, Unit, Verdict
from gpuplanner.engine.search import beside_together, best_of, overrides_of, searched
from gpuplanner.scenario.document import Scenario, WorkloadKind


def estimate(scenario: Scenario, catalog: Catalog) -> Estimate:
    """Plan the scenario on every GPU of the catalogue.

    Args:
        scenario: what was asked.
        catalog: what is known.

    Returns:
        A plan for each GPU, best first; the same arguments give the same estimate, bit for bit.
    """
    if scenario.workload.kind.trains:
        from gpuplanner.engine.training.plans import training_estimate  # serving alone needn't wait for it

        return training_estimate(scenario, catalog)
    if scenario.workload.kind.passes:
        from gpuplanner.engine.passes.plans import passes_estimate

        return passes_estimate(scenario, catalog)
    try:
        request = resolve(scenario, catalog)
    except CannotEstimateError as error:
        return Estimate(refusal=error.code)
    every = fleet(catalog, request.weights, request.engine)
    overrides = overrides_of(scenario)
    wary = caution(scenario, catalog, request, every)
    found, both = searched(scenario, request, every, wary)
    best = best_of(scenario, found, every, wary)
    plans = _plans(Tally(scenario, catalog, request), every, found, best, overrides)
    if both is not None:
        plans = beside_together(plans, scenario, both, every, wary)
    plans = [replace(plan, warnings=(*plan.warnings, *said)) if (said := besides(plan, scenario)) else plan for plan in plans]
    plans.sort(key=_order(scenario, catalog))
    answer = Estimate(
        plans=tuple(plans),
        chosen=chosen(scenario.deployment.gpu, plans),
        warnings=(
            *_warnings(scenario, request),
            *passed_over(scenario, plans, catalog),
        ),
        params_total=request.model.params_total or request.operators.total_params,
        params_active=request.model.params_active or request.operators.active_params,
        kv_bytes_per_token=kv_elements_per_gpu(request.operators, 1, request.full_tokens) * request.kv_bytes,
        candidates=found.count,
    )
    return _with_mix(answer, scenario, catalog)


def _plans(tally: Tally, every: Fleet, found: Candidates, best: NDArray[np.int64], overrides: Overrides) -> list[Plan]:
    """A plan for each GPU: its best candidate, or why there is none."""
    request = tally.request
    room = headroom(request, found, best, tally.scenario.targets)
    again = reuse_plans(request, found, best)
    plans = []
    for gpu in range(len(every.gpus)):
        if best[gpu] < 0:
            plans.append(_impossible(request, every, found, overrides, gpu))
        else:
            plan = _loaded(_plan(tally, every, found, gpu, int(best[gpu])), request, room, gpu)
            plans.append(replace(plan, reuse=again[gpu]) if again[gpu] else plan)
    return plans


def _with_mix(answer: Estimate, scenario: Scenario, catalog: Catalog) -> Estimate:
    """The answer with how a second kind of GPU would share the load, where one is asked for."""
    if scenario.deployment.second_gpu is None or scenario.workload.kind is not WorkloadKind.SERVE:
        return answer
    from gpuplanner.engine.planner.mixed import mixed, taken  # a seldom wish

    mix = mixed(scenario, catalog, answer)
    if mix is None:
        return replace(answer, warnings=(*answer.warnings, Code("warning.no_mix")))
    notes = mix_note(mix, catalog, scenario.money.currency), *mix_covers(mix, catalog)
    return replace(answer, mix=mix, plans=taken(answer, mix), warnings=(*answer.warnings, *notes))


def _plan(tally: Tally, every: Fleet, found: Candidates, gpu: int, flat: int) -> Plan:
    row, column = divmod(flat, found.serving.throughput.shape[1])
    rows = found.rows
    tp, pp = int(rows.tensor_parallel[row]), int(rows.pipeline_parallel[row])
    replicas, spare = int(found.replicas[row, column]), int(found.spare[row, column])
    batch = int(found.serving.batch[row, column])
    memory = _memory(tally, every, found.rows, row, batch)
    total = (replicas + spare) * tp * pp
    values = figures(tally, every, found, row, column, total, memory)
    way = every.executions[gpu]
    return Plan(
        gpu_id=every.gpus[gpu].id,
        status=status_of(values, tally.scenario),
        tensor_parallel=tp,
        pipeline_parallel=pp,
        attention_copies=int(rows.attention_copies[row]),
        replicas=replicas,
        spare_replicas=spare,
        servers=int(found.servers[row, column]),
        bought_gpus=int(found.bought[row, column]),
        batch=batch,
        compute_format=way.compute_format if way else "",
        fallback=_fallback(tally.request, way),
        memory=memory,
        figures=values,
        reasons=tally.misses(values),
        warnings=(*_tight(values["memory_per_gpu"], memory), *_plan_warnings(tally.request, every, gpu, tp)),
        pools=pools_at(found, row, column),
    )


def _loaded(plan: Plan, request: Request, room: Headroom, gpu: int) -> Plan:
    """The plan with its verdict on the load."""
    more = float(room.more[gpu])
    if isnan(more):
        return replace(plan, verdict=Verdict.STABLE)
    verdict, warning = verdict_of(request, float(room.held[gpu]), float(room.served[gpu]))
    figure = Quantity("headroom", more, Unit.SHARE)
    warnings = plan.warnings if warning is None else (*plan.warnings, warning)
    return replace(plan, verdict=verdict, figures={**plan.figures, "headroom": figure}, warnings=warnings)


def _tight(need: Quantity, memory: Memory) -> tuple[Code, ...]:
    """Whether the cautious end of the need passes what the engine may use: requests would then wait or be evicted."""
    if need.high is None or need.high <= memory.limit_bytes:
        return ()
    return (Code("warning.tight", {"need_bytes": need.high, "limit_bytes": memory.limit_bytes}),)


def _fallback(request: Request, way: Execution | None) -> Code | None:
    if way is None or not way.is_fallback:
        return None
    code = "fallback.weight_only" if way.weight_only else "fallback.format"
    return Code(code, {"precision": request.weights.name, "format": way.compute_format.upper()})


def _plan_warnings(request: Request, every: Fleet, gpu: int, tensor_parallel: int) -> tuple[Code, ...]:
    card, port = every.gpus[gpu], every.ports[gpu]
    codes = []
    if port is not None and port != request.engine.id:
        codes.append(Code("warning.port", {"engine": port}))
    if card.usable_is_estimated:
        codes.append(Code("warning.usable_estimated"))
    if card.tflops_derived_from_ratio:
        codes.append(Code("warning.rate_derived"))
    if tensor_parallel > 1 and not (every.fast_link[gpu] and tensor_parallel <= every.domain[gpu]):
        codes.append(Code("warning.over_pcie", {"tensor_parallel": tensor_parallel}))
    runs = own_runs(request.own, card.id)
    if runs:
        codes.append(Code("warning.own", {"runs": runs}))
    return tuple(codes)


def _memory(tally: Tally, every: Fleet, rows: Rows, row: int, batch: int) -> Memory:
    request = tally.request
    gpu = int(rows.gpu[row])
    usable = float(every.usable[gpu])
    utilization = tally.scenario.deployment.memory_utilization or float(every.utilization[gpu])
    held = spread_requests(batch, max(0.0, request.z), request.spread.full_cv)
    kv = float(
        kv_cache_bytes(held, request.full_tokens, request.profile.block_tokens, float(rows.kv_elements[row]), request.kv_bytes)
    )
    parts = {
        MemoryPart.WEIGHTS: float(rows.weights[row]),
        MemoryPart.KV_CACHE: kv,
        MemoryPart.ACTIVATIONS: float(rows.activations[row] + batch * rows.activations_each[row]),
        MemoryPart.ENGINE: float(rows.engine[row]),
        MemoryPart.COMMUNICATION: float(rows.communication[row]),
    }
    fit = int(rows.requests_fit[row])
    pool = max(0.0, float(rows.pool[row] - batch * rows.activations_each[row]))
    return Memory(
        parts=parts,
        usable_bytes=usable,
        limit_bytes=float(limit_bytes(utilization, usable)),
        kv_pool_bytes=pool,
        kv_tokens_fit=int(pool / (rows.kv_per_request[row] / request.full_tokens)),
        requests_fit=fit,
    )


def _impossible(request: Request, every: Fleet, found: Candidates, overrides: Overrides, gpu: int) -> Plan:
    reasons, remedies = why_not(request, every, found, overrides, gpu)
    return Plan(gpu_id=every.gpus[gpu].id, status=Status.IMPOSSIBLE, reasons=reasons, remedies=remedies)


def _order(scenario: Scenario, catalog: Catalog) -> Callable[[Plan], tuple[float, ...]]:
    def key(plan: Plan) -> tuple[float, ...]:
        if plan.status is Status.IMPOSSIBLE:
            return (RUNS[plan.status],)
        latency = plan.figures["e2e_mean"].value or 0.0
        return (RUNS[plan.status], _overshoot(plan), *preference(scenario, catalog.gpus[plan.gpu_id], plan, latency))

    return key


def _overshoot(plan: Plan) -> float:
    """How many times the worst missed target is exceeded; of those off target the nearest comes first."""
    ratios = [
        float(str(code.params["value_s"])) / float(str(code.params["limit_s"]))
        for code in plan.reasons
        if "limit_s" in code.params
    ]
    return round(max(ratios, default=1.0), 2)


def _warnings(scenario: Scenario, request: Request) -> tuple[Code, ...]:
    codes = []
    limit = request.model.max_context
    if limit is not None and request.full_tokens > limit:
        codes.append(Code("warning.beyond_context", {"length_tokens": request.full_tokens, "limit_tokens": limit}))
    if request.model.shape_is_assumed:
        codes.append(Code("warning.shape_assumed", {"model": request.model.name}))
    if scenario.serving.disaggregated and scenario.workload.kind is WorkloadKind.SERVE and not can_be_apart(request):
        codes.append(Code("warning.not_apart", {"engine": request.engine.name}))
    wanted = scenario.deployment.tensor_parallel
    if wanted is not None and request.operators.heads % wanted:
        codes.append(Code("warning.degree_illegal", {"tensor_parallel": wanted, "heads": request.operators.heads}))
    return tuple(codes)
