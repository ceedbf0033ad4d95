"""The same need met by rented instances."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.cloud import CloudInstance, Hourly
from gpuplanner.engine.money.rates import exchange_rate
from gpuplanner.engine.money.result import Offer, Use
from gpuplanner.engine.result import Estimate, Plan, Status
from gpuplanner.scenario.document import CloudTerm, Scenario

_KINDS = {
    "on-demand": CloudTerm.ON_DEMAND,
    "reserved-1y": CloudTerm.RESERVED_1Y,
    "reserved-3y": CloudTerm.RESERVED_3Y,
    "spot": CloudTerm.SPOT,
}


def offers_of(scenario: Scenario, catalog: Catalog, answer: Estimate, use: Use, own_total: float | None) -> tuple[Offer, ...]:
    """Every instance whose card has a plan, with what it costs over the life; the cheapest first.

    Args:
        scenario: term, region, autoscaling, lifetime.
        catalog: instances and their prices.
        answer: a plan for every card.
        use: load of the day.
        own_total: cost of owning over the life; None is unknown.
    """
    plans = {plan.gpu_id: plan for plan in answer.plans if plan.status is not Status.IMPOSSIBLE and plan.gpus}
    offers = []
    for instance in catalog.clouds.values():
        plan = plans.get(instance.gpu_id or "")
        if plan is None or instance.status is not None or instance.gpu_fraction is not None or not instance.gpu_count:
            continue
        offers += _offers(scenario, catalog, instance, plan, use, own_total)
    term = scenario.money.cloud_term
    offers.sort(key=lambda offer: (offer.total.get(term, math.inf), not offer.meets, offer.instance_id))
    return tuple(offers)


def _offers(
    scenario: Scenario, catalog: Catalog, instance: CloudInstance, plan: Plan, use: Use, own_total: float | None
) -> list[Offer]:
    count = _count(instance, plan)
    if count is None:
        return []
    best = _region(scenario, instance.prices)
    if best is None:
        return []
    region, prices = best
    hours = catalog.rules["cloud-planning"].values["hours_per_month"]
    running = _mean_count(scenario, catalog, count, use)
    hourly: dict[CloudTerm, float] = {}
    for price in prices:
        rate = exchange_rate(price.currency, scenario.money.currency, scenario.money)
        term = _KINDS.get(price.kind.split(" ")[0])
        if rate is not None and term is not None and price.hourly * rate < hourly.get(term, math.inf):
            hourly[term] = price.hourly * rate
    extra = _egress(scenario)
    month = {
        term: price * hours * _instances(term, count, running) * _overhead(scenario, catalog, term) + extra
        for term, price in hourly.items()
    }
    total = {term: amount * scenario.money.lifetime_years * 12 for term, amount in month.items()}
    chosen = total.get(scenario.money.cloud_term)
    return [
        Offer(
            instance_id=instance.id,
            provider=instance.provider,
            name=instance.instance_type,
            gpu_id=plan.gpu_id,
            count=count,
            region=region,
            hourly=hourly,
            total=total,
            month=month,
            against=None if chosen is None or own_total is None else chosen - own_total,
            date=max(price.date for price in prices),
            meets=plan.status in (Status.MEETS, Status.EXPECTED),
            firm=all("(" not in price.kind for price in prices),
        )
    ]


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


def _mean_count(scenario: Scenario, catalog: Catalog, count: int, use: Use) -> float:
    """Instances that run on average: all, or as many as each hour's load needs."""
    if not scenario.money.autoscale or not scenario.money.day_curve or scenario.workload.kind.trains:
        return float(count)
    floor = catalog.rules["cloud-planning"].values["autoscale_floor"]
    least = max(1, math.ceil(count * floor))
    day = [max(least, math.ceil(count * share)) for share in use.hours]
    rest = [max(least, math.ceil(count * min(1.0, share * use.weekend))) for share in use.hours]
    return (5 * sum(day) + 2 * sum(rest)) / (7 * len(day))


def _instances(term: CloudTerm, count: int, running: float) -> float:
    """What is paid for: reserved instances whether they run or not."""
    return running if term in (CloudTerm.ON_DEMAND, CloudTerm.SPOT) else float(count)


def _overhead(scenario: Scenario, catalog: Catalog, term: CloudTerm) -> float:
    """More hours for spot instances: work since the last checkpoint and the restart are lost with each interruption."""
    if term is not CloudTerm.SPOT:
        return 1.0
    restart = catalog.rules["cloud-planning"].values["restart_minutes"]
    lost = restart + (scenario.training.checkpoint_minutes / 2 if scenario.workload.kind.trains else 0.0)
    share = min(0.9, scenario.money.spot_interruptions_per_day * lost / (24 * 60))
    return 1 / (1 - share)


def _egress(scenario: Scenario) -> float:
    return scenario.money.egress_gb_per_month * (scenario.money.egress_per_gb or 0.0)


def months_of(offer: Offer, months: int) -> Mapping[CloudTerm, tuple[float, ...]]:
    """What was spent after each month, by term."""
    return {term: tuple(amount * month for month in range(months + 1)) for term, amount in offer.month.items()}
