"""Renting worked out by hand: a fine-tune, reserved terms, storage, and the break-even's algebra."""

from __future__ import annotations

import math
from dataclasses import replace as changed

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.cloud import CloudInstance
from gpuplanner.engine.money.build import money_of
from gpuplanner.engine.money.compare import USES
from gpuplanner.engine.money.result import Money
from gpuplanner.engine.result import Estimate, Plan, Quantity, Status, Unit
from gpuplanner.scenario.document import CloudTerm, Scenario, WorkloadKind, replace
from tests.engine.money.test_life import H100, a_plan, a_site, with_money

BASE = load_catalog()
EIGHT = CloudInstance.model_validate(
    {
        "id": "cloud-8", "provider": "cloud", "instance_type": "eight", "gpu_id": H100, "gpu_count": 8,
        "prices": [
            {"kind": "on-demand", "hourly": 20.0, "currency": "CNY", "region": "here", "date": "2026-10"},
            {"kind": "spot", "hourly": 8.0, "currency": "CNY", "region": "here", "date": "2026-10"},
        ],
    }
)  # fmt: skip
CATALOG: Catalog = changed(BASE, clouds={EIGHT.id: EIGHT})


def a_run(hours: float, gpus: int = 8) -> Plan:
    lasts = Quantity("training_time", hours * 3600, Unit.SECONDS, hours * 3600, hours * 3600)
    return Plan(H100, Status.MEETS, 1, 1, gpus, figures={"training_time": lasts})


def money_for(scenario: Scenario, plan: Plan, price: float = 1_000_000.0, watts: float = 10_000.0) -> Money:
    answer = Estimate((plan,), plan.gpu_id)
    return money_of(scenario, CATALOG, answer, plan, a_site(price, watts))


def test_a_fine_tune_in_the_cloud_is_paid_while_it_runs() -> None:
    """A 7B fine-tune of 5 h on 8 GPUs at 20 an hour: 100 on demand; spot 8 an hour, twice a day 10 + 30 minutes lost."""
    scenario = replace(with_money(spot_interruptions_per_day=2.0), "workload.kind", WorkloadKind.TUNE)
    scenario = replace(scenario, "training.checkpoint_minutes", 60)
    offer = money_for(scenario, a_run(5)).cloud
    assert offer is not None
    assert offer.count == 1
    assert offer.run[CloudTerm.ON_DEMAND] == pytest.approx(5 * 20.0)
    assert offer.run[CloudTerm.SPOT] == pytest.approx(5 * 8.0 / (1 - 2 * 40 / 1440))
    assert offer.month[CloudTerm.ON_DEMAND] == pytest.approx(20.0 * 730 * 0.6)  # it trains 60 % of the time


def test_a_run_on_own_machines() -> None:
    """1 M over 3 years at half use: 3 · 8760 · 0.5 ÷ 5 runs of 5 h."""
    scenario = replace(with_money(utilization=0.5, electricity_per_kwh=0), "workload.kind", WorkloadKind.TRAIN)
    figure = money_for(scenario, a_run(5)).life.figures["cost_per_run"]
    assert figure.value == pytest.approx(1_000_000 / (3 * 8760 * 0.5 / 5))


def test_reserved_terms_only_where_they_are_known() -> None:
    offer = money_for(Scenario(), a_plan()).cloud
    assert offer is not None
    assert CloudTerm.RESERVED_1Y not in offer.total
    offer = money_for(with_money(reserved_1y_discount=0.25, reserved_3y_discount=0.5), a_plan()).cloud
    assert offer is not None
    assert offer.hourly[CloudTerm.RESERVED_1Y] == pytest.approx(15.0)
    assert offer.total[CloudTerm.RESERVED_3Y] == pytest.approx(10.0 * 730 * 36)
    assert offer.assumed == {CloudTerm.RESERVED_1Y, CloudTerm.RESERVED_3Y}


def test_storage_and_egress_are_paid_beside() -> None:
    plain = money_for(Scenario(), a_plan()).cloud
    more = money_for(
        with_money(cloud_storage_gb=500.0, cloud_storage_per_gb=0.2, egress_gb_per_month=300.0, egress_per_gb=0.5), a_plan()
    ).cloud
    assert plain is not None
    assert more is not None
    assert more.month[CloudTerm.ON_DEMAND] - plain.month[CloudTerm.ON_DEMAND] == pytest.approx(100 + 150)


def test_the_api_is_cheaper_below_the_break_even() -> None:
    """Tokens at 1000 a second, a purchase of 1 M, no energy: 1 M ÷ (1000 · u · 3 years) meets 20 per million at u = 0.5285."""
    scenario = with_money(electricity_per_kwh=0, api_output_per_million=20.0)
    even = money_for(scenario, a_plan()).breakeven
    assert even is not None
    assert even.use == pytest.approx(1e12 / (20.0 * 1000 * 3 * 31_536_000), rel=2e-3)
    assert even.key == "cost_per_million"


def test_prices_of_another_currency_without_rate_are_left_out() -> None:
    prices = tuple(price.model_copy(update={"currency": "USD"}) for price in EIGHT.prices)
    dollars = EIGHT.model_copy(update={"prices": prices})
    offer = money_of(Scenario(), changed(BASE, clouds={"a": dollars}), Estimate((a_plan(),), H100), a_plan(), a_site()).cloud
    assert offer is not None
    assert offer.hourly[CloudTerm.ON_DEMAND] == pytest.approx(20 * 7.1)


@settings(max_examples=80, deadline=None)
@given(price=st.floats(1e3, 1e9), watts=st.floats(0, 1e6), years=st.floats(0.5, 10), use=st.floats(0.05, 1))
def test_the_curve_by_use_passes_through_the_figure(price: float, watts: float, years: float, use: float) -> None:
    step = min(USES, key=lambda other: abs(other - use))
    scenario = with_money(utilization=step, lifetime_years=years, support=0.05, residual=0.1)
    money = money_for(scenario, a_plan(), price, watts)
    assert money.breakeven is not None
    own = money.breakeven.own[USES.index(step)]
    figure = money.life.figures["cost_per_million"].value
    assert figure is not None
    assert own == pytest.approx(figure)
    if money.breakeven.months is not None and money.cloud is not None:
        once, yearly = money.life.figures["purchase_total"].value, money.life.figures["running"].value
        assert once is not None
        assert yearly is not None
        month = money.cloud.month[CloudTerm.ON_DEMAND]
        assert math.isclose(once + yearly / 12 * money.breakeven.months, month * money.breakeven.months, rel_tol=1e-9)


def test_owning_is_held_against_the_cheapest_that_meets_the_targets() -> None:
    dear = EIGHT.model_copy(update={"id": "cloud-9", "prices": (EIGHT.prices[0].model_copy(update={"hourly": 19.0}),)})
    heard = EIGHT.model_copy(
        update={"id": "cloud-a", "prices": (dear.prices[0].model_copy(update={"kind": "on-demand (heard of)"}),)}
    )
    catalog = changed(BASE, clouds={item.id: item for item in (EIGHT, dear, heard)})
    answer = Estimate((a_plan(),), H100)
    money = money_of(Scenario(), catalog, answer, a_plan(), a_site())
    assert money.cloud is not None
    assert money.cloud.instance_id == "cloud-9"
    named = money_of(with_money(cloud_instance="cloud-8"), catalog, answer, a_plan(), a_site())
    assert named.cloud is not None
    assert named.cloud.instance_id == "cloud-8"
