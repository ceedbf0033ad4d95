"""The same need met by rented instances."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.cloud import CloudInstance, Hourly
from gpuplanner.engine.money import life_formulas as formulas
from gpuplanner.engine.money.product import run_hours
from gpuplanner.engine.money.rates import exchange_rate
from gpuplanner.engine.money.result import Life, Offer, Use
from gpuplanner.engine.result import Estimate, Plan, Status
from gpuplanner.scenario.document import CloudTerm, Scenario

_KINDS = {
    "on-demand": CloudTerm.ON_DEMAND,
    "reserved-1y": CloudTerm.RESERVED_1Y,
    "reserved-3y": CloudTerm.RESERVED_3Y,
    "spot": CloudTerm.SPOT,
}
_BY_THE_HOUR = (CloudTerm.ON_DEMAND, CloudTerm.SPOT)
_MOST_LOST = 0.9  # share of the time that interruptions may cost at most


@dataclass(frozen=True, slots=True)
class Renting:
    """What all offers are worked out from. ``run_hours`` is how long a training run takes on what is owned."""

    scenario: Scenario
    catalog: Catalog
    use: Use
    own_total: float | None
    run_hours: float | None

    def planned(self, name: str) -> float:
        """A planning value of renting."""
        return self.catalog.rules["cloud-planning"].values[name]

    @property
    def beside(self) -> float:
        """Storage and what leaves the cloud, a month."""
        asked = self.scenario.money
        out = asked.egress_gb_per_month * (asked.egress_per_gb or 0.0)
        return out + asked.cloud_storage_gb * (asked.cloud_storage_per_gb or 0.0)


def renting_of(scenario: Scenario, catalog: Catalog, life: Life, own: Plan | None) -> Renting:
    """What offers are worked out from, for a plan that is owned."""
    return Renting(scenario, catalog, life.use, life.figures["tco"].value, run_hours(own) if own is not None else None)


def offers_of(renting: Renting, answer: Estimate) -> tuple[Offer, ...]:
    """Every instance whose card has a plan, with what it costs over the life; the cheapest first.

    Args:
        renting: terms, load of the day, cost of owning; a cloud makes as many training runs as what is owned.
        answer: a plan for every card.
    """
    plans = {plan.gpu_id: plan for plan in answer.plans if plan.status is not Status.IMPOSSIBLE and plan.gpus}
    offers = []
    for instance in renting.catalog.clouds.values():
        plan = plans.get(instance.gpu_id or "")
        if plan is None or instance.status is not None or instance.gpu_fraction is not None or not instance.gpu_count:
            continue
        offer = _offer(renting, instance, plan)
        if offer is not None:
            offers.append(offer)
    term = renting.scenario.money.cloud_term
    offers.sort(key=lambda offer: (offer.total.get(term, math.inf), not offer.meets, offer.instance_id))
    return tuple(offers)


def _offer(renting: Renting, instance: CloudInstance, plan: Plan) -> Offer | None:
    scenario = renting.scenario
    count = _count(instance, plan)
    if count is None:
        return None
    best = _region(scenario, instance.prices)
    if best is None and instance.prices:  # not in the region asked for, or in a currency without a rate
        return None
    region, prices = best or ("", [])  # nobody published what it costs: it is told all the same
    hourly = _hourly(scenario, prices)
    assumed = _add_reserved(scenario, hourly)
    month = {term: _month(renting, plan, count, term, price) for term, price in hourly.items()}
    total = {term: amount * scenario.money.lifetime_years * 12 for term, amount in month.items()}
    chosen = total.get(scenario.money.cloud_term)
    return Offer(
        instance_id=instance.id,
        provider=instance.provider,
        name=instance.instance_type,
        gpu_id=plan.gpu_id,
        count=count,
        region=region,
        hourly=hourly,
        total=total,
        month=month,
        against=None if chosen is None or renting.own_total is None else chosen - renting.own_total,
        date=max((price.date for price in prices), default=""),
        meets=plan.status in (Status.MEETS, Status.EXPECTED),
        firm=bool(prices) and all("(" not in price.kind for price in prices),
        gpus_each=instance.gpu_count or 1,
        assumed=assumed,
        run=_runs(renting, plan, count, hourly),
    )


def _hourly(scenario: Scenario, prices: Sequence[Hourly]) -> dict[CloudTerm, float]:
    """The lowest price of each term, in the scenario's currency."""
    found: dict[CloudTerm, float] = {}
    for price in prices:
        rate = exchange_rate(price.currency, scenario.money.currency, scenario.money)
        term = _KINDS.get(price.kind.split(" ")[0])
        if rate is not None and term is not None and price.hourly * rate < found.get(term, math.inf):
            found[term] = price.hourly * rate
    return found


def _add_reserved(scenario: Scenario, hourly: dict[CloudTerm, float]) -> frozenset[CloudTerm]:
    """Reserved prices by the discounts that were entered, where none is published."""
    asked, base = scenario.money, hourly.get(CloudTerm.ON_DEMAND)
    given = {CloudTerm.RESERVED_1Y: asked.reserved_1y_discount, CloudTerm.RESERVED_3Y: asked.reserved_3y_discount}
    added = {term: base * (1 - less) for term, less in given.items() if base and less is not None and term not in hourly}
    hourly.update(added)
    return frozenset(added)


def _month(renting: Renting, plan: Plan, count: int, term: CloudTerm, price: float) -> float:
    """What a month costs: instances stand all month, but training rents them only while it runs."""
    hours, running = renting.planned("hours_per_month"), running_of(renting, plan, count, term)
    return float(formulas.cloud_month(price, hours, running, overhead_of(renting, term), renting.beside))


def running_of(renting: Renting, plan: Plan, count: int, term: CloudTerm) -> float:
    """Instances that are paid for on average: reserved ones whether they run or not."""
    lasts = run_hours(plan)
    if term not in _BY_THE_HOUR:
        return float(count)
    if lasts is not None and renting.run_hours:
        return count * renting.use.mean * lasts / renting.run_hours
    return _mean_count(renting, count)


def _runs(renting: Renting, plan: Plan, count: int, hourly: Mapping[CloudTerm, float]) -> Mapping[CloudTerm, float]:
    """What one training run costs by the hour; nothing for other work."""
    lasts = run_hours(plan)
    if lasts is None:
        return {}
    return {term: hourly[term] * count * lasts * overhead_of(renting, term) for term in _BY_THE_HOUR if term in hourly}


def _count(instance: CloudInstance, plan: Plan) -> int | None:
    """Instances for the plan; a replica that is larger than an instance needs one with a network to others."""
    cards, degree = instance.gpu_count or 1, max(plan.gpus_per_replica, 1)
    replicas = plan.replicas + plan.spare_replicas
    if degree <= cards:
        return math.ceil(replicas / (cards // degree))
    if cards < 8:
        return None
    return replicas * math.ceil(degree / cards)


def _region(scenario: Scenario, prices: Sequence[Hourly]) -> tuple[str, list[Hourly]] | None:
    """The region asked for, or the one with the lowest price on demand."""
    regions: dict[str, list[Hourly]] = {}
    for price in prices:
        if exchange_rate(price.currency, scenario.money.currency, scenario.money) is not None:
            regions.setdefault(price.region, []).append(price)
    wanted = scenario.money.cloud_region
    if wanted:
        return (wanted, regions[wanted]) if wanted in regions else None
    if not regions:
        return None
    return min(regions.items(), key=lambda item: (min(price.hourly for price in item[1]), item[0]))


def _mean_count(renting: Renting, count: int) -> float:
    """Instances that run on average: all, or as many as each hour's load needs between the least and the most asked for."""
    asked, use = renting.scenario.money, renting.use
    if not asked.autoscale or renting.scenario.workload.kind.trains or (len(set(use.hours)) == 1 and use.weekend == 1):
        return float(count)
    usual = max(1, math.ceil(count * renting.planned("autoscale_floor")))
    most = count if asked.cloud_most is None else min(count, asked.cloud_most)
    least = min(usual if asked.cloud_least is None else asked.cloud_least, most)

    def running(share: float) -> int:
        return max(least, min(most, math.ceil(count * min(1.0, share) - 1e-9)))

    day = sum(running(share) for share in use.hours)
    rest = sum(running(share * use.weekend) for share in use.hours)
    return (5 * day + 2 * rest) / (7 * len(use.hours))


def overhead_of(renting: Renting, term: CloudTerm) -> float:
    """More hours for spot instances: work since the last checkpoint and the restart are lost with each interruption."""
    if term is not CloudTerm.SPOT:
        return 1.0
    scenario, restart = renting.scenario, renting.planned("restart_minutes")
    between = scenario.training.checkpoint_minutes if scenario.workload.kind.trains else 0.0
    often = scenario.money.spot_interruptions_per_day
    most = _MOST_LOST * 24 * 60 / (restart + between / 2)
    return float(formulas.spot_overhead(min(often, most), restart, between))


def months_of(offer: Offer, months: int) -> Mapping[CloudTerm, tuple[float, ...]]:
    """What was spent after each month, by term."""
    return {term: tuple(amount * month for month in range(months + 1)) for term, amount in offer.month.items()}
