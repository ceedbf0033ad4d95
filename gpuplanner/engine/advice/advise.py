"""Ideas judged: each is estimated in full, and told when the second answer is better than the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.advice.idea import Idea, Variant
from gpuplanner.engine.advice.ideas import ideas
from gpuplanner.engine.advice.result import Advice, Aim, Effect
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate, Plan, Provenance, Quantity, Status, Unit
from gpuplanner.scenario.document import Objective, Scenario, replace

MOST: Final = 8
LEAST_SAVING: Final = 0.02
LEAST_SPEEDUP: Final = 0.10
MOST_DEARER: Final = 1.0  # what more than doubles the bill is no advice
FIGURES: Final = ("purchase", "gpus", "ttft", "tpot", "e2e", "memory_per_gpu", "throughput", "cost_per_million", "power")

_LENGTHS: Final = frozenset({"workload.input_tokens", "workload.output_tokens"})  # a shorter request is no faster for that


_ORDER: Final = {Aim.SAFER: 0, Aim.CHEAPER: 1, Aim.FASTER: 2}


def advise(
    scenario: Scenario, catalog: Catalog, answer: Estimate, tick: Callable[[int, int], None] | None = None
) -> tuple[Advice, ...]:
    """Changes that would make the answer cheaper, faster or safer, the most useful first.

    Args:
        scenario: what is asked.
        catalog: what is known.
        answer: the estimate of the two.
        tick: is told ideas judged and ideas in all before each is; may raise to give up.

    Returns:
        At most :data:`MOST`; none where the scenario can't be estimated at all.
    """
    if answer.refusal is not None or not answer.plans:
        return ()
    thoughts = list(ideas(scenario, catalog, answer))
    judge = _Judge(scenario, catalog, answer.plan())
    found: list[Advice] = []
    for place, idea in enumerate(thoughts):
        if tick is not None:
            tick(place, len(thoughts))
        best = judge.best(idea)
        if best is not None and not (_chooses(best) and any(_result(best) == _result(other) for other in found)):
            found.append(best)
    found.sort(key=_usefulness)
    return tuple(found[:MOST])


class _Judge:
    def __init__(self, scenario: Scenario, catalog: Catalog, now: Plan | None) -> None:
        self._scenario, self._catalog = scenario, catalog
        self._now = now if now is not None and now.status is not Status.IMPOSSIBLE else None

    def best(self, idea: Idea) -> Advice | None:
        """The variant to tell, if any helps."""
        found = []
        for variant in idea.variants:
            advice = self._advice(variant, idea.may_cost)
            if advice is not None:
                found.append(advice)
                if idea.gentlest:
                    break
        return min(found, key=_roughly, default=None)  # of equals the first: it has the most bits

    def _advice(self, variant: Variant, may_cost: bool) -> Advice | None:
        changed = self._scenario
        for path, value in variant.change:
            changed = replace(changed, path, value)
        plan = estimate(changed, self._catalog).plan()
        if plan is None or plan.status is Status.IMPOSSIBLE:
            return None
        saving = self._saving(plan)
        speedup = None if any(path in _LENGTHS for path, _ in variant.change) else self._speedup(plan)
        aim = self._aim(plan, saving, speedup, may_cost)
        if aim is None:
            return None
        effects = tuple(_effects(self._now, plan))
        return Advice(variant.code, aim, variant.change, plan, effects, saving, speedup, variant.note)

    def _aim(self, plan: Plan, saving: float | None, speedup: float | None, may_cost: bool) -> Aim | None:
        order = list(Status)
        more = plan.gpus / self._now.gpus - 1.0 if self._now is not None and self._now.gpus else 0.0
        if (more if saving is None else -saving) > MOST_DEARER:
            return None
        if self._now is None or order.index(plan.status) < order.index(self._now.status):
            return Aim.SAFER
        if order.index(plan.status) > order.index(self._now.status):
            return None
        if saving is not None and saving >= LEAST_SAVING:
            return Aim.CHEAPER
        dearer = saving is not None and saving < 0
        if speedup is not None and speedup >= LEAST_SPEEDUP and (may_cost or not dearer):
            return Aim.FASTER
        return None

    def _saving(self, plan: Plan) -> float | None:
        """By price where both are known; by number where the GPU stays, or the fewest are wanted."""
        if self._now is None:
            return None
        before, after = _value(self._now, "purchase"), _value(plan, "purchase")
        if before and after is not None:
            return 1.0 - after / before
        fewest = self._scenario.deployment.objective is Objective.FEWEST
        if self._now.gpus and (plan.gpu_id == self._now.gpu_id or fewest):
            return 1.0 - plan.gpus / self._now.gpus
        return None

    def _speedup(self, plan: Plan) -> float | None:
        """Of a whole request."""
        if self._now is None:
            return None
        before, after = _value(self._now, "e2e_mean"), _value(plan, "e2e_mean")
        return 1.0 - after / before if before and after is not None else None


def quantity(plan: Plan, key: str) -> Quantity | None:
    """A figure of a plan; "gpus" is their number."""
    if key == "gpus":
        return Quantity("gpus", float(plan.gpus), Unit.COUNT, provenance=Provenance.EXACT)
    return plan.figures.get(key)


def advice_of(variant: Variant, aim: Aim, now: Plan | None, plan: Plan) -> Advice:
    """A change told whatever it saves: its effects on the figures of the answer."""
    running = now if now is not None and now.status is not Status.IMPOSSIBLE else None
    return Advice(variant.code, aim, variant.change, plan, tuple(_effects(running, plan)), None, None, variant.note)


def _effects(now: Plan | None, then: Plan) -> list[Effect]:
    found = []
    for key in FIGURES:
        after = quantity(then, key)
        if after is not None:
            found.append(Effect(key, None if now is None else quantity(now, key), after))
    return found


def _value(plan: Plan, key: str) -> float | None:
    figure = plan.figures.get(key)
    return None if figure is None else figure.value


def _chooses(advice: Advice) -> bool:
    """Whether it only chooses among what other advice may lead to as well."""
    return all(path in ("deployment.gpu", "deployment.objective") for path, _ in advice.change)


def _result(advice: Advice) -> tuple[object, ...]:
    plan = advice.plan
    return (plan.gpu_id, plan.gpus, plan.tensor_parallel, plan.pipeline_parallel, plan.batch)


def _roughly(advice: Advice) -> tuple[object, ...]:
    """As :func:`_usefulness`, with small differences left out."""
    return (_ORDER[advice.aim], -round((advice.saving or 0.0) * 20), -round((advice.speedup or 0.0) * 10))


def _usefulness(advice: Advice) -> tuple[object, ...]:
    gains = (-(advice.saving or 0.0), -(advice.speedup or 0.0))
    other_model = any(path == "model.id" for path, _ in advice.change)  # another model saves most, and is another model
    return (_ORDER[advice.aim], list(Status).index(advice.plan.status), other_model, *gains, advice.code.code)
