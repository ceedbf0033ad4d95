"""The smallest changes that would meet the targets, each judged by an estimate of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.advice.advise import advice_of
from gpuplanner.engine.advice.idea import Variant
from gpuplanner.engine.advice.ideas import ideas
from gpuplanner.engine.advice.result import Advice, Aim
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.figures import limits_of
from gpuplanner.engine.planner.sweep import only
from gpuplanner.engine.result import Code, Estimate, Plan, Status
from gpuplanner.scenario.document import Scenario, get, replace

MOST: Final = 6
STEPS: Final = 7  # halvings of the interval in which the smallest change lies
_MEETING: Final = (Status.MEETS, Status.EXPECTED)
_NUMBERS: Final = (  # fields that can be changed by degrees: how far at most, and the word for it
    ("workload.load", 0.1, "change.less_load"),
    ("workload.input_tokens", 0.25, "change.shorter_input"),
    ("workload.output_tokens", 0.25, "change.shorter_output"),
    ("targets.ttft_s", 10.0, "change.later_first_token"),
    ("targets.tpot_s", 4.0, "change.slower_tokens"),
    ("targets.e2e_s", 4.0, "change.slower_answer"),
    ("deployment.max_gpus", 8.0, "change.more_gpus"),
)


def smallest_changes(
    scenario: Scenario, catalog: Catalog, answer: Estimate, tick: Callable[[int, int], None] | None = None
) -> tuple[Advice, ...]:
    """What would make the answer meet its targets, the gentlest first.

    Numbers are changed by no more than it takes, found by halving; formats, layouts and GPUs as in the advice.

    Args:
        scenario: what was asked.
        catalog: what is known.
        answer: the estimate of the two.
        tick: told changes judged and changes in all before each is; may raise to give up.

    Returns:
        Nothing where the answer meets its targets already, or can't be estimated at all.
    """
    now = answer.plan()
    if answer.refusal is not None or scenario.workload.kind.trains or (now is not None and now.status in _MEETING):
        return ()
    gpu = answer.chosen or scenario.deployment.gpu
    numbers = list(_numbers(scenario))
    variants = [variant for idea in ideas(scenario, catalog, answer) for variant in idea.variants if _named(variant)]
    variants += [variant for variant in _other_cards(answer) if variant.change not in [other.change for other in variants]]
    found: list[tuple[float, Advice]] = []
    for place, (path, reach, code) in enumerate(numbers):
        if tick is not None:
            tick(place, len(numbers) + len(variants))
        changed = _least(scenario, only(catalog, gpu), path, reach, gpu)
        if changed is None:
            continue
        value, plan = changed
        ratio = float(value) / float(get(scenario, path))
        variant = Variant(Code(code, _params(path, value)), ((path, value),))
        found.append((abs(math.log(ratio)) + _more_gpus(now, plan), advice_of(variant, Aim.SAFER, now, plan)))
    for place, variant in enumerate(variants):
        if tick is not None:
            tick(len(numbers) + place, len(numbers) + len(variants))
        then = _estimated(scenario, catalog, variant)
        if then is not None and then.status in _MEETING and not any(_same(variant, other) for _, other in found):
            found.append((_size(variant, now, then), advice_of(variant, Aim.SAFER, now, then)))
    found.sort(key=lambda pair: (pair[0], pair[1].code.code))
    return tuple(advice for _, advice in found[:MOST])


def _numbers(scenario: Scenario) -> Iterator[tuple[str, float, str]]:
    wanted = limits_of(scenario.targets)
    for path, reach, code in _NUMBERS:
        if path.startswith("targets.") and path.removeprefix("targets.").removesuffix("_s") not in wanted:
            continue
        yield path, reach, code


def _other_cards(answer: Estimate) -> Iterator[Variant]:
    """The first two in the order of the answer."""
    able = [plan for plan in answer.plans if plan.status in _MEETING and plan.gpu_id != answer.chosen]
    for plan in able[:2]:
        yield Variant(Code("advice.other_gpu", {"gpu": plan.gpu_id}), (("deployment.gpu", plan.gpu_id),))


def _named(variant: Variant) -> bool:
    """Lengths and targets are changed by degrees, not by the advice's steps."""
    paths = {path for path, _ in variant.change}
    return not paths & {path for path, _, _ in _NUMBERS}


def _least(scenario: Scenario, catalog: Catalog, path: str, reach: float, gpu: str | None) -> tuple[float, Plan] | None:
    """The value nearest to the one that stands at which the targets are met."""
    now = get(scenario, path)
    whole = isinstance(now, int)

    def at(share: float) -> tuple[float, Plan] | None:
        value = now * reach**share
        value = (math.ceil(value) if reach > 1 else math.floor(value)) if whole else _rounded(value, up=reach > 1)
        try:
            changed = replace(scenario, path, value)
        except ValueError:
            return None
        plan = estimate(changed, catalog).plan(gpu)
        return (value, plan) if plan is not None and plan.status in _MEETING else None

    best = at(1.0)
    if best is None:
        return None
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        tried = at(middle)
        if tried is None:
            low = middle
        else:
            best, high = tried, middle
    return best


def _rounded(value: float, *, up: bool) -> float:
    """To three figures, away from where it was."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 2)
    places = max(0, 2 - math.floor(math.log10(value)))
    return round((math.ceil if up else math.floor)(value / unit) * unit, places)


def _params(path: str, value: float) -> dict[str, object]:
    if path.startswith("targets."):
        return {"limit_s": value}
    if path.endswith("_tokens"):
        return {"tokens": value}
    return {"value": value}


def _estimated(scenario: Scenario, catalog: Catalog, variant: Variant) -> Plan | None:
    changed = scenario
    for path, value in variant.change:
        changed = replace(changed, path, value)
    return estimate(changed, catalog).plan()


def _same(variant: Variant, other: Advice) -> bool:
    return variant.change == other.change


def _size(variant: Variant, now: Plan | None, then: Plan) -> float:
    """How much is changed, on the scale of the numbers: half as much again for a format, more for another card."""
    other_card = any(path == "deployment.gpu" for path, _ in variant.change)
    return (1.0 if other_card else 0.4) + _more_gpus(now, then)


def _more_gpus(now: Plan | None, then: Plan) -> float:
    """What a change costs in GPUs, on the same scale."""
    return max(0.0, math.log(then.gpus / now.gpus)) if now is not None and now.gpus else 0.0
