"""The other ways that a quote shows beside the offered one: other GPUs for the same load, other scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Estimate, Plan, Quantity, Status
from gpuplanner.engine.site.build import site_of
from gpuplanner.engine.site.result import Site
from gpuplanner.report import phrases
from gpuplanner.report.content import Line, Option
from gpuplanner.report.kinds_of_gpu import gpu_names, gpus_of, layout_of
from gpuplanner.report.plain import one_line
from gpuplanner.report.pricing import EXTRA, lines
from gpuplanner.report.totals import totals
from gpuplanner.scenario.document import Scenario

USUAL: Final = 3
"""Other GPUs that a quote shows where nobody has chosen."""
MOST: Final = 8
TOTAL: Final = "purchase"
"""The key of the figure that is the total of the lines, as the quote has it."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Another scenario of the same customer with its answer, shown under its name."""

    name: str
    scenario: Scenario
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Picked:
    """What was chosen to stand beside the offer: other GPUs by their id (None: the usual ones), and variants."""

    gpus: tuple[str, ...] | None = None
    variants: tuple[Variant, ...] = ()


def others(estimate: Estimate, offer: Plan) -> list[Plan]:
    """The plans on other GPUs that carry the load, in the order of the estimate."""
    return [plan for plan in estimate.plans if plan.status is not Status.IMPOSSIBLE and plan.gpu_id != offer.gpu_id]


def options(
    scenario: Scenario,
    estimate: Estimate,
    offer: Plan,
    catalog: Catalog,
    quoted: Sequence[Line],
    keys: Sequence[str],
    picked: Picked,
) -> tuple[Option, ...]:
    """The offer and what stands beside it; none where nothing does.

    Args:
        scenario: what was asked.
        estimate: what followed.
        offer: the plan that is offered.
        catalog: the facts.
        quoted: the lines of the quote; the others take its discounts and taxes.
        keys: the figures of each, in order.
        picked: what was chosen.
    """
    running = others(estimate, offer)
    chosen = running[:USUAL] if picked.gpus is None else [plan for plan in running if plan.gpu_id in picked.gpus]
    ways = [("", scenario, estimate, plan) for plan in chosen]
    ways += [(one.name, one.scenario, one.estimate, plan) for one in picked.variants if (plan := _carries(one)) is not None]
    if not ways:
        return ()
    own = totals(quoted).quantity
    made = [_option("", offer, own, None, catalog, keys, offered=True)]
    for name, asked, answer, plan in ways[:MOST]:
        paid = alike(lines(asked, plan, catalog, site_of(asked, catalog, answer, plan)), quoted)
        same_money = asked.money.currency == scenario.money.currency
        total = totals(paid).quantity if same_money else replace(own, value=None)
        made.append(_option(name, plan, total, difference(total, own), catalog, keys))
    return tuple(made)


def _carries(variant: Variant) -> Plan | None:
    plan = variant.estimate.plan()
    return plan if plan is not None and plan.status is not Status.IMPOSSIBLE else None


def _option(
    name: str,
    plan: Plan,
    total: Quantity,
    more: float | None,
    catalog: Catalog,
    keys: Sequence[str],
    *,
    offered: bool = False,
) -> Option:
    return Option(
        gpu_name=gpu_names(plan, catalog),
        gpus=phrases.counted("gpus", gpus_of(plan)),
        layout=layout_of(plan, catalog),
        status=plan.status,
        figures=tuple(total if key == TOTAL else plan.figures.get(key) for key in keys),
        difference=more,
        offered=offered,
        name=one_line(name),
    )


def alike(other: Sequence[Line], quoted: Sequence[Line]) -> tuple[Line, ...]:
    """Other lines on the terms of a quote.

    Discount and tax are those that it gives on the same, or on the same kind of, line; a price that was agreed for the same thing
    holds, and what was added by hand comes with it.
    """
    by_key = {line.key: line for line in reversed(quoted)}
    by_kind = {kind(line): line for line in reversed(quoted)}
    made = []
    for line in other:
        same = by_key.get(line.key)
        if same is not None and same.catalog_price == line.catalog_price and same.specification == line.specification:
            line = replace(line, unit_price=same.unit_price, at_least=same.at_least)
        like = same or by_kind.get(kind(line))
        made.append(replace(line, discount=like.discount, tax=like.tax, optional=like.optional) if like is not None else line)
    return (*made, *(line for line in quoted if line.key.startswith(EXTRA)))


def kind(line: Line) -> str:
    """What a line is for, whichever product it is."""
    return line.key.partition(".")[0]


def site_total(scenario: Scenario, plan: Plan, catalog: Catalog, site: Site, quoted: Sequence[Line]) -> Quantity:
    """What a site comes to at the discounts and taxes of a quote."""
    return totals(alike(lines(scenario, plan, catalog, site), quoted)).quantity


def difference(other: Quantity, own: Quantity) -> float | None:
    """How much more another total is; unknown where either is, or covers less than the other."""
    if other.value is None or own.value is None or other.at_least != own.at_least:
        return None
    return other.value - own.value
