"""All about money of a plan: owning, clouds, API, break-even and what matters most."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.money.cloud import months_of, offers_of, renting_of
from gpuplanner.engine.money.compare import api_month, breakeven_of
from gpuplanner.engine.money.levers import levers_of
from gpuplanner.engine.money.life import life_of
from gpuplanner.engine.money.product import Product, product_of
from gpuplanner.engine.money.result import Money, Offer
from gpuplanner.engine.result import Estimate, Plan
from gpuplanner.engine.site.result import Line, Site
from gpuplanner.scenario.document import Scenario


def money_of(scenario: Scenario, catalog: Catalog, answer: Estimate, plan: Plan, site: Site) -> Money:
    """What the plan costs over its life and against what.

    Args:
        scenario: the assumptions.
        catalog: prices and planning values.
        answer: a plan for every card, for the clouds.
        plan: the one that is owned.
        site: its bill of materials.
    """
    life = life_of(scenario, catalog, plan, site)
    offers = offers_of(renting_of(scenario, catalog, life, plan), answer)
    cloud = held_against(scenario, offers)
    months = math.ceil(scenario.money.lifetime_years * 12)
    api = api_month(scenario, plan, life.use.mean)
    product = product_of(plan)
    key = product.key if product is not None and product.key in life.figures else "tco"

    def cost(other: Scenario, factor: float) -> float | None:
        return life_of(other, catalog, plan, scaled(site, factor)).figures[key].value

    return Money(
        life=life,
        offers=offers,
        cloud=cloud,
        cloud_months=months_of(cloud, months) if cloud is not None else {},
        api_months=tuple(api * month for month in range(months + 1)) if api is not None else (),
        breakeven=breakeven_of(scenario, catalog, plan, site, life, cloud),
        levers=levers_of(scenario, cost, _spread(product)),
        unit_key=key,
    )


def held_against(scenario: Scenario, offers: Sequence[Offer]) -> Offer | None:
    """The instance asked for; else the cheapest at the term that meets the targets, from a published price where there is one."""
    term = scenario.money.cloud_term
    named = next((offer for offer in offers if offer.instance_id == scenario.money.cloud_instance), None)
    if named is not None:
        return named
    priced = [offer for offer in offers if term in offer.total]
    meets = [offer for offer in priced if offer.meets]
    return next(iter([offer for offer in meets if offer.firm] or meets or priced), None)


def scaled(site: Site, factor: float) -> Site:
    """The same with all prices times a factor."""
    if factor == 1.0:
        return site
    return dataclasses.replace(site, lines=tuple(_dearer(line, factor) for line in site.lines))


def _dearer(line: Line, factor: float) -> Line:
    if line.price is None or line.price.value is None:
        return line
    return dataclasses.replace(line, price=dataclasses.replace(line.price, value=line.price.value * factor))


def _spread(product: Product | None) -> tuple[float, float] | None:
    """Low and high of what is made, over the expected."""
    made = product.rate if product is not None else None
    if made is None or not made.value or not made.low or not made.high or made.low == made.high:
        return None
    return made.low / made.value, made.high / made.value
