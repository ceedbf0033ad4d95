"""What a plan needs of the room: how many GPUs, how they belong together, what they read and write."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Estimate, Plan
from gpuplanner.engine.site.result import Need
from gpuplanner.scenario.document import Availability, Offload, Scenario

#: Bytes a trained parameter takes in host memory: optimizer states; weights and gradients.
OPTIMIZER_BYTES, WEIGHT_BYTES = 12.0, 4.0


def need_of(scenario: Scenario, catalog: Catalog, answer: Estimate, plan: Plan, label: str = "") -> Need | None:
    """The need of a plan; None when it can't run."""
    if plan.memory is None or plan.gpus == 0:
        return None
    traffic = catalog.rules["traffic-planning"].values
    workload = scenario.workload
    rate = plan.figures.get("request_rate")
    checkpoint = plan.figures.get("checkpoint")
    weights = _weights(plan)
    return Need(
        gpu_id=plan.gpu_id,
        gpus=plan.gpus_per_replica * plan.replicas,
        spare=plan.gpus_per_replica * plan.spare_replicas,
        degree=plan.gpus_per_replica,
        trains=workload.kind.trains,
        request_rate=(rate.value or 0.0) if rate and not workload.kind.trains else 0.0,
        request_bytes=workload.input_tokens * traffic["bytes_per_input_token"] if workload.kind.writes else 0.0,
        answer_bytes=workload.output_tokens * traffic["bytes_per_streamed_token"] if workload.kind.writes else 0.0,
        weight_bytes=weights if not workload.kind.trains else answer.params_total * 2.0,
        checkpoint_bytes=(checkpoint.value or 0.0) if checkpoint else 0.0,
        offload_bytes=_offloaded(scenario, plan),
        label=label,
        apart=plan.spare_replicas > 0 and scenario.deployment.availability is Availability.N_PLUS_ONE,
    )


def needs_of(scenario: Scenario, catalog: Catalog, answer: Estimate, plan: Plan) -> tuple[Need, ...]:
    """What a plan needs by kind of GPU: one need, of a mix one for each kind; none when it can't run."""
    parts = [part.plan for part in plan.mix.parts] if plan.mix is not None else [plan]
    needs = [need for part in parts if (need := need_of(scenario, catalog, answer, part)) is not None]
    return tuple(replace(need, same_files=place > 0) for place, need in enumerate(needs))


def _offloaded(scenario: Scenario, plan: Plan) -> float:
    """What one GPU keeps in host memory. [B]

    A training's optimizer states are 12 bytes a trained parameter (a copy in single precision, two moments), its weights and
    gradients 2 each; all of it is shared out over the GPUs.
    """
    if scenario.workload.kind.writes:
        return scenario.serving.host_kv_gib * 2**30
    if plan.training is None or scenario.training.offload is Offload.NONE:
        return 0.0
    trained = plan.figures.get("trained_params")
    each = OPTIMIZER_BYTES + (WEIGHT_BYTES if scenario.training.offload is Offload.ALL else 0.0)
    return (trained.value or 0.0) * each / max(plan.gpus, 1) if trained is not None else 0.0


def _weights(plan: Plan) -> float:
    from gpuplanner.engine.result import MemoryPart

    per_gpu = plan.memory.parts.get(MemoryPart.WEIGHTS, 0.0) if plan.memory else 0.0
    return per_gpu * plan.gpus_per_replica
