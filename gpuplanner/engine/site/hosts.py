"""Host parts of a GPU server: cores, memory, drives and network, each with what it is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Code, Provenance, Quantity, Unit
from gpuplanner.engine.site import formulas
from gpuplanner.engine.site.chassis import Chassis
from gpuplanner.engine.site.result import Host, Need, Role
from gpuplanner.scenario.document import Scenario

GB = 1e9
TB = 1e12
#: Sizes that host memory is sold in. [GB]
DIMM_SIZES_GB = (32, 64, 128, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192)
DRIVE_TB = 3.84
#: Cores that processors are sold with.
CPU_CORES = (8, 12, 16, 24, 32, 48, 64, 96, 128, 192)


def host_of(
    scenario: Scenario,
    catalog: Catalog,
    need: Need,
    chassis: Chassis,
    servers: int,
    tokens_per_s: float,
    fabric_cards: int = 0,
    kept_bytes: float = 0.0,
    line: str = "",
) -> Host:
    """What each server of this kind must bring, and what is fitted: as asked, as its product comes, or the next size sold.

    Args:
        scenario: versions kept, checkpoint interval, parts asked for.
        catalog: planning values.
        need: what the GPUs are for.
        chassis: the server.
        servers: how many of them carry the load.
        tokens_per_s: output tokens of all of them, that cores have to stream.
        fabric_cards: cards of the GPU fabric.
        kept_bytes: what the server keeps itself because no storage node does, besides the model's files. [B]
        line: key of its line.
    """
    plan = catalog.rules["host-planning"].values
    cores = _cores(plan, need, chassis, tokens_per_s / max(servers, 1))
    ram = _ram(plan, need, chassis)
    nvme = float(formulas.nvme_bytes(plan["nvme_system_tb"] * TB, need.weight_bytes, scenario.site.model_versions, kept_bytes))
    written = checkpoint_rate_of(scenario, catalog, need)
    client, stored, cards = traffic(scenario, catalog, need, servers, written)
    needed = {
        "cores": (cores, Unit.COUNT),
        "ram": (ram, Unit.BYTES),
        "nvme": (nvme, Unit.BYTES),
        "write_rate": (written, Unit.BYTES_PER_SECOND),
        "client_rate": (client, Unit.COUNT),
        "storage_rate": (stored, Unit.COUNT),
    }
    fitted = {
        "sockets": (float(sockets_of(scenario, chassis)), Unit.COUNT),
        "cores_fitted": (_fitted_cores(scenario, chassis, cores), Unit.COUNT),
        "ram_fitted": (_fitted_ram(scenario, chassis, ram), Unit.BYTES),
        "drives": (float(_drives(scenario, nvme)), Unit.COUNT),
        "client_cards": (float(cards), Unit.COUNT),
        "fabric_cards": (float(fabric_cards), Unit.COUNT),
    }
    figures = {key: _figure(key, *found) for key, found in (needed | fitted).items()}
    role = Role.TRAINING_SERVER if need.trains else Role.GPU_SERVER
    return Host(role, figures, _terms(plan, need, chassis, figures, kept_bytes), line, catalog.gpus[need.gpu_id].name)


def _cores(plan: Mapping[str, float], need: Need, chassis: Chassis, tokens_per_s: float) -> float:
    """For the system, for feeding the GPUs, for data loaders and for streaming what one server writes."""
    loaders = plan["cores_loader_per_gpu"] if need.trains else 0.0
    feeding, each = plan["cores_per_gpu"], plan["tokens_per_core_s"]
    return float(formulas.cores(plan["cores_system"], chassis.gpus, feeding, loaders, tokens_per_s, each))


def _ram(plan: Mapping[str, float], need: Need, chassis: Chassis) -> float:
    """For the system, the model's files, pinned buffers, data loaders and what is moved out of the GPUs. [B]"""
    loaders = plan["ram_loader_gb_per_gpu"] * GB if need.trains else 0.0
    system, pinned = plan["ram_system_gb"] * GB, plan["ram_pinned_gb_per_gpu"] * GB
    return float(formulas.ram_bytes(system, need.weight_bytes, chassis.gpus, pinned, loaders, need.offload_bytes))


def traffic(scenario: Scenario, catalog: Catalog, need: Need, servers: int, written: float) -> tuple[float, float, int]:
    """Client and storage traffic of a server [bit/s], and the cards that carry both.

    Args:
        scenario: cards asked for.
        catalog: planning values, the card.
        need: requests, model files.
        servers: that share the requests.
        written: checkpoints, all servers together. [B/s]
    """
    plan, many = catalog.rules["traffic-planning"].values, max(servers, 1)
    client = float(formulas.client_bits_s(need.request_rate, need.request_bytes, need.answer_bytes)) / many
    stored = float(formulas.storage_bits_s(written, many, need.weight_bytes, plan["load_seconds"]))
    port = (catalog.equipment["network-card-client"].gbps or 1.0) * GB
    cards = int(formulas.client_cards(client, stored, port, plan["link_share"]))
    return client, stored, cards if scenario.site.client_cards is None else scenario.site.client_cards


def checkpoint_rate_of(scenario: Scenario, catalog: Catalog, need: Need) -> float:
    """How fast checkpoints are written, all servers together. [B/s]"""
    if not need.checkpoint_bytes:
        return 0.0
    share = catalog.rules["storage-planning"].values["checkpoint_time_share"]
    return float(formulas.checkpoint_rate(need.checkpoint_bytes, scenario.training.checkpoint_minutes * 60, share))


def sockets_of(scenario: Scenario, chassis: Chassis) -> int:
    """Processors of a server: as asked, else those of its kind."""
    return scenario.site.sockets or chassis.sockets


def _fitted_cores(scenario: Scenario, chassis: Chassis, need: float) -> float:
    if scenario.site.cores is not None:
        return float(scenario.site.cores)
    product = chassis.product
    if product is not None and product.cpu is not None and product.cpu.cores_total is not None and scenario.site.sockets is None:
        return float(product.cpu.cores_total)
    sockets = sockets_of(scenario, chassis)
    return float(sockets * next((size for size in CPU_CORES if size * sockets >= need), CPU_CORES[-1]))


def _fitted_ram(scenario: Scenario, chassis: Chassis, need_bytes: float) -> float:
    if scenario.site.ram_gb is not None:
        return scenario.site.ram_gb * GB
    product = chassis.product
    return max(fitted_ram(need_bytes), (product.ram_gb or 0.0) * GB if product is not None else 0.0)


def _drives(scenario: Scenario, need_bytes: float) -> int:
    """Drives of the usual size for what lies on a server."""
    held = need_bytes if scenario.site.nvme_tb is None else scenario.site.nvme_tb * TB
    return max(1, math.ceil(held / (DRIVE_TB * TB) - 1e-9))


def fitted_ram(need_bytes: float) -> float:
    """The next size that memory is sold in. [B]"""
    return next((size * GB for size in DIMM_SIZES_GB if size * GB >= need_bytes), DIMM_SIZES_GB[-1] * GB)


def numa_warnings(scenario: Scenario, chassis: Chassis, fabric_cards: int) -> tuple[Code, ...]:
    """Whether cards and sockets divide evenly; an odd card sits behind the other socket's memory."""
    sockets, found = sockets_of(scenario, chassis), []
    if chassis.gpus > 1 and chassis.gpus % sockets:
        found.append(Code("site.warning.numa", {"gpus": chassis.gpus, "sockets": sockets}))
    if fabric_cards % sockets:
        found.append(Code("site.warning.numa_cards", {"cards": fabric_cards, "sockets": sockets}))
    return tuple(found)


def short_warnings(scenario: Scenario, host: Host) -> tuple[Code, ...]:
    """Parts that are fitted below the need, because they were asked for so or the product comes so."""
    found, figures = [], {key: figure.value or 0.0 for key, figure in host.figures.items()}
    if figures["cores_fitted"] < figures["cores"]:
        found.append(Code("site.warning.cores_short", {"fitted": int(figures["cores_fitted"]), "cores": int(figures["cores"])}))
    if figures["ram_fitted"] < figures["ram"]:
        found.append(Code("site.warning.ram_short", {"fitted_bytes": figures["ram_fitted"], "ram_bytes": figures["ram"]}))
    asked = scenario.site.nvme_tb
    if asked is not None and asked * TB < figures["nvme"]:
        found.append(Code("site.warning.nvme_short", {"fitted_bytes": asked * TB, "nvme_bytes": figures["nvme"]}))
    return tuple(found)


def _terms(
    plan: Mapping[str, float], need: Need, chassis: Chassis, figures: Mapping[str, Quantity], kept_bytes: float
) -> Mapping[str, tuple[Code, ...]]:
    ram = [
        Code("site.why.ram_system", {"ram_bytes": plan["ram_system_gb"] * GB}),
        Code("site.why.ram_files", {"ram_bytes": need.weight_bytes}),
        Code("site.why.ram_pinned", {"ram_bytes": plan["ram_pinned_gb_per_gpu"] * GB, "gpus": chassis.gpus}),
    ]
    if need.trains:
        ram.append(Code("site.why.ram_loaders", {"ram_bytes": plan["ram_loader_gb_per_gpu"] * GB, "gpus": chassis.gpus}))
    if need.offload_bytes:
        ram.append(Code("site.why.ram_offload", {"ram_bytes": need.offload_bytes, "gpus": chassis.gpus}))
    cores = [
        Code("site.why.cores_system", {"cores": int(plan["cores_system"])}),
        Code("site.why.cores_gpus", {"cores": int(plan["cores_per_gpu"]), "gpus": chassis.gpus}),
    ]
    if need.trains:
        cores.append(Code("site.why.cores_loaders", {"cores": int(plan["cores_loader_per_gpu"]), "gpus": chassis.gpus}))
    files = (figures["nvme"].value or 0.0) - plan["nvme_system_tb"] * TB - kept_bytes
    nvme = [
        Code("site.why.nvme_system", {"nvme_bytes": plan["nvme_system_tb"] * TB}),
        Code("site.why.nvme_files", {"nvme_bytes": files}),
    ]
    if kept_bytes:
        nvme.append(Code("site.why.nvme_kept", {"nvme_bytes": kept_bytes}))
    return {"ram": tuple(ram), "cores": tuple(cores), "nvme": tuple(nvme)}


def _figure(key: str, value: float, unit: Unit) -> Quantity:
    return Quantity(key, value, unit, provenance=Provenance.MODELLED)
