"""The old rule of thumb, beside the plan: GPUs = concurrency × time ÷ latency."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any, Final

import numpy as np

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.load.replica import replica_of
from gpuplanner.engine.request import resolve
from gpuplanner.engine.result import Code, Plan, Unit
from gpuplanner.scenario.document import Scenario

Values = Any
NOTABLE: Final = 1.1  # the rule and the plan are told apart from this ratio on


@formula(
    "planner.old_rule",
    result="G",
    text="ceil(C · T ÷ L) · N",
    unit=Unit.COUNT,
    reference="Rule of thumb of presales practice: requests are worked on one after the other, each within its latency",
    symbols={
        "concurrency": Symbol("C", "term.concurrency"),
        "time": Symbol("T", "term.time_alone", Unit.SECONDS),
        "latency": Symbol("L", "term.latency_wanted", Unit.SECONDS),
        "width": Symbol("N", "term.gpus_per_replica"),
    },
)
def old_rule_gpus(concurrency: Values, time: Values, latency: Values, width: Values) -> Values:
    """GPUs by the old rule."""
    return np.ceil(concurrency * time / latency) * width


@dataclass(frozen=True, slots=True)
class OldRule:
    """What the rule says, what it was given, and why the plan differs.

    ``time_s`` is a request alone on a replica, ``latency_s`` the time within which it has to be done: the limit on the whole
    request, or the sum of the limits on first and further tokens.
    """

    gpus: int
    planned_gpus: int
    concurrency: float
    time_s: float
    latency_s: float
    codes: tuple[Code, ...]


def old_rule(scenario: Scenario, catalog: Catalog, plan: Plan) -> OldRule | None:
    """The rule for a plan that serves text; None where nothing limits the latency or there is no load.

    Args:
        scenario: what was asked.
        catalog: what is known.
        plan: one that runs.

    Raises:
        CannotEstimateError: when the scenario can't be estimated.
    """
    request = resolve(scenario, catalog)
    latency = _latency(scenario, request.output_tokens)
    if latency is None or plan.memory is None or (not request.comes_by_itself and request.concurrency is None):
        return None
    alone = float(replica_of(scenario, catalog, plan, request).serving(1.0).e2e_mean[0, 0])
    held = request.concurrency
    if held is None:
        held = (plan.figures["request_rate"].value or 0.0) * (plan.figures["e2e_mean"].value or alone)
    gpus = int(old_rule_gpus(held, alone, latency, plan.gpus_per_replica))
    return OldRule(gpus, plan.gpus, held, alone, latency, tuple(_codes(plan, gpus, alone, latency)))


def _latency(scenario: Scenario, output_tokens: float) -> float | None:
    targets = scenario.targets
    if targets.e2e_s is not None:
        return targets.e2e_s
    if targets.tpot_s is None:
        return None
    return (targets.ttft_s or 0.0) + (output_tokens - 1) * targets.tpot_s


def _codes(plan: Plan, gpus: int, alone: float, latency: float) -> list[Code]:
    codes = []
    if gpus > NOTABLE * plan.gpus:
        codes.append(Code("rule.batching", {"batch": plan.batch, "replicas": ceil(gpus / plan.gpus_per_replica)}))
    elif plan.gpus > NOTABLE * gpus:
        codes.append(Code("rule.slower_together", {"batch": plan.batch}))
    else:
        codes.append(Code("rule.agrees"))
    if alone > latency:
        codes.append(Code("rule.alone_too_slow", {"value_s": alone, "limit_s": latency}))
    if plan.spare_replicas:
        codes.append(Code("rule.spare", {"gpus": plan.spare_replicas * plan.gpus_per_replica}))
    return codes
