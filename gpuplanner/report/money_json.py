"""Money and clouds as JSON objects. Described in docs/estimate-json.md."""

from __future__ import annotations

from typing import Any

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.money.build import money_of
from gpuplanner.engine.money.result import Entry, Money, Offer, PhasePaid, WorkCost
from gpuplanner.engine.result import Estimate
from gpuplanner.engine.site.build import site_of
from gpuplanner.report.as_json import code_json, quantity_json
from gpuplanner.scenario.document import Scenario


def money_json(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> dict[str, Any] | None:
    """Owning over its life; None where nothing runs."""
    money = _money(scenario, estimate, catalog)
    if money is None:
        return None
    life, even = money.life, money.breakeven
    return {
        "currency": scenario.money.currency,
        "lifetime_years": scenario.money.lifetime_years,
        "use": {"mean": life.use.mean, "hours": list(life.use.hours), "weekend": life.use.weekend},
        "figures": {key: quantity_json(quantity) for key, quantity in life.figures.items()},
        "once": [_entry(entry) for entry in life.once],
        "yearly": [_entry(entry) for entry in life.yearly],
        "spent_by_month": list(life.own),
        "breakeven": {
            "months": even.months,
            "months_low": even.months_low,
            "months_high": even.months_high,
            "use_against_api": even.use,
            "use_against_cloud": even.cloud_use,
            "api_per_million_output": even.api,
        }
        if even is not None
        else None,
        "levers": [
            {
                "key": lever.key,
                "name": code_json(lever.name),
                "low": code_json(lever.low_label),
                "high": code_json(lever.high_label),
                "cost_at_low": lever.low,
                "cost_at_high": lever.high,
            }
            for lever in money.levers
        ],
        "levers_move": money.unit_key,
        "warnings": [code_json(code) for code in life.warnings],
        "whole": _whole(scenario, catalog),
    }


def _whole(scenario: Scenario, catalog: Catalog) -> dict[str, Any] | None:
    """All workloads together and the phases; None where there is one workload, built at once."""
    if not (scenario.estate.more or scenario.site.phases or scenario.site.growth_years):
        return None
    from gpuplanner.engine.estate.build import estate_of
    from gpuplanner.engine.estate.memo import Memo
    from gpuplanner.engine.money.whole import whole_of

    memo = Memo()
    whole = whole_of(scenario, catalog, estate_of(scenario, catalog, memo), memo)
    if whole is None:
        return None
    even = whole.money.breakeven
    return {
        "figures": {key: quantity_json(quantity) for key, quantity in whole.money.life.figures.items()},
        "once": [_entry(entry) for entry in whole.money.life.once],
        "yearly": [_entry(entry) for entry in whole.money.life.yearly],
        "workloads": [_work(work) for work in whole.works],
        "phases": [_phase(phase) for phase in whole.phases],
        "cloud_month": {term.value: amount for term, amount in whole.money.cloud.month.items()} if whole.money.cloud else None,
        "breakeven_months": even.months if even is not None else None,
    }


def _work(work: WorkCost) -> dict[str, Any]:
    return {
        "letter": work.letter,
        "name": work.name,
        "part": work.part,
        "purchase": quantity_json(work.purchase),
        "running": quantity_json(work.running),
        "life": quantity_json(work.tco),
        "unit_cost": {"figure": work.unit.key, **quantity_json(work.unit)} if work.unit is not None else None,
        "cloud": _offer(work.cloud) if work.cloud is not None else None,
    }


def _phase(phase: PhasePaid) -> dict[str, Any]:
    return {
        "name": code_json(phase.name),
        "once": [_entry(entry) for entry in phase.once],
        "added": quantity_json(phase.added),
        "bought": quantity_json(phase.bought),
        "running": quantity_json(phase.running),
    }


def cloud_json(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> dict[str, Any] | None:
    """The same need met by rented instances; None where nothing runs."""
    money = _money(scenario, estimate, catalog)
    if money is None:
        return None
    return {
        "currency": scenario.money.currency,
        "term": scenario.money.cloud_term.value,
        "held_against": money.cloud.instance_id if money.cloud is not None else None,
        "offers": [_offer(offer) for offer in money.offers],
    }


def _money(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> Money | None:
    plan = None if estimate.refusal is not None else estimate.plan()
    if plan is None or plan.memory is None or not plan.gpus:
        return None
    return money_of(scenario, catalog, estimate, plan, site_of(scenario, catalog, estimate, plan))


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "key": entry.key,
        "name": code_json(entry.name),
        "amount": quantity_json(entry.amount),
        "detail": [code_json(code) for code in entry.detail],
    }


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "instance": offer.instance_id,
        "provider": offer.provider,
        "name": offer.name,
        "gpu": offer.gpu_id,
        "gpus_each": offer.gpus_each,
        "count": offer.count,
        "region": offer.region,
        "meets": offer.meets,
        "hourly": {term.value: price for term, price in offer.hourly.items()},
        "month": {term.value: amount for term, amount in offer.month.items()},
        "life": {term.value: amount for term, amount in offer.total.items()},
        "run": {term.value: amount for term, amount in offer.run.items()} or None,
        "assumed": sorted(term.value for term in offer.assumed),
        "against_own": offer.against,
        "priced": offer.date,
        "firm": offer.firm,
    }
