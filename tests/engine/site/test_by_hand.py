"""Three cases worked out on paper from outside figures, held line by line against the whole way through the engine."""

from __future__ import annotations

import math

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.money.build import money_of
from gpuplanner.engine.result import MemoryPart
from gpuplanner.engine.site.build import site, site_of
from gpuplanner.engine.site.result import Line, Need, Role, Site
from gpuplanner.scenario.document import Availability, CloudTerm, Scenario, TuningMethod, WorkloadKind, replace

CATALOG = load_catalog()
H100 = "nvidia-h100-sxm5-80gb"


def with_fields(scenario: Scenario, **fields: object) -> Scenario:
    for path, value in fields.items():
        scenario = replace(scenario, path.replace("__", "."), value)
    return scenario


def lines_of(whole: Site) -> dict[str, Line]:
    found = {line.key: line for line in whole.lines}
    assert len(found) == len(whole.lines)
    return found


def test_four_dgx_h100_in_racks_of_sixteen_kilowatts() -> None:
    """DGX H100, NVIDIA's datasheet: 8 rack units, 10.2 kW at most, 8 GPUs. On 78 % of nameplate each draws 7.96 kW, so that a
    rack of 16 kW takes two; 32 GPUs of one replica need a fabric of 32 ports: one leaf of 64, no spine."""
    asked = with_fields(Scenario(), site__rack_kw=16.0, money__pue=1.3)
    whole = site(asked, CATALOG, (Need(H100, 32, degree=32),))
    lines = lines_of(whole)
    servers = lines[f"gpu_server.{H100}"]
    assert (servers.count, servers.rack_units, servers.nameplate_w) == (4, 8, 10_200)
    assert servers.power_w == pytest.approx(7_956)
    assert (lines["network-card-fabric"].count, lines["leaf.fabric"].count, "spine" in lines) == (32, 1, False)
    # 4 GPU servers, 1 management node, 2 storage nodes, 1 pair of leaves, 2 load balancers: 9 nodes, 2 ports each
    nodes = 4 + 1 + 2 + 2
    assert [lines[key].count for key in ("management", "storage", "load_balancer", "leaf.front")] == [1, 2, 2, 2]
    assert lines["network-card-client"].count == 4
    assert lines["cable-copper"].count == 2 * nodes + nodes
    assert lines["cable-fibre"].count == 32
    assert lines["optic"].count == 2 * 32 + 2 * 2
    watts = 4 * 7_956 + 350 + 2 * 600 + 2 * 350 + 2 * 900 + 900 + 100
    assert whole.figures["power_load"].value == pytest.approx(watts)
    assert whole.figures["power_meter"].value == pytest.approx(watts * 1.3)
    assert whole.figures["heat_btu"].value == pytest.approx(watts * 3.412)
    assert whole.figures["ups"].value == pytest.approx(watts / 0.9)
    units = 4 * 8 + 1 + 2 * 2 + 2 * 1 + 2 * 2 + 2 + 1
    assert whole.figures["rack_units"].value == units
    assert [sum(device.line == servers.key for device in rack.devices) for rack in whole.racks][:2] == [2, 2]
    assert all(rack.power_w <= 16_000 for rack in whole.racks)
    assert sum(line.count * (line.power_w or 0) for line in whole.lines) == pytest.approx(watts)


def test_a_70b_service_with_a_server_to_spare() -> None:
    """Llama 3.3 70B, config.json: 80 layers, 8 KV heads of 128, vocabulary 128,256, width 8,192; 70,553,706,496 parameters.

    In FP8 with an embedding and a head of 16 bit: 70.55 + 2 · 1.05 = 72.66 GB. A token of KV cache in FP8 is
    2 · 80 · 8 · 128 = 163,840 B, so 200 requests of 2,048 + 512 tokens hold at most 83.9 GB.
    """
    asked = with_fields(
        Scenario(),
        deployment__gpu=H100,
        deployment__tensor_parallel=2,
        deployment__availability=Availability.N_PLUS_ONE,
        money__currency="USD",
    )
    answer = estimate(asked, CATALOG)
    plan = answer.plan()
    assert plan is not None
    assert plan.memory is not None
    assert answer.params_total == 70_553_706_496
    assert answer.kv_bytes_per_token == 2 * 80 * 8 * 128
    table = 128_256 * 8_192
    weights = plan.memory.parts[MemoryPart.WEIGHTS] * 2
    assert weights == pytest.approx(70_553_706_496 + 2 * table, rel=2e-3)
    requests = math.ceil(200 / plan.replicas)
    assert plan.memory.parts[MemoryPart.KV_CACHE] * 2 <= requests * 2_560 * 163_840 * 1.02
    whole = site_of(asked, CATALOG, answer)
    lines = lines_of(whole)
    main, spare = lines[f"gpu_server.{H100}"], lines[f"gpu_server.{H100}.spare"]
    assert (main.count, main.spare) == (math.ceil(plan.replicas * 2 / 8), False)
    assert (spare.count, spare.spare) == (1, True)  # whichever server fails, its load finds one
    money = [line.count * (line.unit_price.value or 0) for line in whole.lines if line.unit_price is not None]
    assert whole.figures["purchase"].value == pytest.approx(sum(money))
    # host: 8 for the system, 8 for each of 8 GPUs, one for each 20,000 tokens a second
    host, made = whole.hosts[0].figures, plan.figures["throughput"].value or 0
    assert host["cores"].value == 8 + 8 * 8 + math.ceil(made / main.count / 20_000)
    assert host["ram"].value == pytest.approx(32e9 + weights + 8 * 16e9)
    assert host["nvme"].value == pytest.approx(1e12 + 3 * weights)
    assert (host["sockets"].value, host["cores_fitted"].value, host["ram_fitted"].value) == (
        2,
        112,
        2048e9,
    )  # as a DGX H100 comes
    # client traffic: 4 B a prompt token, 300 B a streamed token
    rate = plan.figures["request_rate"].value or 0
    assert host["client_rate"].value == pytest.approx(rate / main.count * (2_048 * 4 + 512 * 300) * 8)


def test_a_fine_tune_of_7b_in_the_cloud() -> None:
    """Llama 2 7B with LoRA on one H100: frozen weights in 16 bit are 6.74 · 2 = 13.5 GB; adapters of rank 16 on all seven
    projections are 39,976,960 parameters (32 · 16 · (4 · 8,192 + 3 · 15,104)). A token takes 2 N forward and 2 N back through
    frozen weights; published fine-tunes on an H100 reach 30 to 60 % of 989 TFLOPS."""
    asked = with_fields(
        Scenario(),
        workload__kind=WorkloadKind.TUNE,
        model__id="llama-2-7b",
        training__method=TuningMethod.LORA,
        training__adapter_rank=16,
        deployment__gpu=H100,
        training__gpus=1,
        money__currency="USD",
    )
    answer = estimate(asked, CATALOG)
    plan = answer.plan()
    assert plan is not None
    assert plan.memory is not None
    assert (plan.gpus, answer.params_total) == (1, 6_738_415_616)
    assert plan.memory.parts[MemoryPart.WEIGHTS] == pytest.approx(6_738_415_616 * 2, rel=0.02)
    assert plan.figures["trained_params"].value == 32 * 16 * (4 * 8_192 + 3 * 15_104)
    speed = plan.figures["tokens_per_second"].value or 0
    assert 0.3 < speed * 4 * 6.74e9 / 989e12 < 0.75
    hours = (plan.figures["training_time"].value or 0) / 3600
    money = money_of(asked, CATALOG, answer, plan, site_of(asked, CATALOG, answer))
    alike = [offer for offer in money.offers if (offer.gpu_id, offer.gpus_each) == (H100, 1)]
    single = [offer for offer in alike if CloudTerm.ON_DEMAND in offer.hourly]
    assert single
    for offer in single:
        hourly = offer.hourly[CloudTerm.ON_DEMAND]
        listed = {price.hourly for price in CATALOG.clouds[offer.instance_id].prices}
        assert offer.count == 1
        assert offer.run[CloudTerm.ON_DEMAND] == pytest.approx(hours * hourly)
        assert hourly in listed or CATALOG.clouds[offer.instance_id].prices[0].currency != "USD"


def test_training_servers_write_their_checkpoints_to_storage() -> None:
    """7B in full: a checkpoint is weights of 2 B and states of 12 B for each parameter, 94 GB; every 30 min within 2 %
    of the time it is written at 2.6 GB/s."""
    asked = with_fields(
        Scenario(),
        workload__kind=WorkloadKind.TUNE,
        model__id="llama-2-7b",
        training__method=TuningMethod.FULL,
        training__checkpoint_minutes=30.0,
        training__gpus=16,
        deployment__gpu=H100,
        site__checkpoints_kept=5,
    )
    answer = estimate(asked, CATALOG)
    whole = site_of(asked, CATALOG, answer)
    plan = answer.plan()
    assert plan is not None
    checkpoint = plan.figures["checkpoint"].value or 0
    assert 12 * 6.738e9 <= checkpoint <= 16 * 6.739e9
    host = whole.hosts[0].figures
    assert host["write_rate"].value == pytest.approx(checkpoint / (1800 * 0.02))
    assert (whole.figures["storage"].value or 0) >= 5 * checkpoint
    (servers,) = [line for line in whole.lines if line.role is Role.TRAINING_SERVER]
    assert servers.count == 2
    stored = checkpoint / (1800 * 0.02) / 2 + 6_738_415_616 * 2 / 300
    assert host["storage_rate"].value == pytest.approx(stored * 8)
