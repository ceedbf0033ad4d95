"""From scenario, estimate and catalogue to the content of a quote."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.explain import explain
from gpuplanner.engine.money.life import life_of
from gpuplanner.engine.result import Code, Estimate, Explanation, Plan, Quantity, Status, Unit
from gpuplanner.engine.site.build import site_of
from gpuplanner.errors import InputError
from gpuplanner.report import phrases
from gpuplanner.report.acceptance import checks
from gpuplanner.report.answer import spoken
from gpuplanner.report.content import (
    Figure,
    Line,
    Metadata,
    QuoteContent,
    Verdict,
)
from gpuplanner.report.figure_keys import BY_KIND as keys_of
from gpuplanner.report.figure_keys import FORMULAS, PERFORMANCE, TIMES, figure_name
from gpuplanner.report.footnotes import footnotes
from gpuplanner.report.kinds_of_gpu import gpu_names, layout_of
from gpuplanner.report.limits import limits
from gpuplanner.report.names import gpu_name, model_name
from gpuplanner.report.options import Picked, options
from gpuplanner.report.plain import one_line
from gpuplanner.report.priced import priced_scenario, priced_site
from gpuplanner.report.pricing import lines
from gpuplanner.report.room import bought, life_cost, room
from gpuplanner.report.settings import assumptions, deployment
from gpuplanner.scenario.document import Scenario

_TILES: Final = 6
_BY_LIFE: Final = frozenset(("cost_per_million", "cost_per_thousand", "cost_per_audio_hour"))
"""What a quote says with the whole cost over the life, not with that of the cards alone."""
_ROUNDING: Final = 0.002


def compose(
    scenario: Scenario,
    estimate: Estimate,
    catalog: Catalog,
    metadata: Metadata,
    quoted: tuple[Line, ...] | None = None,
    picked: Picked = Picked(),  # noqa: B008 - frozen
) -> QuoteContent:
    """The content of a quote for the chosen GPU.

    Args:
        scenario: what was asked.
        estimate: what followed.
        catalog: the facts it followed from.
        metadata: number, day, terms and so on.
        quoted: lines with prices, discounts and taxes of this quote; those of the catalogue and the scenario when None.
        picked: what stands beside the offer.

    Raises:
        InputError: when nothing can be offered, with the reason.
    """
    plan = offered(estimate, catalog)
    chosen = keys_of[scenario.workload.kind]
    site = site_of(scenario, catalog, estimate, plan)
    listed = lines(scenario, plan, catalog, site) if quoted is None else quoted
    paid = life_of(priced_scenario(scenario, site, listed), catalog, plan, priced_site(site, listed))
    figures = tuple(
        figure_of(plan.figures[key], scenario, plan) for key in chosen.tiles if key in plan.figures and key not in _BY_LIFE
    )
    keys = tuple(key for key in chosen.options if key in plan.figures)
    return QuoteContent(
        metadata=metadata,
        title=one_line(scenario.name),
        customer=one_line(scenario.customer),
        model=model_name(scenario, catalog),
        gpu=gpu_names(plan, catalog),
        load=phrases.load(scenario),
        lengths=phrases.lengths(scenario, catalog),
        hardware=bought(plan, site, catalog),
        layout=layout_of(plan, catalog),
        state=phrases.state(plan, scenario),
        status=plan.status,
        percentile=scenario.targets.percentile,
        currency=scenario.money.currency,
        figures=figures[:_TILES],
        latencies=_latencies(figures),
        deployment=deployment(scenario, estimate, plan, catalog),
        lines=listed,
        option_keys=keys,
        options=options(scenario, estimate, plan, catalog, listed, keys, picked),
        performance=performance(scenario, plan),
        memory=plan.memory,
        assumptions=assumptions(scenario, plan, catalog),
        warnings=(*estimate.warnings, *plan.warnings),
        formulas=formulas(scenario, plan, catalog),
        footnotes=footnotes(scenario, plan, catalog, metadata.day),
        catalog_date=catalog.date,
        catalog_digest=catalog.digest,
        life=life_cost(scenario, paid),
        room=room(site),
        checks=checks(scenario, plan, site, catalog),
    )


def performance(scenario: Scenario, plan: Plan, slowed: float = 1.0) -> tuple[Figure, ...]:
    """Every figure of the table of performance with its target; times are ``slowed`` where others compute in between."""
    found = (plan.figures[key] for key in PERFORMANCE if key in plan.figures)
    return tuple(figure_of(_slowed(figure, slowed), scenario, plan) for figure in found)


def _slowed(figure: Quantity, times: float) -> Quantity:
    if figure.unit is not Unit.SECONDS or times == 1.0 or figure.value is None:
        return figure
    low, high = (None if end is None else end * times for end in (figure.low, figure.high))
    return replace(figure, value=figure.value * times, low=low, high=high)


def _latencies(figures: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """What is drawn against its target; the whole request beside first and further tokens only where it has one."""
    timed = [figure for figure in figures if figure.key in TIMES and figure.quantity.value is not None]
    tokens = any(figure.key == "ttft" for figure in timed)
    return tuple(figure for figure in timed if figure.key != "e2e" or figure.target is not None or not tokens)


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


def figure_of(quantity: Quantity, scenario: Scenario, plan: Plan) -> Figure:
    """A figure held to its target."""
    target = limits(scenario).get(quantity.key)
    return Figure(quantity, target, _verdict(quantity, target), figure_name(quantity.key, plan))


def _verdict(quantity: Quantity, target: float | None) -> Verdict:
    if target is None or quantity.value is None:
        return Verdict.NONE
    if quantity.value > target:
        return Verdict.MISSES
    return Verdict.MEETS if quantity.high is None or quantity.high <= target else Verdict.EXPECTED


def formulas(scenario: Scenario, plan: Plan, catalog: Catalog) -> tuple[Explanation, ...]:
    """How its figures came about, each formula once."""
    known = {key for key, quantity in plan.figures.items() if quantity.value is not None}
    writes = ("weights", "kv_cache") if phrases.writes(plan) else ("weights", "activations")
    parts = ("weights", "gradients", "optimizer", "activations") if plan.training else writes
    wanted = (*parts, *(key for key in FORMULAS if key in known))
    explained = (_explained(scenario, plan, catalog, key) for key in wanted if key not in _BY_LIFE)
    fitting = (found for found in explained if found is not None and _comes_to(found, plan.figures.get(found.key)))
    return tuple({(found.key, found.formula_id): found for found in fitting}.values())


def _comes_to(explanation: Explanation, figure: Quantity | None) -> bool:
    """Whether a formula comes to the figure that is printed: one that explains something else is not shown beside it."""
    value = explanation.result.value
    if figure is None or figure.value is None or value is None:
        return True
    return abs(value - figure.value) <= _ROUNDING * abs(figure.value)


def _explained(scenario: Scenario, plan: Plan, catalog: Catalog, key: str) -> Explanation | None:
    """How a figure came about; None for one that has no formula of its own."""
    try:
        return explain(scenario, catalog, plan, key)
    except KeyError:
        return None
