"""What a run amounts to, held against published counts."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.engine.formula import REGISTRY
from gpuplanner.engine.result import Plan
from gpuplanner.scenario.document import (
    AdapterTargets,
    ModelChoice,
    Scenario,
    TrainingChoice,
    TuningMethod,
    Workload,
    WorkloadKind,
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return load_catalog(user_dir=tmp_path_factory.mktemp("nobody"))


def planned(catalog: Catalog, kind: WorkloadKind, model: str, **training: object) -> tuple[Scenario, Plan]:
    asked = Scenario(model=ModelChoice(id=model), workload=Workload(kind=kind), training=TrainingChoice(**training))
    plan = estimate(asked, catalog).plan()
    assert plan is not None
    return asked, plan


def value(plan: Plan, key: str) -> float:
    found = plan.figures[key].value
    assert found is not None
    return found


def test_training_in_full_trains_everything(catalog: Catalog) -> None:
    _, plan = planned(catalog, WorkloadKind.TRAIN, "llama-7b", global_batch=64)
    assert value(plan, "trained_params") == 6_738_415_616  # meta-llama/Llama-2-7b, safetensors of the same shape
    assert value(plan, "checkpoint") == pytest.approx(6_738_415_616 * 14)  # ZeRO: 2 B of weight, 12 B of AdamW
    assert value(plan, "tokens_per_step") == 64 * 4096
    assert value(plan, "gpus") == plan.gpus


def test_adapters_on_queries_and_values(catalog: Catalog) -> None:
    """PEFT prints 4,194,304 trainable parameters for LLaMA-7B at rank 8 on q_proj and v_proj."""
    options = {"method": TuningMethod.LORA, "adapter_rank": 8, "adapter_targets": AdapterTargets.QUERY_VALUE}
    _, plan = planned(catalog, WorkloadKind.TUNE, "llama-7b", **options)
    assert value(plan, "trained_params") == 4_194_304


@pytest.mark.parametrize("key", ["gpus", "trained_params", "checkpoint", "tokens_per_step"])
@pytest.mark.parametrize("model", ["llama-7b", "llama-3.3-70b"])
def test_a_figure_opens_into_what_it_was_computed_from(catalog: Catalog, key: str, model: str) -> None:
    asked, plan = planned(catalog, WorkloadKind.TUNE, model)
    opened = explain(asked, catalog, plan, key)
    assert opened.result == plan.figures[key]
    computed = REGISTRY[opened.formula_id].function(*(term.value for term in opened.terms))
    assert computed == pytest.approx(opened.result.value)
