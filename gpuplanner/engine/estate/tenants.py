"""What a workload's plan is for the packing: replicas with their memory, their busy share and their patience."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estate.packing import Cut, Tenant
from gpuplanner.engine.estate.works import Placed
from gpuplanner.engine.result import Plan
from gpuplanner.engine.site.chassis import chassis_for
from gpuplanner.scenario.document import Availability, Scenario, WorkloadKind


def tenant_of(work: Placed, plan: Plan, catalog: Catalog, *, shared: bool, cut: Cut | None = None) -> Tenant | None:
    """A workload as it is packed; None without a plan that runs.

    Args:
        work: the workload.
        plan: taken of its answer; on slices it counts slices.
        catalog: the card, where it is cut.
        shared: small workloads may take turns on a GPU.
        cut: the slice that each replica has.
    """
    if plan.memory is None:
        return None
    trains = work.scenario.workload.kind.trains
    degree = plan.gpus if trains else plan.gpus_per_replica
    card = catalog.gpus[plan.gpu_id].usable_bytes
    return Tenant(
        letter=work.letter,
        gpu_id=plan.gpu_id,
        degree=degree,
        replicas=1 if trains else plan.replicas,
        spare=0 if trains else plan.spare_replicas,
        memory=plan.memory.parts,
        limit_bytes=card * plan.memory.limit_bytes / plan.memory.usable_bytes if cut else plan.memory.limit_bytes,
        usable_bytes=card if cut else plan.memory.usable_bytes,
        busy=_busy(plan),
        hours=work.hours,
        shares=shared and not trains and degree == 1 and cut is None,
        apart=work.scenario.deployment.availability is Availability.N_PLUS_ONE,
        slack=_slack(work.scenario, plan),
        cut=cut,
    )


def per_server(scenario: Scenario, catalog: Catalog, tenants: Sequence[Tenant]) -> Mapping[str, int]:
    """GPUs a server holds, by kind of GPU."""
    sizes = {}
    for kind in dict.fromkeys(tenant.gpu_id for tenant in tenants):
        mine = [tenant for tenant in tenants if tenant.gpu_id == kind]
        gpus = math.ceil(sum(tenant.degree * tenant.part * (tenant.replicas + tenant.spare) for tenant in mine) - 1e-9)
        degree = max(tenant.degree for tenant in mine)
        sizes[kind] = chassis_for(catalog, catalog.gpus[kind], scenario.site.server, gpus, degree).gpus
    return sizes


def _slack(scenario: Scenario, plan: Plan) -> float:
    """By how much its times may grow before the tightest target is missed; no less than 1."""
    targets = scenario.targets
    asked = {"ttft": targets.ttft_s, "tpot": targets.tpot_s, "e2e": targets.e2e_s}
    if scenario.workload.kind.passes:
        asked = {"e2e": targets.e2e_s}
    found = [
        limit / figure.value
        for key, limit in asked.items()
        if limit is not None and (figure := plan.figures.get(key)) is not None and figure.value
    ]
    waits = scenario.workload.kind is not WorkloadKind.BATCH and not scenario.workload.kind.trains
    return max(1.0, min(found)) if found and waits else math.inf


def _busy(plan: Plan) -> float:
    """Share of its own hours that a replica computes."""
    headroom = plan.figures.get("headroom")
    if headroom is not None and headroom.value is not None:
        return min(1.0, 1 / (1 + max(headroom.value, 0.0)))
    passes = getattr(plan, "passes", None)
    return min(1.0, float(getattr(passes, "utilization", 1.0)))
