"""A scenario that tunes or trains, in terms of the training planner."""

from __future__ import annotations

from dataclasses import dataclass

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.request import CannotEstimateError
from gpuplanner.engine.result import Code
from gpuplanner.engine.training.latents import latent_setup
from gpuplanner.engine.training.planning import Asked
from gpuplanner.engine.training.setup import Setup
from gpuplanner.scenario.document import (
    AdapterTargets,
    AttentionKind,
    Kernels,
    Offload,
    Scenario,
    Sharding,
    TrainingPrecision,
    TuningMethod,
    WorkloadKind,
)

STAGES = {Sharding.NONE: 0, Sharding.OPTIMIZER: 1, Sharding.GRADIENTS: 2, Sharding.FULL: 3}
SHARDINGS = {stage: sharding for sharding, stage in STAGES.items()}
TARGETS = {
    AdapterTargets.ALL: ("all",),
    AdapterTargets.ATTENTION: ("q", "k", "v", "o", "qkv"),
    AdapterTargets.QUERY_VALUE: ("q", "v", "qkv"),
}
VIRTUAL_STAGES = (1, 4, 8)
CONTEXT_DEGREES = (2, 4, 8, 16)
SHORTEST_PART = 16_384  # tokens of a sequence a GPU has at least when several share it
FORMATS = {TrainingPrecision.FP32: "fp32", TrainingPrecision.FP8: "fp8"}


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What is to be trained and how; ``format`` the matrix products run in."""

    model: Model
    shape: Shape
    setup: Setup
    asked: Asked
    format: str


def training_request(scenario: Scenario, catalog: Catalog) -> TrainingRequest:
    """Look up the model and bring the choices together.

    Raises:
        CannotEstimateError: when the model isn't known, or its inner sizes aren't.
    """
    model = scenario.model.custom or catalog.models.get(scenario.model.id)
    if model is None:
        raise CannotEstimateError(Code("refusal.unknown_model", {"id": scenario.model.id}))
    if model.shape is None:
        reason = Code(model.no_shape_reason or "reason.shape_unknown")
        raise CannotEstimateError(Code("refusal.no_shape", {"model": model.name, "reason": reason}))
    chosen = scenario.training
    picture = scenario.generation
    setup = latent_setup(setup_of(scenario), model, picture.width, picture.height, picture.frames)
    return TrainingRequest(model, model.shape, setup, asked_of(scenario), FORMATS.get(chosen.precision, "bf16"))


def setup_of(scenario: Scenario) -> Setup:
    """What doesn't depend on the layout. Training a model is always full."""
    chosen = scenario.training
    method = chosen.method if scenario.workload.kind is WorkloadKind.TUNE else TuningMethod.FULL
    return Setup(
        precision=chosen.precision,
        method=method,
        optimizer=chosen.optimizer,
        tokens=chosen.sequence_tokens,
        flash=chosen.attention is AttentionKind.FLASH,
        kernels=chosen.kernels,
        loss=chosen.loss,
        adapter_rank=chosen.adapter_rank,
        adapter_targets=TARGETS[chosen.adapter_targets],
        context_parallel=chosen.context_parallel or 1,
        expert_parallel=chosen.expert_parallel or 1,
        sequence_parallel=True,
        offload_optimizer=chosen.offload is not Offload.NONE,
        offload_params=chosen.offload is Offload.ALL,
        offload_gradients=chosen.offload is not Offload.NONE,
        virtual_stages=chosen.virtual_stages or 1,
    )


def asked_of(scenario: Scenario) -> Asked:
    """What the user fixed of the layout."""
    chosen, deployment = scenario.training, scenario.deployment
    large = scenario.workload.kind is WorkloadKind.TRAIN and chosen.kernels is Kernels.FUSED  # as large-scale trainers can
    return Asked(
        tensor_parallel=deployment.tensor_parallel,
        pipeline_parallel=deployment.pipeline_parallel,
        micro_batch=chosen.micro_batch,
        recompute=chosen.recompute,
        zero=STAGES[chosen.sharding] if chosen.sharding is not None else None,
        global_batch=chosen.global_batch,
        max_gpus=deployment.max_gpus,
        gpus=chosen.gpus,
        expert_parallel=chosen.expert_parallel,
        contexts=(chosen.context_parallel,) if chosen.context_parallel else _contexts(chosen.sequence_tokens),
        virtual=(chosen.virtual_stages,) if chosen.virtual_stages else VIRTUAL_STAGES if large else (1,),
        partly=large,
    )


def _contexts(tokens: int) -> tuple[int, ...]:
    """Degrees that are worth a look: sequences of a length that one GPU has room for aren't cut."""
    return (1, *(degree for degree in CONTEXT_DEGREES if tokens / degree >= SHORTEST_PART))
