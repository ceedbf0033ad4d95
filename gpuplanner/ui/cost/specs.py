"""The fields of the page's own form."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from gpuplanner.engine.money.use import by_volume
from gpuplanner.format import SYMBOLS
from gpuplanner.scenario.document import CloudTerm, Scenario
from gpuplanner.texts import text
from gpuplanner.ui.cost.offers import provider
from gpuplanner.ui.fields.choice import Option
from gpuplanner.ui.form import conditions as when
from gpuplanner.ui.form import options
from gpuplanner.ui.form.field_spec import SectionSpec, Worded, choice, electricity_unit, quantity, rate_date
from gpuplanner.units import QuantityKind

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

_K: Final = QuantityKind


def _today() -> dict[str, object]:
    return {"money.rate_date": date.today()}


def _money(path: str) -> Worded:
    """The currency, and what an amount is for."""

    def unit(scenario: Scenario) -> str:
        return f"{SYMBOLS[scenario.money.currency]} {text(f'cost.unit.{path}')}"

    return unit


def _instances(scenario: Scenario, catalog: Catalog | None) -> list[Option]:
    """The cheapest, then every instance with a price."""
    del scenario
    first = [Option(None, text("cost.cheapest"))]
    if catalog is None:
        return first
    known = [item for item in catalog.clouds.values() if item.prices and item.gpu_count and item.gpu_id in catalog.gpus]
    known.sort(key=lambda item: (item.provider, item.instance_type))
    return first + [Option(item.id, f"{provider(item.provider)} {item.instance_type}") for item in known]


def _regions(scenario: Scenario, catalog: Catalog | None) -> list[Option]:
    """Any, then every region that has a price of one of the instances."""
    del scenario
    known = {price.region for item in catalog.clouds.values() for price in item.prices} if catalog is not None else set()
    return [Option(None, text("cost.anywhere")), *(Option(region, region) for region in sorted(known - {"any"}))]


def _uneven(scenario: Scenario) -> bool:
    """The load isn't the same at all hours: instances may follow it."""
    return not scenario.workload.kind.trains and (_curved(scenario) or _by_volume(scenario))


def _scales(scenario: Scenario) -> bool:
    return scenario.money.autoscale and _uneven(scenario)


def _valley(scenario: Scenario) -> bool:
    return scenario.money.valley_per_kwh is not None


def _spot(scenario: Scenario) -> bool:
    return scenario.money.cloud_term is CloudTerm.SPOT


def _reserved(scenario: Scenario) -> bool:
    return scenario.money.cloud_term in (CloudTerm.RESERVED_1Y, CloudTerm.RESERVED_3Y)


def _curved(scenario: Scenario) -> bool:
    """The day has a curve of its own."""
    return bool(scenario.money.day_curve)


def _even(scenario: Scenario) -> bool:
    """Nothing but its mean use says how the day goes."""
    return not _curved(scenario) and not _by_volume(scenario)


def _by_volume(scenario: Scenario) -> bool:
    """The load by the day says how much is made."""
    return not _curved(scenario) and by_volume(scenario.workload)


MONEY_SECTIONS: Final = (
    SectionSpec(
        "cost_life",
        (
            quantity("money.lifetime_years", _K.YEARS),
            quantity("money.residual", _K.PERCENT),
            quantity("money.discounting", _K.PERCENT),
        ),
    ),
    SectionSpec(
        "cost_use",
        (
            quantity("money.utilization", _K.PERCENT, shown=_even),
            quantity("workload.busy_hours", _K.HOURS, shown=_by_volume),
            quantity("workload.peak_factor", _K.NUMBER, shown=_by_volume),
            quantity("workload.output_tokens", _K.TOKENS, shown=when.writes),
            quantity("workload.input_tokens", _K.TOKENS, shown=when.writes),
        ),
    ),
    SectionSpec(
        "cost_running",
        (
            quantity("money.electricity_per_kwh", _K.MONEY, unit=electricity_unit),
            quantity("money.pue", _K.NUMBER),
            quantity("money.rack_rent_per_year", _K.MONEY, unit=_money("rack_rent_per_year")),
            quantity("money.support", _K.PERCENT),
            quantity("money.staff", _K.NUMBER),
            quantity("money.staff_per_year", _K.MONEY, unit=_money("staff_per_year")),
        ),
    ),
    SectionSpec(
        "cost_against",
        (
            choice("money.cloud_instance", _instances),
            choice("money.cloud_term", options.of_enum("money.cloud_term", CloudTerm)),
            quantity("money.reserved_1y_discount", _K.PERCENT, empty="form.unknown", shown=_reserved),
            quantity("money.reserved_3y_discount", _K.PERCENT, empty="form.unknown", shown=_reserved),
            quantity("money.spot_interruptions_per_day", _K.NUMBER, shown=_spot),
            choice("money.cloud_region", _regions),
            choice("money.autoscale", options.yes_or_no("money.autoscale"), shown=_uneven),
            quantity("money.cloud_least", _K.WHOLE, empty="form.automatic", shown=_scales),
            quantity("money.cloud_most", _K.WHOLE, empty="form.no_limit", shown=_scales),
            *(
                quantity(f"money.{name}", _K.MONEY, unit=_money(name), empty="form.unknown", shown=when.writes)
                for name in ("api_input_per_million", "api_output_per_million")
            ),
            quantity("money.cloud_storage_gb", _K.NUMBER),
            quantity(
                "money.cloud_storage_per_gb", _K.MONEY, unit=_money("cloud_storage_per_gb"), empty="form.unknown",
                shown=lambda scenario: scenario.money.cloud_storage_gb > 0,
            ),
            quantity("money.egress_gb_per_month", _K.NUMBER),
            quantity(
                "money.egress_per_gb", _K.MONEY, unit=_money("egress_per_gb"), empty="form.unknown",
                shown=lambda scenario: scenario.money.egress_gb_per_month > 0,
            ),
        ),
    ),
    SectionSpec(
        "cost_currency",
        (
            choice("money.currency", options.currencies),
            quantity("money.cny_per_usd", _K.NUMBER, note=rate_date, also=_today),
            quantity("money.eur_per_usd", _K.NUMBER, also=_today, shown=lambda scenario: scenario.money.currency == "EUR"),
        ),
    ),
)  # fmt: skip

PRICE_SECTIONS: Final = (
    SectionSpec(
        "cost_purchase",
        (
            quantity("money.tax", _K.PERCENT),
            quantity("money.installation", _K.PERCENT),
            quantity("money.spare_parts", _K.PERCENT),
        ),
    ),
    SectionSpec(
        "cost_budget", (quantity("money.budget", _K.MONEY, unit=_money("budget"), empty="form.no_limit", shown=when.answers),)
    ),
)

CURVE_SECTIONS: Final = (
    SectionSpec(
        "cost_day",
        (
            quantity("money.weekend", _K.NUMBER, shown=_curved),
            choice("money.autoscale", options.yes_or_no("money.autoscale"), shown=_curved),
            quantity("money.utilization", _K.PERCENT, shown=_even),
        ),
    ),
    SectionSpec(
        "cost_tariff",
        (
            quantity("money.electricity_per_kwh", _K.MONEY, unit=electricity_unit),
            quantity("money.valley_per_kwh", _K.MONEY, unit=electricity_unit, empty="form.none"),
            quantity("money.valley_from_hour", _K.HOURS, shown=_valley),
            quantity("money.valley_hours", _K.HOURS, shown=_valley),
        ),
    ),
)
