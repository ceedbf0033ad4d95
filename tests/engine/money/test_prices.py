"""One's own prices: they stand on top, close a sum, and change what is chosen."""

from __future__ import annotations

from datetime import date

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.choice import barred, passed_over
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.money.entries import discount_of, once_of
from gpuplanner.engine.money.prices import card_amount, card_price, line_price
from gpuplanner.engine.result import Estimate, Plan, Quantity, Status, Unit
from gpuplanner.engine.site.build import site_of
from gpuplanner.engine.site.result import Site
from gpuplanner.scenario.document import Discount, Objective, OwnPrice, Scenario, replace

CATALOG = load_catalog()
MI355X = "amd-mi355x"
H200 = "nvidia-h200-sxm-141gb"
L40S = "nvidia-l40s"


def with_prices(*prices: OwnPrice, **changes: object) -> Scenario:
    scenario = replace(Scenario(), "money.prices", prices)
    for path, value in changes.items():
        scenario = replace(scenario, path.replace("__", "."), value)
    return scenario


def plan_of(scenario: Scenario, gpu: str) -> tuple[Estimate, Plan]:
    answer = estimate(scenario, CATALOG)
    plan = answer.plan(gpu)
    assert plan is not None
    return answer, plan


def site_for(scenario: Scenario, gpu: str) -> Site:
    answer, plan = plan_of(scenario, gpu)
    return site_of(scenario, CATALOG, answer, plan)


def test_an_own_price_stands_on_top_of_the_list() -> None:
    """30,000 dollars at 7.1 yuan."""
    listed = card_amount(CATALOG.gpus[H200], Scenario().money)
    money = with_prices(OwnPrice(on=H200, amount=30_000, currency="USD", entered_on=date(2026, 11, 1))).money
    price = card_price(CATALOG.gpus[H200], money)
    assert price is not None
    assert (price.kind, price.date, price.is_firm) == ("own", "2026-11-01", True)
    assert card_amount(CATALOG.gpus[H200], money) == pytest.approx(30_000 * 7.1)
    assert card_amount(CATALOG.gpus[H200], money) != listed
    assert card_amount(CATALOG.gpus[L40S], money) == card_amount(CATALOG.gpus[L40S], Scenario().money)


def test_a_plan_is_bought_at_the_own_price() -> None:
    scenario = with_prices(OwnPrice(on=MI355X, amount=25_000, currency="USD"), money__currency="USD")
    _, plan = plan_of(scenario, MI355X)
    assert plan.figures["purchase"].value == pytest.approx(plan.bought * 25_000)
    _, before = plan_of(Scenario(), MI355X)
    assert before.figures["purchase"].value is None


def test_a_card_without_a_price_stands_behind_those_with_one() -> None:
    abroad = replace(Scenario(), "site.country", "DE")  # where every card may be sold
    for objective in (Objective.FEWEST, Objective.CHEAPEST):
        answer = estimate(replace(abroad, "deployment.objective", objective), CATALOG)
        rank = {Status.MEETS: 0, Status.EXPECTED: 0}
        good = [(rank[plan.status], plan.figures["purchase"].value is None) for plan in answer.plans if plan.status in rank]
        assert good == sorted(good)
        assert {unknown for _, unknown in good} == {False, True}
    fastest = estimate(replace(abroad, "deployment.objective", Objective.FASTEST), CATALOG)
    times = [plan.figures["e2e_mean"].value or 0 for plan in fastest.plans if plan.status in rank]
    assert times == sorted(times)  # the fastest needn't have a price


def a_plan(gpu: str, gpus: int, price: float | None) -> Plan:
    return Plan(gpu, Status.MEETS, 1, 1, gpus, figures={"purchase": Quantity("purchase", price, Unit.MONEY)})


def test_it_is_said_which_card_was_passed_over() -> None:
    anything = replace(Scenario(), "money.currency", "USD")
    plans = (a_plan(H200, 8, 1e6), a_plan(L40S, 4, 1e5), a_plan(MI355X, 2, None))
    (code,) = passed_over(anything, plans, CATALOG)
    assert code.code == "warning.unpriced"
    assert code.params == {"gpu": CATALOG.gpus[MI355X].name, "gpus": 2, "count": 1}
    assert passed_over(replace(anything, "deployment.gpu", H200), plans, CATALOG) == ()  # asked for by name
    assert passed_over(replace(anything, "deployment.objective", Objective.FASTEST), plans, CATALOG) == ()
    more = (a_plan(H200, 8, 1e6), a_plan(MI355X, 8, None))
    assert passed_over(anything, more, CATALOG) == ()  # no fewer
    rented = next(gpu.id for gpu in CATALOG.gpus.values() if gpu.form_factor == "cloud")
    assert passed_over(anything, (a_plan(H200, 8, 1e6), a_plan(rented, 1, None)), CATALOG) == ()


def test_what_may_not_be_sold_there_stands_back() -> None:
    """MI300X and L40S fall under the US rules of 2022 and 2023 for China; the L20 was made for them (catalogs/guards)."""
    for country, currency, barred_there in (("CN", "USD", True), (None, "CNY", True), ("DE", "CNY", False), (None, "USD", False)):
        scenario = replace(replace(Scenario(), "site.country", country), "money.currency", currency)
        assert barred(scenario, CATALOG.gpus["amd-mi300x"]) is barred_there
        assert not barred(scenario, CATALOG.gpus["nvidia-l20"])
        chosen = estimate(scenario, CATALOG).plan()
        assert chosen is not None
        assert not barred(scenario, CATALOG.gpus[chosen.gpu_id])
    plans = (a_plan(H200, 8, 1e6), a_plan("amd-mi300x", 2, 1e4))
    (code,) = passed_over(replace(Scenario(), "site.country", "CN"), plans, CATALOG)
    assert (code.code, code.params["gpus"]) == ("warning.barred", 2)
    assert passed_over(replace(Scenario(), "site.country", "DE"), plans, CATALOG) == ()


def test_a_price_of_the_host_closes_the_server() -> None:
    """Eight cards at 50,000 and a chassis at 80,000; without the chassis the sum stays open."""
    card = OwnPrice(on=L40S, amount=50_000)
    scenario = with_prices(card, deployment__gpu=L40S)
    server = next(line for line in site_for(scenario, L40S).lines if line.key.startswith("gpu_server"))
    assert server.unit_price is not None
    assert server.unit_price.at_least
    cards = server.unit_price.value or 0
    assert cards % 50_000 == 0
    hosts = [item.id for item in CATALOG.equipment.values() if item.role == "gpu_server"]
    priced = with_prices(card, *(OwnPrice(on=host, amount=80_000) for host in hosts), deployment__gpu=L40S)
    closed = next(line for line in site_for(priced, L40S).lines if line.key.startswith("gpu_server"))
    assert closed.unit_price is not None
    assert closed.unit_price.value == pytest.approx(cards + 80_000)
    assert not closed.unit_price.at_least


def test_every_line_priced_closes_the_whole() -> None:
    """With a price on every line nothing is open any more, and the sum is theirs."""
    scenario = replace(Scenario(), "deployment.gpu", H200)
    lines = site_for(scenario, H200).lines
    assert any(line.price is None or line.price.at_least for line in lines)
    prices = tuple(
        {line.priced_as[0]: OwnPrice(on=line.priced_as[0], amount=1000 + 7 * i) for i, line in enumerate(lines)}.values()
    )
    by = {price.on: price.amount for price in prices}
    priced = replace(scenario, "money.prices", prices)
    site = site_for(priced, H200)
    whole = site.figures["purchase"]
    assert not whole.at_least
    assert whole.value == pytest.approx(sum(line.count * by[line.priced_as[0]] for line in site.lines))
    entries = once_of(priced, site)
    assert sum(entry.amount.value or 0 for entry in entries) == pytest.approx(whole.value)


def test_a_group_discount_leaves_an_agreed_price_alone() -> None:
    scenario = replace(Scenario(), "deployment.gpu", H200)
    line = next(line for line in site_for(scenario, H200).lines if line.key.startswith("gpu_server"))
    key = line.priced_as[0]
    everywhere = replace(scenario, "money.discounts", (Discount(on="all", share=0.2),))
    assert discount_of(everywhere, line) == 0.2
    agreed = replace(everywhere, "money.prices", (OwnPrice(on=key, amount=1.0),))
    assert discount_of(agreed, line) == 0.0
    own = replace(agreed, "money.discounts", (Discount(on="all", share=0.2), Discount(on=line.key, share=0.05)))
    assert discount_of(own, line) == 0.05


def test_a_currency_without_a_rate_has_no_price() -> None:
    money = with_prices(OwnPrice(on="leaf", amount=1000, currency="EUR")).money
    found = line_price(money, ("leaf",))
    assert found is not None
    assert found.value == pytest.approx(1000 * 7.1 / 0.87)
    assert line_price(money, ("spine",)) is None
