"""Cost over a life, cloud and break-even, worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.money.budget import best_buys, bought_for, load_path
from gpuplanner.engine.money.build import money_of
from gpuplanner.engine.money.cloud import Renting, running_of
from gpuplanner.engine.money.levers import levers_of
from gpuplanner.engine.money.life import life_of
from gpuplanner.engine.money.rates import exchange_rate
from gpuplanner.engine.money.result import Money
from gpuplanner.engine.money.use import tariff, use_of, valley_share
from gpuplanner.engine.result import Code, Plan, Provenance, Quantity, Status, Unit
from gpuplanner.engine.site.build import site_of
from gpuplanner.engine.site.result import Group, Line, Role, Site
from gpuplanner.scenario.document import CloudTerm, LoadKind, Scenario, replace
from gpuplanner.scenario.document import Money as Asked

CATALOG = load_catalog()
H100 = "nvidia-h100-sxm5-80gb"


def with_money(**values: object) -> Scenario:
    scenario = Scenario()
    for name, value in values.items():
        scenario = replace(scenario, f"money.{name}", value)
    return scenario


def a_site(price: float = 1_000_000.0, watts: float = 10_000.0) -> Site:
    def sure(key: str, value: float, unit: Unit) -> Quantity:
        return Quantity(key, value, unit, value, value, Provenance.EXACT)

    cost = sure("price", price, Unit.MONEY)
    line = Line("gpu_server", Role.GPU_SERVER, Group.SERVERS, Code("site.role.gpu_server"), 1, unit_price=cost, price=cost)
    figures = {
        "power_load": sure("power_load", watts, Unit.WATTS),
        "racks": sure("racks", 2, Unit.COUNT),
        "purchase": sure("purchase", price, Unit.MONEY),
    }
    return Site(lines=(line,), figures=figures)


def a_plan(rate: float = 1000.0) -> Plan:
    made = Quantity("throughput", rate, Unit.TOKENS_PER_SECOND, rate * 0.8, rate * 1.2)
    return Plan(H100, Status.MEETS, 1, 1, 8, figures={"throughput": made})


def test_a_life_of_three_years_by_hand() -> None:
    scenario = with_money(
        lifetime_years=3, utilization=0.5, pue=1.5, electricity_per_kwh=0.8, support=0.05, residual=0.1,
        rack_rent_per_year=60_000, staff=0.5, staff_per_year=300_000, tax=0.13, installation=0.02,
    )  # fmt: skip
    life = life_of(scenario, CATALOG, a_plan(), a_site())
    once = 1_000_000 * 1.02 * 1.13
    kwh = 10 * (0.35 + 0.65 * 0.5) * 1.5 * 8760
    yearly = kwh * 0.8 + 50_000 + 2 * 60_000 + 150_000
    assert life.figures["purchase_total"].value == pytest.approx(once)
    assert life.figures["energy_year"].value == pytest.approx(kwh)
    assert life.figures["running"].value == pytest.approx(yearly)
    assert life.figures["tco"].value == pytest.approx(once + 3 * yearly - 0.1 * once)
    tokens = 1000 * 0.5 * 3 * 365 * 86_400
    assert life.figures["cost_per_million"].value == pytest.approx((0.9 * once + 3 * yearly) / tokens * 1e6)
    assert sum(entry.amount.value or 0 for entry in life.yearly) == pytest.approx(yearly)
    assert life.own[36] == pytest.approx(once + 3 * yearly)


def test_the_net_present_value_of_a_textbook() -> None:
    """100 now and 10 a year for 2 years at 10 %: 100 + 10/1.1 + 10/1.21."""
    scenario = with_money(lifetime_years=2, discounting=0.1, staff=1, staff_per_year=10, electricity_per_kwh=0)
    life = life_of(scenario, CATALOG, a_plan(), a_site(price=100, watts=0))
    assert life.figures["npv"].value == pytest.approx(100 + 10 / 1.1 + 10 / 1.21)


def test_discounts_on_a_line_its_group_or_all() -> None:
    for on, share in (("gpu_server", 0.1), ("servers", 0.2), ("all", 0.3)):
        scenario = Scenario.model_validate({"money": {"discounts": ({"on": on, "share": share},)}})
        assert life_of(scenario, CATALOG, a_plan(), a_site()).figures["purchase_total"].value == pytest.approx(1e6 * (1 - share))
    both = Scenario.model_validate({"money": {"discounts": ({"on": "all", "share": 0.5}, {"on": "gpu_server", "share": 0.1})}})
    assert life_of(both, CATALOG, a_plan(), a_site()).figures["purchase_total"].value == pytest.approx(9e5)


def test_an_unknown_price_keeps_the_total_open() -> None:
    known = a_site()
    lines = (*known.lines, Line("storage", Role.STORAGE, Group.STORAGE, Code("site.role.storage"), 2))
    figure = life_of(Scenario(), CATALOG, a_plan(), Site(lines=lines, figures=known.figures)).figures["purchase_total"]
    assert (figure.value, figure.at_least, figure.high) == (1e6, True, None)


def test_peak_and_valley() -> None:
    asked = Asked(electricity_per_kwh=1.0, valley_per_kwh=0.4, valley_hours=8)
    assert tariff(asked, use_of(asked)) == pytest.approx((16 * 1.0 + 8 * 0.4) / 24)
    office = asked.model_copy(update={"day_curve": (0.0,) * 8 + (1.0,) * 12 + (0.0,) * 4})
    assert tariff(office, use_of(office)) == pytest.approx(1.0)
    night = asked.model_copy(update={"day_curve": tuple(1.0 if hour < 7 or hour >= 23 else 0.0 for hour in range(24))})
    assert tariff(night, use_of(night)) == pytest.approx(0.4)
    idle = 0.5  # half of the power is drawn without load: 8 h at 1 by night, 16 h at 1/2 by day
    assert tariff(night, use_of(night), idle) == pytest.approx((8 * 0.4 + 8 * 1.0) / 16)


def test_the_valley_runs_over_midnight_and_through_half_hours() -> None:
    asked = Asked(valley_per_kwh=0.4, valley_hours=8.5, valley_from_hour=22.5)
    shares = [valley_share(asked, hour) for hour in range(24)]
    assert shares == [1.0] * 7 + [0.0] * 15 + [0.5, 1.0]
    assert sum(valley_share(Asked(valley_hours=24, valley_from_hour=5), hour) for hour in range(24)) == 24
    assert sum(valley_share(Asked(valley_hours=0), hour) for hour in range(24)) == 0


def test_the_curve_of_a_day_and_a_week() -> None:
    office = Asked(day_curve=(0.0,) * 12 + (2.0,) * 12, weekend=0.0)
    assert use_of(office).mean == pytest.approx(0.5 * 5 / 7)
    assert use_of(Asked(utilization=0.4)).mean == 0.4


def test_a_day_without_any_load_is_refused() -> None:
    from gpuplanner.errors import InputError
    from gpuplanner.scenario.validation import replace_checked

    with pytest.raises(InputError) as refused:
        replace_checked(Scenario(), "money.day_curve", (0.0,) * 24)
    assert "above 0" in refused.value.sentence()


def test_exchange_rates() -> None:
    asked = Asked(cny_per_usd=7.2, eur_per_usd=0.9)
    assert exchange_rate("USD", "CNY", asked) == 7.2
    assert exchange_rate("USD", "EUR", asked) == pytest.approx(0.9)
    assert exchange_rate("EUR", "CNY", asked) == pytest.approx(8.0)
    assert exchange_rate("GBP", "CNY", asked) is None


def money_for(scenario: Scenario) -> tuple[Money, Plan]:
    answer = estimate(scenario, CATALOG)
    plan = answer.plan()
    assert plan is not None
    return money_of(scenario, CATALOG, answer, plan, site_of(scenario, CATALOG, answer, plan)), plan


def test_an_hour_of_a_named_instance_over_the_life() -> None:
    scenario = replace(with_money(currency="USD", cloud_instance="lambda-gpu-8x-h100-sxm5"), "deployment.gpu", H100)
    money, plan = money_for(scenario)
    offer = money.cloud
    assert offer is not None
    assert offer.count == -(-plan.replicas // (8 // plan.gpus_per_replica))
    price = CATALOG.clouds["lambda-gpu-8x-h100-sxm5"].prices[0].hourly
    assert offer.total[CloudTerm.ON_DEMAND] == pytest.approx(price * 730 * 36 * offer.count)
    even = money.breakeven
    assert even is not None
    bought, running = money.life.figures["purchase_total"].value, money.life.figures["running"].value
    assert bought is not None
    assert running is not None
    assert even.months is not None
    assert bought + running / 12 * even.months == pytest.approx(offer.month[CloudTerm.ON_DEMAND] * even.months)


def test_spot_pays_for_what_is_lost() -> None:
    calm, rough = (
        money_for(replace(with_money(cloud_term=CloudTerm.SPOT, spot_interruptions_per_day=often), "deployment.gpu", H100))[0]
        for often in (0.0, 12.0)
    )
    first = {offer.instance_id: offer for offer in calm.offers if CloudTerm.SPOT in offer.total}
    assert first
    for offer in rough.offers:
        if CloudTerm.SPOT in offer.total:
            expected = first[offer.instance_id].total[CloudTerm.SPOT] / (1 - 12 * 10 / 1440)
            assert offer.total[CloudTerm.SPOT] == pytest.approx(expected)


def test_autoscaling_follows_the_day() -> None:
    day = (0.1,) * 12 + (1.0,) * 12
    fixed = replace(replace(with_money(day_curve=day), "deployment.gpu", H100), "workload.load", 4000)
    scaled = replace(fixed, "money.autoscale", True)
    before = {offer.instance_id: offer.total.get(CloudTerm.ON_DEMAND, 0) for offer in money_for(fixed)[0].offers}
    after = {offer.instance_id: offer.total.get(CloudTerm.ON_DEMAND, 0) for offer in money_for(scaled)[0].offers}
    assert all(after[key] <= before[key] for key in before)
    assert any(after[key] < 0.7 * before[key] for key in before)


def test_autoscaling_between_a_least_and_a_most() -> None:
    """Ten instances at most; half of the day a tenth of the load: 12 h · 10 and 12 h · 1, or no fewer than 4, no more than 6."""
    day = (0.1,) * 12 + (1.0,) * 12
    scenario = with_money(day_curve=day, autoscale=True)

    def mean(**limits: int | None) -> float:
        asked = scenario
        for name, value in limits.items():
            asked = replace(asked, f"money.{name}", value)
        return running_of(Renting(asked, CATALOG, use_of(asked.money), None, None), a_plan(), 10, CloudTerm.ON_DEMAND)

    assert mean() == pytest.approx((12 * 1 + 12 * 10) / 24)
    assert mean(cloud_least=4) == pytest.approx((12 * 4 + 12 * 10) / 24)
    assert mean(cloud_least=0, cloud_most=6) == pytest.approx((12 * 1 + 12 * 6) / 24)
    assert mean(cloud_least=9, cloud_most=6) == pytest.approx(6)
    half = replace(scenario, "money.weekend", 0.0)
    quiet = running_of(Renting(half, CATALOG, use_of(half.money), None, None), a_plan(), 10, CloudTerm.ON_DEMAND)
    assert quiet == pytest.approx((5 * (12 + 120) + 2 * 24 * 1) / (7 * 24))


def test_instances_without_a_price_are_told() -> None:
    money, _ = money_for(replace(Scenario(), "deployment.gpu", H100))
    unpriced = [offer for offer in money.offers if not offer.hourly]
    assert unpriced
    assert {"tencent", "huawei"} & {offer.provider for offer in unpriced}
    for offer in unpriced:
        assert (offer.total, offer.month, offer.against, offer.date, offer.firm) == ({}, {}, None, "", False)
    places = [bool(offer.total) for offer in money.offers]
    assert places == sorted(places, reverse=True)  # they stand last
    assert money.cloud is not None
    assert money.cloud.hourly


def test_the_levers_are_sorted_and_hold_the_cost_between_them() -> None:
    money, _ = money_for(replace(Scenario(), "deployment.gpu", H100))
    now = money.life.figures["cost_per_million"].value
    assert now is not None
    spans = [lever.span for lever in money.levers]
    assert spans == sorted(spans, reverse=True)
    for lever in money.levers:
        assert min(lever.low, lever.high) <= now * (1 + 1e-9)
        assert max(lever.low, lever.high) >= now * (1 - 1e-9)


def test_a_budget_buys_what_costs_no_more() -> None:
    scenario = with_money(budget=3_000_000.0)
    bought = bought_for(scenario, CATALOG, H100)
    assert bought is not None
    assert bought.purchase <= 3_000_000
    more = bought_for(replace(scenario, "money.budget", 9_000_000.0), CATALOG, H100)
    assert more is not None
    assert more.load > bought.load
    assert bought_for(with_money(budget=100.0), CATALOG, H100) is None


def test_a_budget_is_spent_where_it_carries_most() -> None:
    scenario = replace(with_money(budget=2_000_000.0), "model.id", "llama-3.1-8b")
    answer = estimate(scenario, CATALOG)
    asked: list[int] = []
    found = best_buys(scenario, CATALOG, answer, lambda place, _whole: asked.append(place))
    assert len(found) > 1
    assert asked == list(range(len(asked)))
    assert [one.load for one in found] == sorted((one.load for one in found), reverse=True)
    assert all(one.purchase <= 2_000_000 for one in found)
    best = found[0]
    taken = replace(replace(scenario, load_path(scenario), best.load), "deployment.gpu", best.gpu_id)
    plan = estimate(taken, CATALOG).plan()
    assert plan is not None
    assert (plan.gpu_id, plan.bought) == (best.gpu_id, best.plan.bought)


@settings(max_examples=60, deadline=None)
@given(
    use=st.floats(0.05, 1), years=st.floats(0.5, 10), residual=st.floats(0, 1), price=st.floats(1, 1e9), watts=st.floats(0, 1e6)
)
def test_more_use_never_makes_a_token_dearer(use: float, years: float, residual: float, price: float, watts: float) -> None:
    asked = with_money(utilization=use, lifetime_years=years, residual=residual)
    busier = replace(asked, "money.utilization", min(1.0, use * 1.5))
    site = a_site(price, watts)
    dearer, cheaper = (life_of(one, CATALOG, a_plan(), site).figures["cost_per_million"] for one in (asked, busier))
    assert dearer.value is not None
    assert cheaper.value is not None
    assert cheaper.value <= dearer.value * (1 + 1e-9)


def test_a_load_by_the_day_says_itself_how_much_is_made() -> None:
    """48 000 requests a day in 8 hours, sized for three times their mean: 8 ÷ 24 ÷ 3 of the day."""
    scenario = Scenario()
    for path, value in (("load_kind", LoadKind.PER_DAY), ("load", 48_000), ("busy_hours", 8), ("peak_factor", 3)):
        scenario = replace(scenario, f"workload.{path}", value)
    assert use_of(scenario.money, scenario.workload).mean == pytest.approx(1 / 9)
    answer = estimate(scenario, CATALOG)
    plan = answer.plan()
    assert plan is not None
    made = plan.figures["throughput"].value
    assert made is not None
    a_day = made * use_of(scenario.money, scenario.workload).mean * 86_400
    assert a_day == pytest.approx(48_000 * scenario.workload.output_tokens, rel=0.01)
    drawn = scenario.money.model_copy(update={"day_curve": (1.0,) * 24})
    assert use_of(drawn, scenario.workload).mean == 1.0


def test_no_assumption_is_moved_beyond_what_its_field_may_be() -> None:
    scenario = Scenario()
    for path, value in (
        ("lifetime_years", 20.0),
        ("electricity_per_kwh", 100.0),
        ("residual", 1.0),
        ("pue", 4.0),
        ("utilization", 1.0),
    ):
        scenario = replace(scenario, f"money.{path}", value)
    asked: list[Scenario] = []

    def cost(moved: Scenario, _factor: float) -> float:
        asked.append(moved)
        return 1.0

    assert len(levers_of(scenario, cost, None)) > 4
    assert max(moved.money.lifetime_years for moved in asked) == 20.0
    assert max(moved.money.electricity_per_kwh for moved in asked) == 100.0
