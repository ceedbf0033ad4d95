"""Opening what owning costs over its life, down to the bill of materials, the tariff and the hour's price of an instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final

from gpuplanner.engine.explain.book import Given, Opener, computed
from gpuplanner.engine.money.build import money_of
from gpuplanner.engine.money.cloud import Renting, overhead_of, renting_of, running_of
from gpuplanner.engine.money.entries import goods_of
from gpuplanner.engine.money.product import product_of
from gpuplanner.engine.money.result import Money, Offer
from gpuplanner.engine.money.use import by_volume, tariff
from gpuplanner.engine.result import Code, Estimate, Explanation, Plan, Quantity, Unit
from gpuplanner.engine.site.build import site_of
from gpuplanner.engine.site.prices import total
from gpuplanner.engine.site.result import Site
from gpuplanner.scenario.document import CloudTerm

PREFIX: Final = "life."
_ENTERED: Final = Code("source.input")
_PLANNED: Final = Code("source.planned")
_OPENS: Final = {"cost_per_million": "throughput", "cost_per_thousand_items": "item_rate", "cost_per_run": "training_time"}


class LifeBook(Opener):
    """What the explanations are read from: site and money of a plan, worked out once more."""

    @cached_property
    def answer(self) -> Estimate:
        """All plans, for clouds with other cards."""
        from gpuplanner.engine.estimate import estimate

        return estimate(self.scenario, self.catalog)

    @cached_property
    def site(self) -> Site:
        """The bill of materials."""
        return site_of(self.scenario, self.catalog, Estimate((self.plan,), self.plan.gpu_id), self.plan)

    @cached_property
    def own(self) -> Money:
        """Owning, with no cloud but those of the same card."""
        return money_of(self.scenario, self.catalog, Estimate((self.plan,), self.plan.gpu_id), self.plan, self.site)

    @cached_property
    def money(self) -> Money:
        """Owning and all clouds."""
        return money_of(self.scenario, self.catalog, self.answer, self.plan, self.site)

    def figure(self, key: str) -> Quantity:
        """A figure of owning that is known.

        Raises:
            KeyError: it isn't.
        """
        found = self.own.life.figures[key]
        if found.value is None:
            raise KeyError(key)
        return found

    def entered(self, name: str) -> Given:
        """A field of the money's form."""
        return Given(float(getattr(self.scenario.money, name)), _ENTERED, f"money.{name}")

    def part(self, key: str) -> Given:
        """A figure that opens further."""
        return computed(self.figure(key).value or 0.0, PREFIX + key)

    def goods(self) -> Given:
        """The bill of materials with discounts taken off."""
        found = total([entry.amount for entry in goods_of(self.scenario, self.site)])
        if found.value is None:
            raise KeyError("goods")
        return Given(found.value, Code("source.bill", {"lines": len(self.site.lines)}), "money.discounts")


def opened(book: LifeBook, key: str) -> Explanation:
    """A figure of owning, laid open.

    Raises:
        KeyError: the plan has no such figure, or a price isn't known.
    """
    name = key.removeprefix(PREFIX)
    if name in _OPENS:
        return _per_lot(book, name)
    return OPENERS[name](book)


def _notes(found: Quantity) -> tuple[Code, ...]:
    return (Code("money.warning.open"),) if found.at_least else ()


def _purchase(book: LifeBook) -> Explanation:
    found = book.figure("purchase_total")
    given = {"goods": book.goods()} | {name: book.entered(name) for name in ("installation", "spare_parts", "tax")}
    lines = tuple(
        Code(
            "note.money.line", {"name": entry.name, "amount_money": entry.amount.value, "currency": book.scenario.money.currency}
        )
        for entry in book.own.life.once
    )
    return book.opened(f"{PREFIX}purchase_total", "money.purchase_total", given, result=found, notes=(*lines, *_notes(found)))


def _running(book: LifeBook) -> Explanation:
    asked = book.scenario.money
    racks = book.site.figures.get("racks")
    rate = tariff(asked, book.own.life.use, book.catalog.rules["energy-planning"].values["idle_share"])
    given = {
        "energy": book.part("energy_year"),
        "tariff": Given(rate, _ENTERED, "money.electricity_per_kwh"),
        "goods": book.goods() if asked.support else Given(0.0, Code("source.bill", {"lines": len(book.site.lines)})),
        "support": book.entered("support"),
        "racks": Given((racks.value or 0.0) if racks is not None else 0.0, Code("source.computed")),
        "rent": book.entered("rack_rent_per_year"),
        "staff": book.entered("staff"),
        "pay": book.entered("staff_per_year"),
    }
    found = book.figure("running")
    return book.opened(f"{PREFIX}running", "money.running", given, result=found, notes=_notes(found))


def _energy(book: LifeBook) -> Explanation:
    load = book.site.figures["power_load"].value or 0.0
    idle = book.catalog.rules["energy-planning"].values["idle_share"]
    given = {
        "load": computed(load),
        "idle": Given(idle, _PLANNED),
        "use": _use(book),
        "pue": book.entered("pue"),
    }
    return book.opened(f"{PREFIX}energy_year", "money.energy_year", given, result=book.figure("energy_year"))


def _tco(book: LifeBook) -> Explanation:
    given = {
        "once": book.part("purchase_total"),
        "yearly": book.part("running"),
        "years": book.entered("lifetime_years"),
        "residual": book.entered("residual"),
    }
    found = book.figure("tco")
    return book.opened(f"{PREFIX}tco", "money.tco", given, result=found, notes=_notes(found))


def _per_lot(book: LifeBook, name: str) -> Explanation:
    product = product_of(book.plan)
    if product is None or product.key != name:
        raise KeyError(name)
    given = {
        "total": book.part("tco"),
        "rate": computed(product.per_second, _OPENS[name] if book.plan.mix is None else None),
        "use": _use(book),
        "years": book.entered("lifetime_years"),
        "lot": Given(product.lot, Code("source.computed")),
    }
    found = book.figure(name)
    return book.opened(PREFIX + name, "money.life_per_lot", given, result=found, notes=_notes(found))


def _months(book: LifeBook) -> Explanation:
    even = book.money.breakeven
    offer = _held(book)
    if even is None or even.months is None:
        raise KeyError("breakeven_months")
    given = {
        "once": book.part("purchase_total"),
        "month": computed(offer.month[book.scenario.money.cloud_term], f"{PREFIX}cloud_month"),
        "yearly": book.part("running"),
    }
    found = Quantity("breakeven_months", even.months, Unit.COUNT, even.months_low, even.months_high)
    notes = _notes(book.figure("purchase_total"))
    return book.opened(f"{PREFIX}breakeven_months", "money.breakeven_months", given, result=found, notes=notes)


def _cloud(book: LifeBook) -> Explanation:
    offer, term = _held(book), book.scenario.money.cloud_term
    renting = renting_of(book.scenario, book.catalog, book.money.life, book.plan)
    plan = book.answer.plan(offer.gpu_id) or book.plan
    told = Code("source.cloud", {"provider": offer.provider, "name": offer.name, "region": offer.region, "date": offer.date})
    given = {
        "hourly": Given(offer.hourly[term], told, "money.cloud_instance"),
        "hours": Given(renting.planned("hours_per_month"), _PLANNED),
        "instances": Given(running_of(renting, plan, offer.count, term), Code("source.layout")),
        "overhead": _overhead(renting, term),
        "beside": Given(renting.beside, _ENTERED, "money.egress_gb_per_month"),
    }
    return book.opened(f"{PREFIX}cloud_month", "money.cloud_month", given)


def _overhead(renting: Renting, term: CloudTerm) -> Given:
    opens = f"{PREFIX}spot_overhead" if term is CloudTerm.SPOT else None
    return computed(overhead_of(renting, term), opens)


def _spot(book: LifeBook) -> Explanation:
    renting = renting_of(book.scenario, book.catalog, book.own.life, book.plan)
    trains = book.scenario.workload.kind.trains
    between = Given(book.scenario.training.checkpoint_minutes, _ENTERED, "training.checkpoint_minutes")
    given = {
        "interruptions": book.entered("spot_interruptions_per_day"),
        "restart": Given(renting.planned("restart_minutes"), _PLANNED),
        "checkpoint": between if trains else Given(0.0, Code("source.computed")),
    }
    return book.opened(f"{PREFIX}spot_overhead", "money.spot_overhead", given)


def _held(book: LifeBook) -> Offer:
    offer = book.money.cloud
    if offer is None or book.scenario.money.cloud_term not in offer.month:
        raise KeyError("cloud_month")
    return offer


def _use(book: LifeBook) -> Given:
    mean = book.own.life.use.mean
    if book.scenario.money.day_curve:
        return Given(mean, _ENTERED, "money.day_curve")
    if by_volume(book.scenario.workload):
        return Given(mean, Code("source.volume"), "workload.busy_hours")
    return Given(mean, _ENTERED, "money.utilization")


OPENERS: Final[Mapping[str, Callable[[LifeBook], Explanation]]] = {
    "purchase_total": _purchase,
    "running": _running,
    "energy_year": _energy,
    "tco": _tco,
    "breakeven_months": _months,
    "cloud_month": _cloud,
    "spot_overhead": _spot,
}


def keys(plan: Plan) -> tuple[str, ...]:
    """Every figure of owning that a plan may have."""
    product = product_of(plan)
    return tuple(PREFIX + name for name in (*OPENERS, *([product.key] if product is not None else [])))
