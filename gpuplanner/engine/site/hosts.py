"""Host parts of a GPU server: cores, memory, drives and network, each with what it is made of."""

from __future__ import annotations

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


def host_of(scenario: Scenario, catalog: Catalog, need: Need, chassis: Chassis, servers: int, tokens_per_s: float) -> Host:
    """What each server of this kind must bring.

    Args:
        scenario: versions kept, checkpoint interval.
        catalog: planning values.
        need: what the GPUs are for.
        chassis: the server.
        servers: how many of them carry the load.
        tokens_per_s: output tokens of all of them, that cores have to stream.
    """
    plan, space = catalog.rules["host-planning"].values, catalog.rules["storage-planning"].values
    loaders = plan["cores_loader_per_gpu"] if need.trains else 0.0
    cores = formulas.cores(
        plan["cores_system"],
        chassis.gpus,
        plan["cores_per_gpu"],
        loaders,
        tokens_per_s / max(servers, 1),
        plan["tokens_per_core_s"],
    )
    ram = formulas.ram_bytes(
        plan["ram_system_gb"] * GB,
        need.weight_bytes,
        chassis.gpus,
        plan["ram_pinned_gb_per_gpu"] * GB,
        plan["ram_loader_gb_per_gpu"] * GB if need.trains else 0.0,
        need.offload_bytes,
    )
    nvme = formulas.nvme_bytes(plan["nvme_system_tb"] * TB, need.weight_bytes, scenario.site.model_versions)
    written = 0.0
    if need.checkpoint_bytes:
        seconds = scenario.training.checkpoint_minutes * 60
        written = formulas.checkpoint_rate(need.checkpoint_bytes, seconds, space["checkpoint_time_share"])
    client = formulas.client_bits_s(need.request_rate, need.request_bytes, need.answer_bytes) / max(servers, 1)
    figures = {
        "cores": _figure("cores", float(cores), Unit.COUNT),
        "sockets": _figure("sockets", float(chassis.sockets), Unit.COUNT),
        "ram": _figure("ram", float(ram), Unit.BYTES),
        "ram_fitted": _figure("ram_fitted", fitted_ram(float(ram)), Unit.BYTES),
        "nvme": _figure("nvme", float(nvme), Unit.BYTES),
        "write_rate": _figure("write_rate", float(written), Unit.BYTES_PER_SECOND),
        "client_rate": _figure("client_rate", float(client), Unit.COUNT),
    }
    return Host(Role.TRAINING_SERVER if need.trains else Role.GPU_SERVER, figures, _terms(plan, need, chassis, figures))


def fitted_ram(need_bytes: float) -> float:
    """The next size that memory is sold in. [B]"""
    return next((size * GB for size in DIMM_SIZES_GB if size * GB >= need_bytes), DIMM_SIZES_GB[-1] * GB)


def numa_warnings(chassis: Chassis) -> tuple[Code, ...]:
    """Whether cards and sockets divide evenly; an odd card sits behind the other socket's memory."""
    if chassis.gpus > 1 and chassis.gpus % chassis.sockets:
        return (Code("site.warning.numa", {"gpus": chassis.gpus, "sockets": chassis.sockets}),)
    return ()


def _terms(
    plan: Mapping[str, float], need: Need, chassis: Chassis, figures: Mapping[str, Quantity]
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
    nvme = [
        Code("site.why.nvme_system", {"nvme_bytes": plan["nvme_system_tb"] * TB}),
        Code("site.why.nvme_files", {"nvme_bytes": (figures["nvme"].value or 0.0) - plan["nvme_system_tb"] * TB}),
    ]
    return {"ram": tuple(ram), "cores": tuple(cores), "nvme": tuple(nvme)}


def _figure(key: str, value: float, unit: Unit) -> Quantity:
    return Quantity(key, value, unit, provenance=Provenance.MODELLED)
