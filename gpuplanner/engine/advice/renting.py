"""Advice on how to rent: the terms of the clouds held against one another."""

from __future__ import annotations

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.advice.advise import LEAST_SAVING
from gpuplanner.engine.advice.result import Advice, Aim, Effect
from gpuplanner.engine.money.build import money_of
from gpuplanner.engine.result import Code, Estimate, Quantity, Status, Unit
from gpuplanner.engine.site.build import site_of
from gpuplanner.scenario.document import CloudTerm, Scenario, WorkloadKind

_NOTES = {CloudTerm.SPOT: "advice.note.spot", CloudTerm.RESERVED_1Y: "advice.note.reserved"}


def renting_advice(scenario: Scenario, catalog: Catalog, answer: Estimate) -> tuple[Advice, ...]:
    """The term at which the instance that owning is held against costs least, if it is another.

    Spot instances are only for work that can wait and be taken up again.
    """
    plan = answer.plan()
    if plan is None or plan.status is Status.IMPOSSIBLE:
        return ()
    now = scenario.money.cloud_term
    offer = money_of(scenario, catalog, answer, plan, site_of(scenario, catalog, answer, plan)).cloud
    if offer is None or now not in offer.month:
        return ()
    waits = scenario.workload.kind is not WorkloadKind.BATCH and not scenario.workload.kind.trains
    able = {term: amount for term, amount in offer.month.items() if not (waits and term is CloudTerm.SPOT)}
    best = min(able, key=lambda term: able[term], default=now)
    saving = 1 - able[best] / offer.month[now] if best in able and offer.month[now] else 0.0
    if best is now or saving < LEAST_SAVING:
        return ()
    effect = Effect("cloud_month", _money(offer.month[now]), _money(able[best]))
    code = Code("advice.rent", {"name": offer.name, "term": f"choice.money.cloud_term.{best.value}"})
    note = Code(_NOTES.get(best, "advice.note.reserved"))
    return (Advice(code, Aim.CHEAPER, (("money.cloud_term", best),), plan, (effect,), saving, None, note),)


def _money(amount: float) -> Quantity:
    return Quantity("cloud_month", amount, Unit.MONEY)
