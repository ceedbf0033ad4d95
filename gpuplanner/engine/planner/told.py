"""All that is advised on an answer, in the order it is told."""

from __future__ import annotations

from collections.abc import Callable

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.advice.advise import advise
from gpuplanner.engine.advice.renting import renting_advice
from gpuplanner.engine.advice.result import Advice
from gpuplanner.engine.planner.changes import smallest_changes
from gpuplanner.engine.result import Estimate
from gpuplanner.scenario.document import Scenario


def every_advice(
    scenario: Scenario, catalog: Catalog, answer: Estimate, tick: Callable[[int, int], None] | None = None
) -> tuple[Advice, ...]:
    """Of an answer off target first the smallest changes that would meet it; then what is cheaper, faster or safer; renting.

    Args:
        scenario: what was asked.
        catalog: what is known.
        answer: the estimate of the two.
        tick: told steps done and steps in all; may raise to give up.
    """
    if answer.refusal is not None:
        return ()
    gentle = smallest_changes(scenario, catalog, answer, tick)
    known = {advice.change for advice in gentle}
    others = [advice for advice in advise(scenario, catalog, answer, tick) if advice.change not in known]
    return (*gentle, *others, *renting_advice(scenario, catalog, answer))
