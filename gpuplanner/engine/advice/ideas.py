"""What could be changed about a scenario: each idea is a change of fields, not yet judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.precision import Precision
from gpuplanner.engine.advice.idea import Idea, Variant
from gpuplanner.engine.advice.more_ideas import more_ideas
from gpuplanner.engine.advice.result import Change
from gpuplanner.engine.result import Code, Estimate, Plan, Status
from gpuplanner.scenario.document import (
    Availability,
    Objective,
    Recompute,
    Scenario,
    Sharding,
    TuningMethod,
    WorkloadKind,
)

LEVELS: Final = 2  # how many steps down in bits are tried
PER_LEVEL: Final = 3  # formats tried on each
SHORTER: Final = (0.75, 0.5)
LATER: Final = (1.5, 2.0)
SLOWER: Final = (1.25, 1.5)
SHORTEST_TOKENS: Final = 32
HALF: Final = 0.5


def ideas(scenario: Scenario, catalog: Catalog, answer: Estimate) -> Iterator[Idea]:
    """Everything worth a second estimate."""
    if scenario.workload.kind.trains:
        yield from _training(scenario)
    elif scenario.workload.kind.writes:
        yield from _fewer_bits(scenario, catalog)
        yield from _smaller_cache(scenario, catalog)
        yield from _lengths(scenario)
        yield from more_ideas(scenario, catalog)
    else:
        yield from _fewer_bits(scenario, catalog)
    if scenario.workload.kind is WorkloadKind.SERVE:
        yield from _targets(scenario)
    yield from _deployment(scenario)
    yield from _other_gpus(answer)


def _fewer_bits(scenario: Scenario, catalog: Catalog) -> Iterator[Idea]:
    """The next lower precisions that the engine runs and whose loss was measured."""
    now = catalog.precisions.get(scenario.precision.weights)
    engine = catalog.engines.get(scenario.deployment.engine)
    if now is None or engine is None or now.bits_per_weight_effective is None:
        return
    levels: defaultdict[int, list[Precision]] = defaultdict(list)
    for key in engine.precisions:
        item = catalog.precisions.get(key)
        if item is None or item.role != "weights" or item.quality_metric is None or item.bits_per_weight_effective is None:
            continue
        if item.bits_per_weight_effective < 0.9 * now.bits_per_weight_effective:
            levels[round(item.weight_bits_nominal or item.bits_per_weight_effective)].append(item)
    for level in sorted(levels, reverse=True)[:LEVELS]:
        found = sorted(levels[level], key=lambda item: -(item.bits_per_weight_effective or 0.0))
        yield Idea(tuple(_in_format(item) for item in found[:PER_LEVEL]), gentlest=False)


def _in_format(item: Precision) -> Variant:
    measured = (item.quality_metric or {}).get("value")
    if isinstance(measured, int | float):
        note = Code("advice.quality.perplexity", {"delta": float(measured)})
    else:
        note = Code(f"advice.quality.{item.id}", {"impact": item.quality_impact or ""})
    return Variant(Code("advice.fewer_bits", {"precision": _short(item)}), (("precision.weights", item.id),), note)


def _smaller_cache(scenario: Scenario, catalog: Catalog) -> Iterator[Idea]:
    """The next lower format of the KV cache that the engine names."""
    now = catalog.precisions.get(scenario.precision.kv_cache)
    engine = catalog.engines.get(scenario.deployment.engine)
    if now is None or engine is None or now.kv_bits is None:
        return
    bits = now.kv_bits
    lower = [
        item
        for item in catalog.precisions.values()
        if item.role == "kv" and item.kv_bits is not None and item.kv_bits < 0.9 * bits and _named(item, engine.kv_cache_dtypes)
    ]
    for item in islice(sorted(lower, key=lambda item: -(item.kv_bits or 0.0)), 1):
        code = Code("advice.smaller_cache", {"precision": _short(item)})
        yield Idea((Variant(code, (("precision.kv_cache", item.id),), Code("advice.quality.cache")),))


def _named(item: Precision, formats: tuple[str, ...]) -> bool:
    return any(item.id.removeprefix("kv-") in name for name in formats)


def _lengths(scenario: Scenario) -> Iterator[Idea]:
    workload = scenario.workload
    for path, code, tokens in (
        ("workload.output_tokens", "advice.shorter_output", workload.output_tokens),
        ("workload.input_tokens", "advice.shorter_input", workload.input_tokens),
    ):
        shorter = [max(SHORTEST_TOKENS, round(tokens * share)) for share in SHORTER]
        variants = [Variant(Code(code, {"tokens": length}), ((path, length),)) for length in shorter if length < tokens]
        if variants:
            yield Idea(tuple(variants))
    if workload.cached_prefix < HALF:
        change: Change = (("workload.cached_prefix", HALF),)
        yield Idea((Variant(Code("advice.cached_prefix", {"cached_share": HALF}), change, Code("advice.note.cached_prefix")),))


def _targets(scenario: Scenario) -> Iterator[Idea]:
    targets = scenario.targets
    for path, code, limit, factors in (
        ("targets.ttft_s", "advice.later_first_token", targets.ttft_s, LATER),
        ("targets.tpot_s", "advice.slower_tokens", targets.tpot_s, SLOWER),
    ):
        if limit is not None:
            eased = [round(limit * factor, 4) for factor in factors]
            yield Idea(tuple(Variant(Code(code, {"limit_s": value}), ((path, value),)) for value in eased))


def _deployment(scenario: Scenario) -> Iterator[Idea]:
    asked = scenario.deployment
    if asked.availability is not Availability.NONE:
        change: Change = (("deployment.availability", Availability.NONE),)
        yield Idea((Variant(Code("advice.no_spare"), change, Code("advice.note.no_spare")),))
    if asked.tensor_parallel is not None or asked.pipeline_parallel is not None:
        change = (("deployment.tensor_parallel", None), ("deployment.pipeline_parallel", None))
        yield Idea((Variant(Code("advice.automatic_layout"), change),))
    for objective in Objective:
        if objective is not asked.objective:
            code = Code(f"advice.objective.{objective.value}")
            variant = Variant(code, (("deployment.objective", objective),))
            yield Idea((variant,), may_cost=objective is Objective.FASTEST)


def _other_gpus(answer: Estimate) -> Iterator[Idea]:
    """The next cheaper GPU that does no worse, and where targets are missed the cheapest that meets them."""
    now = answer.plan()
    runs = [plan for plan in answer.plans if plan.status is not Status.IMPOSSIBLE and plan.gpu_id != answer.chosen]
    priced = sorted((plan for plan in runs if _price(plan) is not None), key=lambda plan: (_price(plan) or 0.0, plan.gpu_id))
    order = list(Status)
    if now is not None and now.status is not Status.IMPOSSIBLE:
        able = [plan for plan in priced if order.index(plan.status) <= order.index(now.status)]
        price = _price(now)
        cheaper = [plan for plan in able if price is not None and (_price(plan) or 0.0) < price]
        for plan in cheaper[-1:] if price is not None else able[:1]:
            yield _on(plan)
        if len(cheaper) > 1:
            yield _on(cheaper[0])
    if now is None or now.status is not Status.MEETS:
        least = Status.MISSES if now is None or now.status is Status.IMPOSSIBLE else Status.MEETS
        able = [plan for plan in (*priced, *runs) if order.index(plan.status) <= order.index(least)]
        for plan in sorted(able, key=lambda plan: order.index(plan.status))[:1]:
            yield _on(plan)


def _on(plan: Plan) -> Idea:
    return Idea((Variant(Code("advice.other_gpu", {"gpu": plan.gpu_id}), (("deployment.gpu", plan.gpu_id),)),), may_cost=True)


def _training(scenario: Scenario) -> Iterator[Idea]:
    chosen = scenario.training
    ladder = (TuningMethod.FULL, TuningMethod.LORA, TuningMethod.QLORA)
    if scenario.workload.kind is WorkloadKind.TUNE and chosen.method in ladder[:-1]:
        method = ladder[ladder.index(chosen.method) + 1]
        yield Idea((Variant(Code(f"advice.method.{method.value}"), (("training.method", method),)),))
    if chosen.recompute is not None and chosen.recompute is not Recompute.FULL:
        change: Change = (("training.recompute", Recompute.FULL),)
        yield Idea((Variant(Code("advice.recompute"), change, Code("advice.note.recompute")),))
    if chosen.sharding is not None and chosen.sharding is not Sharding.FULL:
        yield Idea((Variant(Code("advice.sharding"), (("training.sharding", Sharding.FULL),)),))
    shorter = round(chosen.sequence_tokens * HALF)
    if shorter >= SHORTEST_TOKENS:
        yield Idea((Variant(Code("advice.shorter_sequence", {"tokens": shorter}), (("training.sequence_tokens", shorter),)),))


def _price(plan: Plan) -> float | None:
    figure = plan.figures.get("purchase")
    return None if figure is None else figure.value


def _short(item: Precision) -> str:
    return item.name.partition(" (")[0].removeprefix("KV cache ")
