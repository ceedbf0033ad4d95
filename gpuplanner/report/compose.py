"""From scenario, estimate and catalogue to the content of a quote."""

from __future__ import annotations

from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.explain import explain
from gpuplanner.engine.result import Code, Estimate, Explanation, Plan, Quantity, Status
from gpuplanner.errors import InputError
from gpuplanner.report import phrases
from gpuplanner.report.answer import spoken
from gpuplanner.report.content import (
    Figure,
    Metadata,
    Option,
    QuoteContent,
    Verdict,
)
from gpuplanner.report.footnotes import footnotes
from gpuplanner.report.names import gpu_name, model_name
from gpuplanner.report.plain import one_line
from gpuplanner.report.pricing import lines, total
from gpuplanner.report.settings import assumptions, deployment
from gpuplanner.scenario.document import Scenario, WorkloadKind

_TILES: Final = 6
_TIMES: Final = frozenset(("ttft", "tpot", "batch_time"))
_OPTIONS: Final = 3
_TRAINING_TILES: Final = ("purchase", "memory_per_gpu", "trained_params", "checkpoint", "tokens_per_step", "power")
_TILE_KEYS: Final = {
    WorkloadKind.SERVE: ("purchase", "ttft", "tpot", "throughput", "memory_per_gpu", "power", "cost_per_million", "e2e"),
    WorkloadKind.BATCH: ("purchase", "batch_time", "throughput", "memory_per_gpu", "cost_per_million", "power", "request_rate"),
    WorkloadKind.TUNE: _TRAINING_TILES,
    WorkloadKind.TRAIN: _TRAINING_TILES,
}
_OPTION_KEYS: Final = {
    WorkloadKind.SERVE: ("ttft", "tpot", "purchase"),
    WorkloadKind.BATCH: ("batch_time", "throughput", "purchase"),
    WorkloadKind.TUNE: ("memory_per_gpu", "purchase"),
    WorkloadKind.TRAIN: ("memory_per_gpu", "purchase"),
}
_PERFORMANCE_KEYS: Final = (
    "ttft",
    "tpot",
    "ttft_mean",
    "tpot_mean",
    "e2e",
    "e2e_mean",
    "throughput",
    "request_rate",
    "batch_time",
)
_FORMULA_KEYS: Final = ("memory_per_gpu", "ttft", "tpot", "throughput", "purchase")


def compose(scenario: Scenario, estimate: Estimate, catalog: Catalog, metadata: Metadata) -> QuoteContent:
    """The content of a quote for the chosen GPU.

    Raises:
        InputError: when nothing can be offered, with the reason.
    """
    plan = offered(estimate, catalog)
    kind = scenario.workload.kind
    listed = lines(scenario, plan, catalog)
    figures = tuple(_figure(plan.figures[key], scenario) for key in _TILE_KEYS[kind] if key in plan.figures)
    keys = tuple(key for key in _OPTION_KEYS[kind] if key in plan.figures)
    return QuoteContent(
        metadata=metadata,
        title=one_line(scenario.name),
        customer=one_line(scenario.customer),
        model=model_name(scenario, catalog),
        gpu=gpu_name(plan.gpu_id, catalog),
        load=phrases.load(scenario),
        lengths=phrases.lengths(scenario),
        hardware=phrases.hardware(plan, catalog),
        layout=phrases.layout(plan),
        state=phrases.state(plan, scenario),
        status=plan.status,
        percentile=scenario.targets.percentile,
        currency=scenario.money.currency,
        figures=figures[:_TILES],
        latencies=tuple(figure for figure in figures if figure.key in _TIMES and figure.quantity.value is not None),
        deployment=deployment(scenario, estimate, plan, catalog),
        lines=listed,
        total=total(plan, listed),
        option_keys=keys,
        options=_options(estimate, plan, catalog, keys),
        performance=tuple(_figure(plan.figures[key], scenario) for key in _PERFORMANCE_KEYS if key in plan.figures),
        memory=plan.memory,
        assumptions=assumptions(scenario, plan, catalog),
        warnings=(*estimate.warnings, *plan.warnings),
        formulas=_formulas(scenario, plan, catalog),
        footnotes=footnotes(scenario, plan, catalog),
        catalog_date=catalog.date,
        catalog_digest=catalog.digest,
    )


def offered(estimate: Estimate, catalog: Catalog) -> Plan:
    """The plan that is offered.

    Raises:
        InputError: when there is none: the model can't be estimated, nothing carries the load, or the chosen GPU can't.
    """
    if estimate.refusal is not None:
        raise InputError("report.refused.estimate", reason=spoken(estimate.refusal))
    plan = estimate.plan()
    if plan is None:
        raise InputError("report.refused.nothing")
    if plan.status is Status.IMPOSSIBLE:
        reason = plan.reasons[0] if plan.reasons else Code("report.answer.no_reason")
        raise InputError("report.refused.gpu", gpu=gpu_name(plan.gpu_id, catalog), reason=spoken(reason))
    return plan


def _figure(quantity: Quantity, scenario: Scenario) -> Figure:
    target = _target(quantity.key, scenario)
    return Figure(quantity, target, _verdict(quantity, target))


def _target(key: str, scenario: Scenario) -> float | None:
    serving = scenario.workload.kind is WorkloadKind.SERVE
    limits = {
        "ttft": scenario.targets.ttft_s if serving else None,
        "e2e": scenario.targets.e2e_s if serving else None,
        "tpot": scenario.targets.tpot_s if serving else None,
        "batch_time": scenario.workload.batch_hours * 3600 if scenario.workload.kind is WorkloadKind.BATCH else None,
    }
    return limits.get(key)


def _verdict(quantity: Quantity, target: float | None) -> Verdict:
    if target is None or quantity.value is None:
        return Verdict.NONE
    if quantity.value > target:
        return Verdict.MISSES
    return Verdict.MEETS if quantity.high is None or quantity.high <= target else Verdict.EXPECTED


def _options(estimate: Estimate, offer: Plan, catalog: Catalog, keys: tuple[str, ...]) -> tuple[Option, ...]:
    others = [plan for plan in estimate.plans if plan.status is not Status.IMPOSSIBLE and plan.gpu_id != offer.gpu_id]
    if not others:
        return ()
    return tuple(_option(plan, offer, catalog, keys) for plan in (offer, *others[:_OPTIONS]))


def _option(plan: Plan, offer: Plan, catalog: Catalog, keys: tuple[str, ...]) -> Option:
    return Option(
        gpu_name=gpu_name(plan.gpu_id, catalog),
        gpus=phrases.counted("gpus", plan.gpus),
        layout=phrases.layout(plan),
        status=plan.status,
        figures=tuple(plan.figures.get(key) for key in keys),
        difference=None if plan is offer else _difference(plan.figures.get("purchase"), offer.figures.get("purchase")),
        offered=plan is offer,
    )


def _difference(other: Quantity | None, own: Quantity | None) -> float | None:
    """How much more another purchase is; unknown where either is, or covers less than the other."""
    if other is None or own is None or other.value is None or own.value is None or other.at_least != own.at_least:
        return None
    return other.value - own.value


def _formulas(scenario: Scenario, plan: Plan, catalog: Catalog) -> tuple[Explanation, ...]:
    known = {key for key, quantity in plan.figures.items() if quantity.value is not None}
    parts = ("weights", "gradients", "optimizer", "activations") if plan.training else ("weights", "kv_cache")
    wanted = (*parts, *(key for key in _FORMULA_KEYS if key in known))
    return tuple(explain(scenario, catalog, plan, key) for key in wanted)
