"""Servers and money of two kinds of GPU that share the load, against sums by hand."""

from __future__ import annotations

from dataclasses import replace as changed

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.engine.explain.site import OPENERS
from gpuplanner.engine.money.build import money_of
from gpuplanner.engine.planner.mixed import kind_of
from gpuplanner.engine.result import Estimate, Mix, Plan
from gpuplanner.engine.site.build import site_of
from gpuplanner.scenario.document import Availability, Phase, Scenario, replace
from gpuplanner.scenario.money import OwnPrice

CATALOG = load_catalog()
H100, L40S = "nvidia-h100-sxm5-80gb", "nvidia-l40s"


def asked(rule: Availability = Availability.NONE) -> Scenario:
    """Prices of the customer's own: 30,000 an H100, 10,000 an L40S; the servers around them 50,000 and 5,000."""
    scenario = replace(replace(Scenario(), "model.id", "llama-3.1-8b"), "workload.load", 300.0)
    scenario = replace(replace(scenario, "deployment.gpu", H100), "deployment.second_gpu", L40S)
    own = [(H100, 30_000.0), (L40S, 10_000.0), ("chassis-8gpu-board", 50_000.0), ("chassis-4gpu", 5_000.0)]
    prices = tuple(OwnPrice(on=on, amount=amount, currency=scenario.money.currency) for on, amount in own)
    return replace(replace(scenario, "money.prices", prices), "deployment.availability", rule)


def shared(scenario: Scenario) -> tuple[Estimate, Plan]:
    """Two replicas on H100 for 70 % of the load, three on L40S for the rest."""
    answer = estimate(scenario, CATALOG)
    first, second = answer.plan(H100), answer.plan(L40S)
    assert first is not None
    assert second is not None
    assert (first.gpus_per_replica, second.gpus_per_replica) == (1, 1)
    parts = kind_of(scenario, CATALOG, first).part(2, 0.7), kind_of(scenario, CATALOG, second).part(3, 0.3)
    return answer, changed(first, mix=Mix(parts, parts[0]))


def test_servers_of_both_kinds_each_in_its_own() -> None:
    """A DGX H100 holds 8 GPUs in 8 units and draws 78 % of 10.2 kW; a server for four L40S of 350 W each stands beside it."""
    scenario = asked()
    answer, plan = shared(scenario)
    site = site_of(scenario, CATALOG, answer, plan)
    lines = {line.key: line for line in site.lines}
    assert [(key, line.count) for key, line in lines.items() if key.startswith("gpu_server")] == [
        (f"gpu_server.{H100}", 1), (f"gpu_server.{L40S}", 1),
    ]  # fmt: skip
    assert lines[f"gpu_server.{H100}"].power_w == pytest.approx(0.78 * 10_200)
    ratio = CATALOG.rules["server-max-vs-gpu-tdp"].values["nameplate_per_tdp"]
    assert lines[f"gpu_server.{L40S}"].power_w == pytest.approx(0.78 * 4 * 350 * ratio)
    rest = sum((line.power_w or 0) * line.count for line in site.lines if not line.key.startswith("gpu_server"))
    assert site.figures["power_load"].value == pytest.approx(0.78 * (10_200 + 4 * 350 * ratio) + rest)
    assert [(device.line, device.gpus) for rack in site.racks for device in rack.devices if device.gpus] == [
        (f"gpu_server.{H100}", 8), (f"gpu_server.{L40S}", 4),
    ]  # fmt: skip
    alone = site_of(scenario, CATALOG, answer, changed(plan, mix=None))
    kept, rate = alone.figures["storage"].value, plan.figures["request_rate"].value
    assert kept is not None
    both = sum(part.plan.figures["request_rate"].value for part in plan.mix.parts)
    logged = CATALOG.rules["storage-planning"].values["log_bytes_per_request"] * scenario.site.log_days * 86_400
    assert site.figures["storage"].value == pytest.approx(kept + (both - rate) * logged)  # the model's files are kept once


def test_the_purchase_is_that_of_both_kinds() -> None:
    scenario = asked()
    answer, plan = shared(scenario)
    site = site_of(scenario, CATALOG, answer, plan)
    prices = {line.key: line.price.value for line in site.lines if line.price is not None}
    assert prices == {f"gpu_server.{H100}": 8 * 30_000 + 50_000, f"gpu_server.{L40S}": 4 * 10_000 + 5_000}
    assert site.figures["purchase"].value == 335_000
    money = money_of(scenario, CATALOG, answer, plan, site)
    figures = {key: figure.value for key, figure in money.life.figures.items()}
    assert figures["purchase_total"] == 335_000
    assert money.life.once[0].amount.value == 335_000
    first, second = answer.plan(H100), answer.plan(L40S)
    made = 0.7 * first.figures["throughput"].value + 0.3 * second.figures["throughput"].value
    use, years = money.life.use.mean, scenario.money.lifetime_years
    million = figures["tco"] / (made * use * years * 365 * 86_400 / 1e6)
    assert figures["cost_per_million"] == pytest.approx(million, rel=1e-3)


def test_each_kind_has_spares_of_its_own() -> None:
    """N+1: either kind survives the loss of a server; both replicas of one kind stand in one, and the three of the other."""
    scenario = asked(Availability.N_PLUS_ONE)
    answer, plan = shared(scenario)
    assert [(part.replicas, part.plan.spare_replicas, part.gpus) for part in plan.mix.parts] == [(2, 2, 4), (3, 3, 6)]
    assert [part.plan.bought for part in plan.mix.parts] == [16, 6]  # H100 SXM comes by eight, a board in each server
    site = site_of(scenario, CATALOG, answer, plan)
    spare = {line.key: line.count for line in site.lines if line.spare}
    assert spare == {f"gpu_server.{H100}.spare": 1, f"gpu_server.{L40S}.spare": 1}
    assert site.figures["purchase"].value == 2 * 335_000


def test_phases_build_up_both_kinds() -> None:
    """Half of the load: one of two and two of three replicas."""
    scenario = replace(asked(), "site.phases", (Phase(name="A", share=0.5), Phase(name="B", share=1.0)))
    answer, plan = shared(scenario)
    site = site_of(scenario, CATALOG, answer, plan)
    assert {line.key: line.phases for line in site.lines if line.key.startswith("gpu_server")} == {
        f"gpu_server.{H100}": (1, 1), f"gpu_server.{L40S}": (1, 1),
    }  # fmt: skip


def test_what_is_explained_is_what_is_shown() -> None:
    scenario = asked()
    answer, plan = shared(scenario)
    site = site_of(scenario, CATALOG, answer, plan)
    shown = {f"site.{key}": figure.value for key, figure in {**site.hosts[0].figures, **site.figures}.items()}
    opened = 0
    for key in OPENERS:
        try:
            found = explain(scenario, CATALOG, plan, key)
        except KeyError:
            continue
        opened += 1
        if key in shown and key != "site.heat":
            assert found.result.value == pytest.approx(shown[key]), key
    assert opened >= 10
    power = {term.symbol: term.value for term in explain(scenario, CATALOG, plan, "site.power_load").terms}
    assert power["W_s"] == pytest.approx(0.78 * 10_200)
    cost = explain(scenario, CATALOG, plan, "life.cost_per_million")
    life = money_of(scenario, CATALOG, answer, plan, site).life
    assert cost.result.value == pytest.approx(life.figures["cost_per_million"].value)
