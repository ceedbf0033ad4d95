"""Every rule of thumb that applies to a plan, beside the engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.practice import PracticeRule
from gpuplanner.engine.explain.book import plain
from gpuplanner.engine.formula import REGISTRY, Formula
from gpuplanner.engine.request import CannotEstimateError
from gpuplanner.engine.result import Estimate, Plan, Status, Unit
from gpuplanner.engine.rules import host, memory, serving, training
from gpuplanner.engine.rules.guards import warned_of
from gpuplanner.engine.rules.result import Agreement, Rules, Said, Thumb
from gpuplanner.engine.rules.situation import Situation
from gpuplanner.scenario.document import Scenario

Judge = Callable[[Situation, Mapping[str, float]], Said | None]
MISLEADING: Final = 2.0  # so many times off

_SYMBOL: Final = re.compile(r"[^\W\d]\w*")

JUDGES: Final[Mapping[str, Judge]] = {
    "weights-by-bytes": memory.weights_by_bytes,
    "memory-half-to-double": memory.memory_times,
    "machine-double": memory.memory_times,
    "memory-half-more": memory.memory_times,
    "kv-by-width": memory.kv_by_width,
    "double-load-double-memory": memory.double_load,
    "workspace-16-gb": memory.workspace,
    "seven-b-needs-a10": memory.least_card,
    "bert-per-inference": memory.per_inference,
    "bert-card": memory.bert_card,
    "eight-bit-saves-half": memory.eight_bit,
    "four-bit-saves-three-quarters": memory.four_bit,
    "four-bit-is-slower": memory.four_bit_slower,
    "params-by-width": memory.params_by_width,
    "cards-by-concurrency": serving.by_concurrency,
    "offered-load": serving.offered_load,
    "keep-a-buffer": serving.keep_a_buffer,
    "cards-by-rate": serving.cards_by_rate,
    "low-latency-100-ms": serving.low_latency,
    "batch-of-32": serving.batch_of,
    "tensor-8-pipeline-1": serving.tensor_degree,
    "t4-for-a100": serving.t4_for_a100,
    "rate-by-day": serving.rate_by_day,
    "fast-link-600": serving.fast_link,
    "fifth-to-spare": serving.spare_fifth,
    "ram-two-to-four": host.ram_times,
    "ram-three": host.ram_times,
    "ram-64-a-card": host.ram_per_card,
    "cores-8-a-card": host.cores_per_card,
    "ram-for-loaders": host.loader_ram,
    "storage-hundreds": host.storage_range,
    "storage-fifty-models": host.storage_models,
    "cold-storage-2-fen": host.cold_storage,
    "training-three-tensors": training.three_tensors,
    "states-16-bytes": training.states_16,
    "activations-10-bytes": training.activations_10,
    "zero-divides-by-n": training.zero,
    "recompute-saves-two-thirds": training.recompute_saves,
    "recompute-costs-a-fifth": training.recompute_costs,
    "mixed-saves-a-quarter": training.mixed_saves,
    "six-p-t": training.six_pt,
    "checkpoint-ten-models": training.files,
    "file-4-bytes": training.files,
    "llm-takes-8-cards": training.eight_cards,
    "cards-by-size": training.cards_by_size,
}


def rules_of(scenario: Scenario, catalog: Catalog, answer: Estimate, plan: Plan | None = None) -> Rules:
    """All that practice says of a plan.

    Args:
        scenario: what was asked.
        catalog: what is known; its ``practice`` and ``guards`` are the rules.
        answer: the estimate of the two.
        plan: one of its plans; the chosen one when none is given.
    """
    return Rules(thumbs_of(scenario, catalog, answer, plan), warned_of(scenario, catalog, answer, plan))


def thumbs_of(
    scenario: Scenario,
    catalog: Catalog,
    answer: Estimate,
    plan: Plan | None = None,
    figure: str | None = None,
    *,
    again: bool = True,
) -> tuple[Thumb, ...]:
    """Rules of thumb that apply to a plan, each beside the engine.

    Args:
        scenario: what was asked.
        catalog: what is known.
        answer: the estimate of the two.
        plan: one of its plans; the chosen one when none is given.
        figure: only those that stand beside this figure.
        again: those too for which the engine has to estimate once more.
    """
    plan = plan or answer.plan()
    if plan is None or plan.status is Status.IMPOSSIBLE or plan.memory is None:
        return ()
    at = Situation(scenario, catalog, answer, plan)
    kind = scenario.workload.kind.value
    found = []
    order = {name: place for place, name in enumerate(JUDGES)}
    for rule in sorted(catalog.practice.values(), key=lambda rule: order.get(rule.id, len(order))):
        if kind in rule.kinds and (figure is None or rule.figure == figure) and (again or not rule.again):
            thumb = _judged(at, rule)
            if thumb is not None:
                found.append(thumb)
    return tuple(found)


def _judged(at: Situation, rule: PracticeRule) -> Thumb | None:
    judge = JUDGES.get(rule.id)
    if judge is None:
        return None
    try:
        said = judge(at, rule.values)
    except CannotEstimateError:
        return None
    if said is None:
        return None
    agreement, distance = standing(said, rule.within)
    if rule.choice and agreement is Agreement.MISLEADS:
        agreement = Agreement.DIFFERS
    numbers = ""
    opened = REGISTRY.get(rule.formula or "")
    if opened is not None and said.inputs:
        numbers = _numbers(opened, said.inputs)
    return Thumb(rule.id, rule.lines, rule.figure, said, agreement, distance, rule.formula, numbers)


def standing(said: Said, within: float) -> tuple[Agreement, float | None]:
    """Whether a rule agrees, and how far its nearer end is off the engine.

    Shares are compared by their difference, since a share of nothing has no multiple.
    """
    engine = said.engine
    if engine is None:
        return Agreement.MISLEADS, None
    if said.low <= engine <= said.high:
        return Agreement.AGREES, 0.0
    near = said.low if engine < said.low else said.high
    if said.unit is Unit.SHARE:
        return _of_shares(near, engine, within), near - engine
    if engine == 0 or near == 0:
        return Agreement.DIFFERS, None
    off = near / engine - 1
    ratio = max(near / engine, engine / near)
    if abs(off) <= within:
        return Agreement.AGREES, off
    return (Agreement.DIFFERS if ratio < MISLEADING else Agreement.MISLEADS), off


def _of_shares(said: float, engine: float, within: float) -> Agreement:
    if abs(said - engine) <= within:
        return Agreement.AGREES
    same_sign = said * engine > 0
    return Agreement.DIFFERS if same_sign and max(said / engine, engine / said) < MISLEADING else Agreement.MISLEADS


def _numbers(opened: Formula, inputs: Mapping[str, float]) -> str:
    """The formula with the numbers put in."""
    shown = {opened.symbols[name].symbol: plain(value, opened.symbols[name].unit) for name, value in inputs.items()}
    return _SYMBOL.sub(lambda match: shown.get(match[0], match[0]), opened.text)
