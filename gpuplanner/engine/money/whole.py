"""The money of all workloads of a customer together: the whole, what each takes of it, and what each phase adds."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estate.result import Estate, Row
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.money import entries
from gpuplanner.engine.money.build import held_against, scaled
from gpuplanner.engine.money.cloud import Renting, months_of, offers_of
from gpuplanner.engine.money.compare import breakeven_of
from gpuplanner.engine.money.levers import levers_of
from gpuplanner.engine.money.life import MONTHS, life_of, unit_costs
from gpuplanner.engine.money.phases import phases_paid
from gpuplanner.engine.money.product import product_of, run_hours
from gpuplanner.engine.money.result import Life, Money, Offer, Use, Whole, WorkCost
from gpuplanner.engine.money.use import HOURS, by_volume, use_of
from gpuplanner.engine.result import Estimate
from gpuplanner.engine.site.result import Site
from gpuplanner.scenario.document import CloudTerm, Scenario
from gpuplanner.scenario.money import Money as Asked

Estimator = Callable[[Scenario, Catalog], Estimate]
TOGETHER = "together"  # the id of all instances of an estate as one offer


def whole_of(scenario: Scenario, catalog: Catalog, estate: Estate, estimator: Estimator = estimate) -> Whole | None:
    """What all workloads cost together, bought and rented.

    Args:
        scenario: the customer's assumptions on money.
        catalog: prices and planning values.
        estate: workloads, their parts of the GPUs, and the site.
        estimator: for the clouds, where the estate was kept to one kind of GPU.

    Returns:
        None where nothing runs.
    """
    rows = running_rows(estate.rows)
    if not rows:
        return None
    life = estate_life(scenario, catalog, rows, estate.site)
    works = tuple(_work(scenario, catalog, row, part, life, estimator) for row, part in zip(rows, parts_of(rows), strict=True))
    months = math.ceil(scenario.money.lifetime_years * MONTHS)
    cloud = _rented_together(scenario, works)

    def cost(other: Scenario, factor: float) -> float | None:
        return estate_life(other, catalog, rows, scaled(estate.site, factor)).figures["tco"].value

    money = Money(
        life=life,
        offers=tuple(work.cloud for work in works if work.cloud is not None),
        cloud=cloud,
        cloud_months=months_of(cloud, months) if cloud is not None else {},
        api_months=(),
        breakeven=breakeven_of(scenario, catalog, None, estate.site, life, cloud),
        levers=levers_of(scenario, cost, None),
        unit_key="tco",
    )
    return Whole(money, works, phases_paid(scenario, catalog, estate.site, life.use))


def running_rows(rows: Sequence[Row]) -> list[Row]:
    """The workloads that run."""
    return [row for row in rows if row.plan is not None and row.plan.gpus and row.scenario is not None]


def estate_life(scenario: Scenario, catalog: Catalog, rows: Sequence[Row], site: Site) -> Life:
    """Owning a site that several workloads use: each hour of the day as they do, by their parts of the GPUs.

    Args:
        scenario: shares, lifetime, tariff, curve of the day.
        catalog: planning values.
        rows: the workloads that run.
        site: bill of materials and power of all.
    """
    uses = [use_in(scenario, row) for row in rows]
    weighted = list(zip(parts_of(rows), uses, strict=True))
    hours = tuple(sum(part * use.hours[hour] for part, use in weighted) for hour in range(HOURS))
    weekend = sum(part * use.weekend for part, use in weighted)
    return life_of(scenario, catalog, None, site, Use(hours, weekend, sum(part * use.mean for part, use in weighted)))


def parts_of(rows: Sequence[Row]) -> list[float]:
    """Each workload's part of all; what is free or stands by goes with them."""
    whole = sum(row.share for row in rows)
    return [row.share / whole if whole else 1 / len(rows) for row in rows]


def use_in(scenario: Scenario, row: Row) -> Use:
    """How a workload's day goes: nothing is made outside its hours."""
    assert row.scenario is not None
    use = use_of(scenario.money, row.scenario.workload)
    if not row.hours or all(row.hours) or (by_volume(row.scenario.workload) and not scenario.money.day_curve):
        return use
    hours = tuple(load if on else 0.0 for load, on in zip(use.hours, row.hours, strict=True))
    left = sum(hours) / sum(use.hours) if sum(use.hours) else 0.0
    return Use(hours, use.weekend, use.mean * left)


def _work(scenario: Scenario, catalog: Catalog, row: Row, part: float, life: Life, estimator: Estimator) -> WorkCost:
    assert row.plan is not None
    assert row.scenario is not None
    use = use_in(scenario, row)
    purchase, running, tco = (
        entries.renamed(entries.scaled(life.figures[key], part), key) for key in ("purchase_total", "running", "tco")
    )
    product = product_of(row.plan)
    costs = unit_costs(row.scenario, row.plan, tco, use.mean) if tco.value is not None else {}
    renting = Renting(row.scenario, catalog, use, tco.value, run_hours(row.plan))
    every = row.alone
    if len(every.plans) < len(catalog.gpus):  # what is rented doesn't hang on what is paid: answers outlive edits of money
        every = estimator(row.scenario.model_copy(update={"money": Asked()}), catalog)
    cloud = held_against(row.scenario, offers_of(renting, every))
    return WorkCost(row.letter, row.name, part, purchase, running, tco, costs.get(product.key) if product else None, cloud)


def _rented_together(scenario: Scenario, works: Sequence[WorkCost]) -> Offer | None:
    """What all would cost rented, each on the instances that suit it; None where one of them has no price."""
    found = [work.cloud for work in works]
    clouds = [cloud for cloud in found if cloud is not None]
    if len(clouds) < len(found):
        return None
    terms = [term for term in CloudTerm if all(term in cloud.month for cloud in clouds)]
    if not terms:
        return None
    month = {term: sum(cloud.month[term] for cloud in clouds) for term in terms}
    total = {term: amount * scenario.money.lifetime_years * MONTHS for term, amount in month.items()}
    own = [work.tco.value for work in works]
    known = None if None in own else sum(value or 0.0 for value in own)
    chosen = total.get(scenario.money.cloud_term)
    return dataclasses.replace(
        clouds[0],
        instance_id=TOGETHER,
        count=sum(cloud.count for cloud in clouds),
        hourly={},
        month=month,
        total=total,
        against=None if chosen is None or known is None else chosen - known,
        date=min(cloud.date for cloud in clouds),
        meets=all(cloud.meets for cloud in clouds),
        firm=all(cloud.firm for cloud in clouds),
        assumed=frozenset().union(*(cloud.assumed for cloud in clouds)),
        run={},
    )
