"""Training plans for every GPU."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.engine.explain.training import OPENERS
from gpuplanner.engine.result import Code, Estimate, MemoryPart, Plan, Status
from gpuplanner.engine.training.memory import training_memory
from gpuplanner.engine.training.plans import training_estimate
from gpuplanner.engine.training.request import STAGES, training_request
from gpuplanner.scenario.document import (
    Deployment,
    ModelChoice,
    Recompute,
    Scenario,
    Sharding,
    TrainingChoice,
    TrainingPrecision,
    TuningMethod,
    Workload,
    WorkloadKind,
)

H100 = "nvidia-h100-sxm5-80gb"


def scenario(kind: WorkloadKind, model: str = "llama-2-7b", gpu: str | None = H100, **training: object) -> Scenario:
    return Scenario(
        model=ModelChoice(id=model),
        workload=Workload(kind=kind),
        training=TrainingChoice.model_validate(training),
        deployment=Deployment(gpu=gpu),
    )


def chosen(found: Estimate) -> Plan:
    plan = found.plan()
    assert plan is not None
    return plan


def test_serving_and_training_go_by_the_kind_of_work(catalog: Catalog) -> None:
    assert chosen(estimate(scenario(WorkloadKind.SERVE), catalog)).training is None
    assert chosen(estimate(scenario(WorkloadKind.TUNE), catalog)).training is not None


def test_every_gpu_has_a_plan_or_a_reason(catalog: Catalog) -> None:
    found = training_estimate(scenario(WorkloadKind.TRAIN), catalog)
    assert {plan.gpu_id for plan in found.plans} == set(catalog.gpus)
    for plan in found.plans:
        if plan.status is Status.IMPOSSIBLE:
            assert plan.reasons
            continue
        assert plan.memory is not None
        assert plan.training is not None
        assert plan.memory.need_bytes <= plan.memory.limit_bytes
        assert plan.gpus == plan.tensor_parallel * plan.pipeline_parallel * plan.training.data_parallel
        assert max(moment.need_bytes for moment in plan.memory.moments) == pytest.approx(plan.memory.need_bytes)


def test_full_training_of_7b_needs_two_h100_where_lora_needs_one(catalog: Catalog) -> None:
    """108 GB of states don't fit 80 GB; shared over two GPUs, or frozen but for adapters, they do."""
    full = chosen(training_estimate(scenario(WorkloadKind.TRAIN), catalog))
    assert full.gpus == 2
    lora = chosen(training_estimate(scenario(WorkloadKind.TUNE, method=TuningMethod.LORA), catalog))
    assert lora.gpus == 1
    assert lora.memory is not None
    assert lora.memory.parts[MemoryPart.OPTIMIZER] < 1e9


def test_what_was_fixed_is_kept(catalog: Catalog) -> None:
    asked = scenario(WorkloadKind.TRAIN, micro_batch=2, recompute=Recompute.FULL, sharding=Sharding.FULL)
    plan = chosen(training_estimate(asked, catalog))
    assert plan.training is not None
    assert plan.training.micro_batch == 2
    assert plan.training.recompute == "full"
    assert plan.training.sharding == "full"
    assert plan.training.micro_batches * 2 * plan.training.data_parallel >= asked.training.global_batch


def test_the_plan_is_what_its_configuration_alone_would_take(catalog: Catalog) -> None:
    asked = scenario(WorkloadKind.TRAIN, "llama-3.1-70b", recompute=Recompute.FULL)
    plan, request = chosen(training_estimate(asked, catalog)), training_request(asked, catalog)
    layout = plan.training
    assert layout is not None
    assert layout.recomputed == 1
    assert plan.memory is not None
    alone = training_memory(
        request.shape,
        replace(
            request.setup,
            micro_batch=layout.micro_batch,
            micro_batches=layout.micro_batches,
            recompute=Recompute(layout.recompute),
            tensor_parallel=plan.tensor_parallel,
            pipeline_parallel=plan.pipeline_parallel,
            virtual_stages=layout.virtual_stages,
            data_parallel=layout.data_parallel,
            zero=STAGES[Sharding(layout.sharding)],
        ),
    )
    engine = plan.memory.parts[MemoryPart.ENGINE]
    assert alone.total == pytest.approx(plan.memory.need_bytes - engine, rel=1e-9)


def test_a_format_the_gpu_lacks_is_refused(catalog: Catalog) -> None:
    found = training_estimate(scenario(WorkloadKind.TRAIN, precision=TrainingPrecision.FP8), catalog)
    a100 = found.plan("nvidia-a100-sxm4-80gb")
    assert a100 is not None
    assert [code.code for code in a100.reasons] == ["reason.format_training"]


def build(model: Model) -> tuple[object, ...]:
    """What models have in common that are put together alike: kinds of layers of texts, the family of the rest."""
    language = model.language
    if language is None:
        return model.kind, type(model.shape), model.family
    layers = {(type(layer.attention), type(layer.feed_forward)) for layer in language.layers}
    return model.kind, type(model.shape), frozenset(layers)


def test_every_build_of_the_catalogue_is_trained_or_refused_with_a_way_out(catalog: Catalog) -> None:
    one_of_each = {build(model): model.id for model in catalog.models.values() if model.shape is not None}
    assert len(one_of_each) > 80
    for model_id in one_of_each.values():
        found = training_estimate(scenario(WorkloadKind.TRAIN, model_id), catalog)
        if catalog.models[model_id].family == "rnn-t":  # what is kept through time isn't modelled
            assert found.refusal == Code("refusal.training_kind")
            continue
        assert found.refusal is None, model_id
        assert found.plans, model_id


def test_adapters_beside_convolutions_are_refused(catalog: Catalog) -> None:
    found = training_estimate(scenario(WorkloadKind.TUNE, "resnet-50"), catalog)
    assert found.refusal is not None
    assert found.refusal.code == "refusal.training_adapters"


def test_too_little_memory_names_a_way_out(catalog: Catalog) -> None:
    asked = scenario(WorkloadKind.TUNE, "llama-3.1-70b", "nvidia-rtx-4090", method=TuningMethod.FULL)
    asked = asked.model_copy(update={"deployment": Deployment(gpu="nvidia-rtx-4090", max_gpus=8)})
    plan = chosen(training_estimate(asked, catalog))
    assert plan.status is Status.IMPOSSIBLE
    assert "remedy.lora" in [code.code for code in plan.remedies]


@pytest.mark.parametrize("kind", [WorkloadKind.TUNE, WorkloadKind.TRAIN])
def test_every_part_opens_into_the_number_that_is_shown(catalog: Catalog, kind: WorkloadKind) -> None:
    asked = scenario(kind, "llama-3.1-8b")
    plan = chosen(training_estimate(asked, catalog))
    assert plan.memory is not None
    for part in ("weights", "gradients", "optimizer", "activations", "engine", "communication"):
        opened = explain(asked, catalog, plan, part)
        assert opened.result.value == pytest.approx(plan.memory.parts[MemoryPart(part)], rel=1e-6, abs=1.0)
    assert explain(asked, catalog, plan, "memory_per_gpu").result.value == pytest.approx(plan.memory.need_bytes)
    assert {"memory_per_gpu", "logits", "power"} <= set(OPENERS)


def test_a_part_of_the_layers_is_computed_again_where_that_fits(catalog: Catalog) -> None:
    """Between nothing and everything: slower than nothing, faster than everything, and it fills no more than is safe."""
    asked = {"sequence_tokens": 8192, "global_batch": 512, "gpus": 384, "micro_batch": 1}
    part = chosen(training_estimate(scenario(WorkloadKind.TRAIN, "llama-3.1-405b", **asked), catalog))
    full = chosen(training_estimate(scenario(WorkloadKind.TRAIN, "llama-3.1-405b", recompute=Recompute.FULL, **asked), catalog))
    assert part.training is not None
    assert 0 < part.training.recomputed < 1
    assert full.training is not None
    assert full.training.recomputed == 1
    assert (part.figures["step_time"].value or 0) < (full.figures["step_time"].value or 0)
    assert part.memory is not None
    assert part.memory.need_bytes <= part.memory.limit_bytes
    same = scenario(WorkloadKind.TRAIN, "llama-3.1-405b", **asked)
    opened = explain(same, catalog, part, "activations")
    assert opened.result.value == pytest.approx(part.memory.parts[MemoryPart.ACTIVATIONS], rel=1e-6)
    step = explain(same, catalog, part, "step_time")
    assert step.result.value == pytest.approx(part.figures["step_time"].value)


def test_long_sequences_are_shared_by_several_gpus(catalog: Catalog) -> None:
    """131,072 tokens on H100: Llama 3 was trained with 16 GPUs for each sequence (arXiv 2407.21783, table 4)."""
    asked = {"sequence_tokens": 131_072, "global_batch": 128, "gpus": 1024}
    plan = chosen(training_estimate(scenario(WorkloadKind.TRAIN, "llama-3.1-405b", **asked), catalog))
    assert plan.training is not None
    assert plan.training.context_parallel > 1
    assert (
        plan.gpus == plan.tensor_parallel * plan.pipeline_parallel * plan.training.data_parallel * plan.training.context_parallel
    )
