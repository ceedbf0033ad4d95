"""The money of several workloads together, by hand: parts, hours, phases, and what all would cost rented."""

from __future__ import annotations

from dataclasses import replace as changed

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.cloud import CloudInstance
from gpuplanner.engine.estate.result import Estate, Row
from gpuplanner.engine.money.phases import phases_paid
from gpuplanner.engine.money.use import use_of
from gpuplanner.engine.money.whole import TOGETHER, estate_life, use_in, whole_of
from gpuplanner.engine.result import Code, Estimate, Provenance, Quantity, Unit
from gpuplanner.engine.site.result import Group, Line, Role, Site
from gpuplanner.scenario.document import CloudTerm, Scenario
from tests.engine.money.test_life import H100, a_plan, a_site, with_money

BASE = load_catalog()
EIGHT = CloudInstance.model_validate(
    {
        "id": "cloud-8", "provider": "cloud", "instance_type": "eight", "gpu_id": H100, "gpu_count": 8,
        "prices": [{"kind": "on-demand", "hourly": 20.0, "currency": "CNY", "region": "here", "date": "2026-10"}],
    }
)  # fmt: skip
CATALOG: Catalog = changed(BASE, clouds={EIGHT.id: EIGHT})
DAY = tuple(8 <= hour < 20 for hour in range(24))
NIGHT = tuple(not on for on in DAY)


def a_row(letter: str, share: float, scenario: Scenario, hours: tuple[bool, ...] = (True,) * 24) -> Row:
    plan = a_plan()
    return Row(letter, f"work {letter}", Estimate((plan,), H100), plan, 8 * share, share, scenario=scenario, hours=hours)


def only_eight(_scenario: Scenario, _catalog: Catalog) -> Estimate:
    return Estimate((a_plan(),), H100)


def test_two_workloads_share_one_estate() -> None:
    """A million bought, 10 kW at PUE 1.4 and 0.75 a kWh: A has 60 % of the GPUs by day, B 20 % all day, 20 % are free.

    A takes 3/4 of the whole and works half of the day at 60 %, B 1/4 at 60 %: mean use 0.75 · 0.3 + 0.25 · 0.6.
    """
    scenario = with_money()
    rows = (a_row("A", 0.6, scenario, DAY), a_row("B", 0.2, scenario))
    found = whole_of(scenario, CATALOG, Estate(rows=rows, site=a_site()), only_eight)
    assert found is not None
    life = found.money.life
    use = 0.75 * 0.3 + 0.25 * 0.6
    kwh = 10 * (0.35 + 0.65 * use) * 1.4 * 8760
    assert life.use.mean == pytest.approx(use)
    assert life.figures["energy_year"].value == pytest.approx(kwh)
    whole = 1_000_000 + 3 * kwh * 0.75
    assert life.figures["tco"].value == pytest.approx(whole)
    first, second = found.works
    assert [work.part for work in found.works] == pytest.approx([0.75, 0.25])
    assert first.tco.value == pytest.approx(0.75 * whole)
    assert sum(work.purchase.value or 0 for work in found.works) == pytest.approx(1_000_000)
    assert first.unit is not None
    assert second.unit is not None
    assert first.unit.value == pytest.approx(0.75 * whole / (1000 * 0.3 * 3 * 365 * 86_400) * 1e6)
    assert second.unit.value == pytest.approx(0.25 * whole / (1000 * 0.6 * 3 * 365 * 86_400) * 1e6)


def test_all_rented_is_the_sum_of_each_rented() -> None:
    """Two workloads on an instance of 20 an hour each: 2 · 20 · 730 a month; owning is cheaper after P ÷ (C − R ÷ 12)."""
    scenario = with_money(utilization=0.5, electricity_per_kwh=0)
    rows = (a_row("A", 0.5, scenario), a_row("B", 0.5, scenario))
    found = whole_of(scenario, CATALOG, Estate(rows=rows, site=a_site()), only_eight)
    assert found is not None
    cloud = found.money.cloud
    assert cloud is not None
    assert cloud.instance_id == TOGETHER
    assert cloud.month[CloudTerm.ON_DEMAND] == pytest.approx(2 * 20 * 730)
    assert found.money.cloud_months[CloudTerm.ON_DEMAND][36] == pytest.approx(36 * 2 * 20 * 730)
    even = found.money.breakeven
    assert even is not None
    assert even.months == pytest.approx(1_000_000 / (2 * 20 * 730))


def test_a_workload_that_nobody_rents_keeps_the_sum_away() -> None:
    scenario = with_money()
    rows = (a_row("A", 0.5, scenario), a_row("B", 0.5, scenario))
    found = whole_of(scenario, changed(CATALOG, clouds={}), Estate(rows=rows, site=a_site()), only_eight)
    assert found is not None
    assert found.money.cloud is None
    assert not found.money.cloud_months
    assert all(work.cloud is None for work in found.works)


def test_one_workload_alone_costs_what_it_costs() -> None:
    """However much of its servers is left free, one workload is charged with the whole."""
    from gpuplanner.engine.money.life import life_of

    scenario = with_money(support=0.05, tax=0.13)
    row = a_row("A", 0.4, scenario)
    alone = life_of(scenario, CATALOG, a_plan(), a_site()).figures
    whole = whole_of(scenario, CATALOG, Estate(rows=(row,), site=a_site()), only_eight)
    assert whole is not None
    for key in ("purchase_total", "running", "tco", "npv", "depreciation", "energy_year"):
        assert whole.money.life.figures[key].value == pytest.approx(alone[key].value)
    unit = whole.works[0].unit
    assert unit is not None
    assert unit.value == pytest.approx(alone["cost_per_million"].value)


def test_nothing_that_runs_has_no_money() -> None:
    assert whole_of(Scenario(), CATALOG, Estate(), only_eight) is None


def test_hours_cut_the_curve_of_the_day() -> None:
    """Full load from 9 to 17 and none else: by day all of it, at night nothing."""
    curve = tuple(1.0 if 9 <= hour < 17 else 0.0 for hour in range(24))
    scenario = with_money(day_curve=curve)
    assert use_in(scenario, a_row("A", 1, scenario, DAY)).mean == pytest.approx(8 / 24)
    assert use_in(scenario, a_row("A", 1, scenario, NIGHT)).mean == 0
    assert use_of(scenario.money).mean == pytest.approx(8 / 24)
    life = estate_life(scenario, CATALOG, [a_row("A", 0.5, scenario, DAY), a_row("B", 0.5, scenario, NIGHT)], a_site())
    assert life.use.mean == pytest.approx(4 / 24)


def phased_site() -> Site:
    """Three servers of 100,000 and 2 kW, one of them in the pilot; a rack each for two and a switch of unknown price later."""

    def line(key: str, counts: tuple[int, ...], price: float | None, watts: float, group: Group = Group.SERVERS) -> Line:
        unit = None if price is None else Quantity("unit_price", price, Unit.MONEY, price, price, Provenance.EXACT)
        whole = (
            None if price is None else Quantity("price", price * counts[-1], Unit.MONEY, price * counts[-1], price * counts[-1])
        )
        role = Role.GPU_SERVER if key == "gpu_server" else Role.RACK if key == "rack" else Role.LEAF
        return Line(key, role, group, Code(f"site.role.{role.value}"), counts[-1], phases=counts, unit_price=unit, price=whole,
                    power_w=watts, rack_units=4 if watts else None)  # fmt: skip

    lines = (
        line("gpu_server", (1, 3), 100_000, 2000.0),
        line("rack", (1, 2), 10_000, 0.0, Group.ROOM),
        line("leaf", (0, 1), None, 100.0, Group.NETWORK),
    )
    figures = {"power_load": Quantity("power_load", 6100.0, Unit.WATTS), "racks": Quantity("racks", 2.0, Unit.COUNT)}
    return Site(lines=lines, figures=figures, phases=(Code("site.phase.year", {"year": 0}), Code("site.phase.year", {"year": 1})))


def test_phases_by_hand() -> None:
    """Pilot: a server and a rack, 13 % tax; then two servers, a rack and a switch that nobody priced."""
    scenario = with_money(tax=0.13, utilization=1.0, pue=1.0, electricity_per_kwh=1.0, rack_rent_per_year=5_000)
    pilot, rest = phases_paid(scenario, CATALOG, phased_site(), use_of(scenario.money))
    assert pilot.added.value == pytest.approx(110_000 * 1.13)
    assert not pilot.added.at_least
    assert pilot.running.value == pytest.approx(2 * 8760 + 5_000)
    assert rest.added.value == pytest.approx(210_000 * 1.13)
    assert rest.added.at_least  # the switch
    assert rest.bought.value == pytest.approx(320_000 * 1.13)
    assert rest.bought.at_least
    assert rest.running.value == pytest.approx(6.1 * 8760 + 10_000)


def test_what_is_added_sums_to_the_whole() -> None:
    scenario = with_money()
    from gpuplanner.engine.money.life import life_of

    site = phased_site()
    whole = life_of(scenario, CATALOG, a_plan(), site).figures["purchase_total"].value
    assert phases_paid(scenario, CATALOG, site, use_of(scenario.money))[-1].bought.value == pytest.approx(whole)
    assert phases_paid(scenario, CATALOG, a_site(), use_of(scenario.money)) == ()
