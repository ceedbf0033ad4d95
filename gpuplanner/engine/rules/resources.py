"""What a scenario stresses: compute, bandwidth and memory of the cards, cores and memory of the host, network and drives."""

from __future__ import annotations

from gpuplanner.engine.result import Code, MemoryPart, Quantity, Unit
from gpuplanner.engine.rules.situation import Situation
from gpuplanner.engine.rules.table import Cell, Table, exact


def resources(at: Situation) -> Table:
    """What the scenario stresses: of each resource what it takes, and what there is of it."""
    memory, host = at.plan.memory, at.host
    rows: list[tuple[Cell, ...]] = []
    if memory is not None:
        rows.append(_resource("memory", memory.need_bytes, memory.usable_bytes, Unit.BYTES))
    flops, reads = _work(at)
    if flops is not None:
        rows.append(_resource("compute", flops, _peak(at), Unit.FLOPS_PER_SECOND))
    if reads is not None:
        rows.append(_resource("bandwidth", reads, (at.gpu.bandwidth_gb_s or 0.0) * 1e9, Unit.BYTES_PER_SECOND))
    if host is not None:
        product = at.chassis.product
        cores = float((product.cpu.cores_total if product and product.cpu else None) or at.chassis.generic.cores or 0)
        rows.append(_resource("cores", host.figures["cores"].value or 0.0, cores, Unit.COUNT))
        rows.append(_resource("ram", host.figures["ram"].value or 0.0, host.figures["ram_fitted"].value or 0.0, Unit.BYTES))
        rows.append(_resource("client", (host.figures["client_rate"].value or 0.0) / 8, 12.5e9, Unit.BYTES_PER_SECOND))
        rows.append(_resource("writes", host.figures["write_rate"].value or 0.0, 5e9, Unit.BYTES_PER_SECOND))
    columns = ("resource", "takes", "has", "share")
    taken = tuple(row for row in rows if not isinstance(row[1], Quantity) or row[1].value)
    return Table("resources", ("S000-3", "S001-1", "S001-2"), columns, taken, (Code("practice.resources.note"),))


def _peak(at: Situation) -> float:
    """Of a GPU in the format that the plan computes in. [FLOP/s]"""
    asked = at.plan.compute_format
    known = asked in type(at.gpu.dense_tflops).model_fields
    return (at.gpu.dense_tflops.rate(asked if known else "bf16") or 0.0) * 1e12


def _resource(key: str, takes: float, has: float, unit: Unit) -> tuple[Cell, ...]:
    share = takes / has if has else None
    return (
        Code(f"practice.resource.{key}"),
        exact(key, takes, unit),
        exact(key, has or None, unit),
        exact("share", share, Unit.SHARE),
    )


def _work(at: Situation) -> tuple[float | None, float | None]:
    """Operations and bytes a second of each GPU, where a language model writes."""
    throughput, workload = at.figure("throughput"), at.scenario.workload
    if not throughput or not workload.kind.writes or at.plan.memory is None:
        return None, None
    gpus = at.plan.replicas * at.plan.gpus_per_replica
    rate = throughput / workload.output_tokens
    active = at.answer.params_active or at.params
    flops = 2 * active * rate * (workload.input_tokens + workload.output_tokens) / gpus
    step = at.figure("tpot_mean")
    held = at.part(MemoryPart.WEIGHTS, MemoryPart.KV_CACHE) * (active / at.params if at.params else 1.0)
    return flops, held / step if step else None
