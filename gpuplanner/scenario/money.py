"""Money: what is paid once, what runs, and what it is held against."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gpuplanner.scenario.asked import Asked, Id

Factor = Annotated[float, Field(ge=0, le=10)]
Amount = Annotated[float, Field(ge=0, le=1e12)]


def _some_load(curve: tuple[float, ...]) -> tuple[float, ...]:
    """A curve whose hours are all nothing says nothing of the day."""
    if curve and max(curve) <= 0:
        raise ValueError("no hour has any load")
    return curve


class CloudTerm(StrEnum):
    """How cloud instances are paid."""

    ON_DEMAND = "on_demand"
    RESERVED_1Y = "reserved_1y"
    RESERVED_3Y = "reserved_3y"
    SPOT = "spot"


class Discount(Asked):
    """A discount on a group of lines of the bill of materials, or on one line by its key; 0.1 is 10 % off."""

    on: Id = "all"
    share: Annotated[float, Field(ge=0, le=1)] = 0.0


class OwnPrice(Asked):
    """What one of something really costs, without tax: ``on`` is a GPU's id (a card), a product's id, or the key of a line."""

    on: Id = ""
    amount: Annotated[float, Field(gt=0, le=1e10)] = 1.0
    currency: Literal["CNY", "USD", "EUR"] = "CNY"
    entered_on: date | None = None


class Money(Asked):
    """Currency of the answer, and what the cost over its life is made of.

    Exchange rates are as the user entered them on ``rate_date``. Amounts are in ``currency``; ``electricity_per_kwh`` is the mean
    tariff, or that of the other hours when ``valley_per_kwh`` is given for the ``valley_hours`` of a day from
    ``valley_from_hour`` on. Shares are of the purchase: ``tax``, ``installation`` and ``spare_parts`` once, ``support`` each
    year, ``residual`` at the end. ``staff`` is persons at ``staff_per_year``. ``discounting`` is the yearly rate of the net
    present value. ``day_curve`` is the load of 24 hours against the busiest (empty: even, at ``utilization``), ``weekend`` that
    of a weekend day against a working day.
    ``prices`` are one's own, on top of what is published; group discounts don't touch them, only those on their own line.
    Rented instances follow the curve between ``cloud_least`` and ``cloud_most`` with ``autoscale``; None leaves either open.
    ``cloud_storage_gb`` is kept in the cloud at ``cloud_storage_per_gb`` a month. ``reserved_1y_discount`` and
    ``reserved_3y_discount`` are what a provider takes off its price on demand, where it publishes no price for the term.
    ``api_input_per_million`` and ``api_output_per_million`` are the prices of a service that the own one is held against; None is
    unknown. ``budget`` asks what it can buy.
    """

    currency: Annotated[str, Field(pattern=r"^(CNY|USD|EUR)$")] = "CNY"
    cny_per_usd: Annotated[float, Field(gt=0, le=1000)] = 7.1
    eur_per_usd: Annotated[float, Field(gt=0, le=1000)] = 0.87
    rate_date: date | None = None
    electricity_per_kwh: Annotated[float, Field(ge=0, le=100)] = 0.75
    valley_per_kwh: Annotated[float, Field(ge=0, le=100)] | None = None
    valley_hours: Annotated[float, Field(ge=0, le=24)] = 8
    valley_from_hour: Annotated[float, Field(ge=0, le=24)] = 23
    lifetime_years: Annotated[float, Field(gt=0, le=20)] = 3
    utilization: Annotated[float, Field(gt=0, le=1)] = 0.6
    pue: Annotated[float, Field(ge=1, le=4)] = 1.4
    tax: Factor = 0.0
    installation: Factor = 0.0
    spare_parts: Factor = 0.0
    support: Factor = 0.0
    residual: Annotated[float, Field(ge=0, le=1)] = 0.0
    discounting: Annotated[float, Field(ge=0, le=1)] = 0.0
    rack_rent_per_year: Amount = 0.0
    staff: Annotated[float, Field(ge=0, le=10_000)] = 0.0
    staff_per_year: Amount = 0.0
    day_curve: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(max_length=24), AfterValidator(_some_load)] = ()
    weekend: Annotated[float, Field(ge=0, le=10)] = 1.0
    discounts: Annotated[tuple[Discount, ...], Field(max_length=200)] = ()
    prices: Annotated[tuple[OwnPrice, ...], Field(max_length=500)] = ()
    cloud_instance: Id | None = None
    cloud_term: CloudTerm = CloudTerm.ON_DEMAND
    cloud_region: Id | None = None
    autoscale: bool = False
    cloud_least: Annotated[int, Field(ge=0, le=100_000)] | None = None
    cloud_most: Annotated[int, Field(ge=1, le=100_000)] | None = None
    spot_interruptions_per_day: Annotated[float, Field(ge=0, le=1000)] = 0.5
    egress_gb_per_month: Annotated[float, Field(ge=0, le=1e12)] = 0.0
    egress_per_gb: Amount | None = None
    cloud_storage_gb: Annotated[float, Field(ge=0, le=1e12)] = 0.0
    cloud_storage_per_gb: Amount | None = None
    reserved_1y_discount: Annotated[float, Field(ge=0, le=0.95)] | None = None
    reserved_3y_discount: Annotated[float, Field(ge=0, le=0.95)] | None = None
    api_input_per_million: Amount | None = None
    api_output_per_million: Amount | None = None
    budget: Annotated[float, Field(gt=0, le=1e13)] | None = None
