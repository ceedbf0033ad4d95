"""Servers, network, racks and power, against figures from outside."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.site.build import site, site_of
from gpuplanner.engine.site.chassis import chassis_for
from gpuplanner.engine.site.growth import phases_of
from gpuplanner.engine.site.network import fabric
from gpuplanner.engine.site.result import Need, Role, Site
from gpuplanner.scenario.document import Availability, FabricKind, IndexKind, Phase, Scenario, SiteChoice, replace

CATALOG = load_catalog()
H100 = "nvidia-h100-sxm5-80gb"


def built(need: Need, **asked: object) -> Site:
    scenario = Scenario()
    for name, value in asked.items():
        scenario = replace(scenario, f"site.{name}", value)
    return site(scenario, CATALOG, (need,))


def test_eight_h100_are_a_dgx_h100_as_its_datasheet_has_it() -> None:
    """DGX H100: 8 U, 10.2 kW at most; 0.78 of that in service."""
    whole = built(Need(H100, 8))
    (server,) = [line for line in whole.lines if line.role is Role.GPU_SERVER]
    assert (server.item, server.count, server.rack_units, server.nameplate_w) == ("nvidia-dgx-h100", 1, 8, 10_200)
    assert whole.figures["power_load"].value == pytest.approx(10_200 * 0.78)
    assert whole.figures["heat_btu"].value == pytest.approx(10_200 * 0.78 * 3.412)
    assert whole.figures["power_meter"].value == pytest.approx(10_200 * 0.78 * 1.4)
    assert whole.figures["rack_units"].value == 8


def test_a_service_of_70b_with_one_server_to_spare_line_by_line() -> None:
    """36 replicas of 2 GPUs: 4 to a server, 9 servers and one that stands by."""
    whole = built(Need(H100, 72, spare=8, degree=2), rack_kw=40)
    counts = {line.key: line.count for line in whole.lines}
    assert counts == {
        f"gpu_server.{H100}": 9,
        f"gpu_server.{H100}.spare": 1,
        "management": 3,
        "storage": 2,
        "load_balancer": 2,
        "network-card-client": 10,
        "leaf.front": 2,
        "management_switch": 1,
        "cable-copper": 17 * 2 + 17,
        "optic": 4,
        "rack": 3,
    }
    servers, others = 10 * 10_200 * 0.78, 3 * 350 + 2 * 600 + 2 * 350 + 2 * 900 + 100
    assert whole.figures["power_load"].value == pytest.approx(servers + others)
    assert whole.figures["rack_units"].value == 10 * 8 + 3 + 4 + 2 + 4 + 1
    assert all(rack.power_w <= 40_000 for rack in whole.racks)


def test_training_over_servers_gets_a_fabric_with_a_card_for_each_gpu() -> None:
    """A DGX SuperPOD joins its GPUs by eight 400 Gb/s cards a server, a leaf switch for each rail's ports."""
    whole = built(Need(H100, 128, degree=128, trains=True))
    counts = {line.key: line.count for line in whole.lines}
    assert counts["network-card-fabric"] == 128
    assert counts["leaf.fabric"] == 4  # 32 of 64 ports down without oversubscription
    assert counts["spine"] == 2
    assert {edge.gbps for edge in whole.edges if edge.net == "fabric"} == {400.0}


def test_a_fabric_of_one_leaf_needs_no_spine() -> None:
    chassis = chassis_for(CATALOG, CATALOG.gpus[H100], None, 64, 64)
    small = fabric(CATALOG, chassis, 8, SiteChoice(), spans=True)
    assert (small.leaves, small.spines, small.uplinks) == (1, 0, 0)
    halved = fabric(CATALOG, chassis, 64, SiteChoice(oversubscription=2.0), spans=True)
    full = fabric(CATALOG, chassis, 64, SiteChoice(oversubscription=1.0), spans=True)
    assert halved.uplinks < full.uplinks
    assert not fabric(CATALOG, chassis, 8, SiteChoice(oversubscription=1.0), spans=False).exists


def test_storage_of_checkpoints_logs_and_vectors_by_hand() -> None:
    need = Need(H100, 8, weight_bytes=140e9, checkpoint_bytes=980e9, request_rate=2.0)
    whole = built(need, model_versions=2, checkpoints_kept=3, log_days=10, dataset_tb=1, vectors=1e6, vector_width=1024)
    by_hand = 2 * 140e9 + 3 * 980e9 + 2 * 4096 * 86_400 * 10 + 1e12 + 1e6 * (4096 + 256)
    assert whole.figures["storage"].value == pytest.approx(by_hand)


def test_what_the_customer_said_of_the_room_is_held_against_it() -> None:
    codes = [code.code for code in built(Need(H100, 72, degree=8), rack_kw=8, free_racks=2).warnings]
    assert codes == ["site.warning.device_over_rack"] or "site.warning.racks" in codes
    assert "site.warning.single" in [code.code for code in built(Need(H100, 4)).warnings]
    assert "site.warning.single" not in [code.code for code in built(Need(H100, 4), around_the_clock=False).warnings]


def test_every_line_has_its_count_by_each_phase_and_the_last_is_the_whole() -> None:
    scenario = replace(replace(Scenario(), "site.growth_per_year", 0.5), "site.growth_years", 2)
    needs = [Need(H100, gpus, degree=2) for gpus in (8, 54, 80)]
    whole = site(scenario, CATALOG, needs[-1:], by_phase=[(need,) for need in needs])
    (server,) = [line for line in whole.lines if line.role is Role.GPU_SERVER]
    assert server.phases == (1, math.ceil(54 / 8), 10)
    by_key = {line.key: line for line in whole.lines}
    assert by_key["rack"].phases == (1, 2, by_key["rack"].count)  # 42 U: five of 8 U each
    assert by_key["management"].phases[0] == 0  # one server needs none
    for line in whole.lines:
        assert line.phases[-1] == line.count
        assert sorted(line.phases) == list(line.phases)


def test_a_phase_is_planned_anew_and_equals_the_plan_of_its_load() -> None:
    base = replace(replace(Scenario(), "workload.load", 1600), "deployment.gpu", H100)
    phases = (Phase(name="pilot", share=0.05), Phase(name="half", share=0.5), Phase(name="all", share=1))
    scenario = replace(base, "site.phases", phases)
    answer = estimate(scenario, CATALOG)
    plan = answer.plan()
    assert plan is not None
    whole = site_of(scenario, CATALOG, answer)
    counts = {line.key: line.phases for line in whole.lines if line.role is Role.GPU_SERVER}
    for place, share in enumerate((0.05, 0.5, 1.0)):
        fixed = replace(replace(base, "deployment.tensor_parallel", plan.tensor_parallel), "deployment.pipeline_parallel", 1)
        there = replace(fixed, "workload.load", 1600 * share)
        alone = site_of(there, CATALOG, estimate(there, CATALOG))
        servers = sum(line.count for line in alone.lines if line.role is Role.GPU_SERVER and not line.spare)
        assert [column[place] for column in counts.values()] == [servers]


def test_a_plan_with_spares_brings_its_servers() -> None:
    scenario = replace(Scenario(), "deployment.availability", Availability.N_PLUS_ONE)
    answer = estimate(scenario, CATALOG)
    plan = answer.plan()
    assert plan is not None
    whole = site_of(scenario, CATALOG, answer)
    servers = sum(line.count for line in whole.lines if line.role is Role.GPU_SERVER)
    assert servers * 8 >= plan.gpus
    assert whole.figures["purchase"].at_least


@settings(max_examples=60, deadline=None)
@given(
    gpus=st.integers(1, 400),
    degree=st.sampled_from([1, 2, 4, 8, 16]),
    more=st.integers(1, 100),
    kw=st.sampled_from([None, 12, 45]),
)
def test_more_gpus_never_draw_less_and_every_device_stands_once(gpus: int, degree: int, more: int, kw: float | None) -> None:
    gpus, more = gpus * degree, more * degree
    less, greater = built(Need(H100, gpus, degree=degree), rack_kw=kw), built(Need(H100, gpus + more, degree=degree), rack_kw=kw)
    for key in ("power_load", "servers", "weight", "rack_units"):
        assert (less.figures[key].value or 0) <= (greater.figures[key].value or 0)
    for rack in greater.racks:
        filled = [unit for device in rack.devices for unit in range(device.unit, device.unit + device.units)]
        assert len(filled) == len(set(filled)) == rack.used_units
        assert all(1 <= unit <= rack.units for unit in filled)
    standing = sum(line.count for line in greater.lines if line.rack_units)
    assert sum(len(rack.devices) for rack in greater.racks) == standing


def test_what_stands_by_for_a_server_stands_in_another_one() -> None:
    """One replica of four cards, N+1: two servers of which either may fail, not one with both."""
    scenario = replace(replace(Scenario(), "workload.load", 4), "deployment.availability", Availability.N_PLUS_ONE)
    answer = estimate(replace(scenario, "deployment.tensor_parallel", 4), CATALOG)
    plan = answer.plan(H100)
    assert plan is not None
    found = site_of(scenario, CATALOG, answer, plan)
    assert (plan.replicas, plan.spare_replicas, plan.servers) == (1, 1, 2)
    assert [(line.count, line.spare) for line in found.lines if line.role is Role.GPU_SERVER] == [(1, False), (1, True)]


def test_a_fifth_of_the_replicas_stands_by() -> None:
    scenario = replace(replace(Scenario(), "deployment.gpu", H100), "workload.load", 2000)
    scenario = replace(scenario, "deployment.tensor_parallel", 4)  # the same layout with and without
    none = estimate(scenario, CATALOG).plan(H100)
    fifth = estimate(replace(scenario, "deployment.availability", Availability.FIFTH), CATALOG).plan(H100)
    assert none is not None
    assert fifth is not None
    assert fifth.spare_replicas == max(1, math.ceil(0.2 * fifth.replicas))
    assert fifth.replicas == none.replicas


def test_growth_compounds_in_the_load() -> None:
    """100 requests at once growing by 30 % a year for two years are planned as 169."""
    scenario = replace(replace(Scenario(), "deployment.gpu", H100), "workload.load", 100)
    grown = replace(replace(scenario, "site.growth_per_year", 0.3), "site.growth_years", 2)
    direct = replace(scenario, "workload.load", 169)
    first, second = (estimate(one, CATALOG).plan(H100) for one in (grown, direct))
    assert first is not None
    assert second is not None
    assert (first.replicas, first.batch) == (second.replicas, second.batch)


def test_power_that_is_not_published_is_no_zero() -> None:
    found = built(Need("nvidia-h20-141gb", 8))
    line = next(line for line in found.lines if line.role is Role.GPU_SERVER)
    assert line.power_w is None
    assert found.figures["power_load"].value is None
    several = built(Need("nvidia-h20-141gb", 32))  # switches and nodes draw what is known
    assert several.figures["power_load"].at_least
    assert (several.figures["power_load"].value or 0) > 0
    assert "site.warning.power_unknown" in {code.code for code in found.warnings}


def test_offloaded_optimizer_states_lie_in_host_memory() -> None:
    """7.6 billion parameters trained in full on eight GPUs: 12 bytes of each, 11.4 GB a GPU and 91 GB a server more."""
    asked = replace(replace(Scenario(), "model.id", "qwen2.5-7b"), "workload.kind", "train")
    asked = replace(replace(asked, "deployment.gpu", H100), "training.gpus", 8)
    ram = []
    for offload in ("none", "optimizer"):
        scenario = replace(asked, "training.offload", offload)
        answer = estimate(scenario, CATALOG)
        plan = answer.plan(H100)
        assert plan is not None
        host = site_of(scenario, CATALOG, answer, plan).hosts[0]
        ram.append(host.figures["ram"].value or 0.0)
    assert ram[1] - ram[0] == pytest.approx(12 * 7.6156e9, rel=0.01)


def test_energy_of_unknown_power_is_unknown() -> None:
    from gpuplanner.engine.money.life import life_of

    scenario = replace(replace(Scenario(), "model.id", "llama-3.1-8b"), "workload.load", 4)
    plan = estimate(scenario, CATALOG).plan(H100)
    assert plan is not None
    life = life_of(scenario, CATALOG, plan, built(Need("nvidia-h20-141gb", 8)))
    energy = next(entry for entry in life.yearly if entry.key == "energy")
    assert energy.amount.value is None
    assert life.figures["running"].value is None or life.figures["running"].at_least


def test_growth_makes_a_pile_larger() -> None:
    """100,000 requests growing by half are planned as 150,000 in the same hours."""
    batch = replace(replace(Scenario(), "workload.kind", "batch"), "deployment.gpu", H100)
    grown = estimate(replace(batch, "deployment.growth", 0.5), CATALOG).plan(H100)
    direct = estimate(replace(batch, "workload.batch_requests", 150_000), CATALOG).plan(H100)
    assert grown is not None
    assert direct is not None
    assert grown.replicas == direct.replicas
    assert grown.figures["batch_time"].value == pytest.approx(direct.figures["batch_time"].value)


def test_cards_of_the_fabric_divide_over_the_sockets() -> None:
    """Seven cards on two sockets: one GPU reaches its card through the other processor."""
    uneven = built(Need(H100, 32, degree=16), fabric_cards=7)
    assert "site.warning.numa_cards" in [code.code for code in uneven.warnings]
    assert "site.warning.numa_cards" not in [code.code for code in built(Need(H100, 32, degree=16)).warnings]
    three = built(Need(H100, 8), sockets=3)
    assert "site.warning.numa" in [code.code for code in three.warnings]


def test_each_limit_of_a_rack_is_named() -> None:
    tall = built(Need(H100, 8), rack_units=6)
    heavy = built(Need(H100, 8), rack_kg=50)
    drawn = built(Need(H100, 8), rack_kw=5)
    for whole, code in ((tall, "device_too_tall"), (heavy, "device_too_heavy"), (drawn, "device_over_rack")):
        assert f"site.warning.{code}" in [warning.code for warning in whole.warnings]


def test_a_leaf_in_the_rack_takes_copper_and_rails_take_fibre() -> None:
    need = Need(H100, 64, degree=32)
    rail, rack = built(need), built(need, fabric=FabricKind.LEAF_SPINE)
    counts = [{line.key: line.count for line in whole.lines} for whole in (rail, rack)]
    assert counts[0]["network-card-fabric"] == counts[1]["network-card-fabric"] == 64
    assert counts[0]["cable-fibre"] == 64
    assert "cable-fibre" not in counts[1]
    assert counts[1]["cable-copper"] == counts[0]["cable-copper"] + 64


def test_an_index_by_its_kind_and_object_storage_by_its_coding() -> None:
    """100 million vectors of 1,024: 4 B a number is 409.6 GB flat, 256 B more each as a graph, 136 B each in compressed lists."""
    sizes = {}
    for kind in IndexKind:
        whole = built(Need(H100, 16), vectors=1e8, index=kind, log_days=0)
        sizes[kind] = whole.figures["storage"].value
    assert sizes[IndexKind.FLAT] == pytest.approx(409.6e9)
    assert sizes[IndexKind.HNSW] == pytest.approx(409.6e9 + 25.6e9)
    assert sizes[IndexKind.IVF_PQ] == pytest.approx(1e8 * (1024 / 8 + 8))
    nodes = {line.key: line.count for line in built(Need(H100, 8), object_tb=1000.0).lines}
    assert nodes["object_storage"] == math.ceil(1000 / (240 * 0.667))
    assert {line.key: line.count for line in built(Need(H100, 8), object_tb=1.0).lines}["object_storage"] == 3


@pytest.mark.parametrize(("given", "planned"), [((0.1, 0.5), (0.1, 0.5)), ((0.5, 1.0), (0.5, 1.0)), ((0.5, 2.0), (0.25, 1.0))])
def test_a_share_is_one_of_the_planned_load(given: tuple[float, ...], planned: tuple[float, ...]) -> None:
    """A pilot alone isn't the whole; what goes beyond the plan is brought back to it."""
    scenario = replace(Scenario(), "site.phases", tuple(Phase(share=share) for share in given))
    assert phases_of(scenario)[1] == pytest.approx(planned)
