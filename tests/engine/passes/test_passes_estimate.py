"""Plans of images, encoders, vision and speech."""

from __future__ import annotations

import math

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.codes import code_text
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate, Plan, Status
from gpuplanner.scenario.document import Scenario

H100 = "nvidia-h100-sxm5-80gb"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def asked(model: str, kind: str, load: float = 2.0, **sections: dict[str, object]) -> Scenario:
    workload = {"kind": kind, "load_kind": "per_second", "load": load, **sections.pop("workload", {})}
    whole = {"model": {"id": model}, "precision": {"weights": "fp16"}, "workload": workload, **sections}
    return Scenario.model_validate(whole)


def plan_of(answer: Estimate, gpu: str = H100) -> Plan:
    plan = answer.plan(gpu)
    assert plan is not None
    return plan


def value(plan: Plan, key: str) -> float:
    found = plan.figures[key].value
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("model", "kind", "item"),
    [
        ("sdxl-base-1.0", "generate", "image"),
        ("flux.1-dev", "generate", "image"),
        ("wan2.1-t2v-1.3b", "generate", "clip"),
        ("bge-m3", "encode", "text"),
        ("bge-reranker-v2-m3", "encode", "pair"),
        ("resnet-50", "encode", "picture"),
        ("vit-b-16", "encode", "picture"),
        ("clip-vit-large-patch14", "encode", "picture"),
        ("whisper-large-v3", "encode", "audio"),
        ("wav2vec2-base", "encode", "audio"),
        ("qwen3-embedding-0.6b", "encode", "text"),
        ("qwen3-vl-embedding-2b", "encode", "text"),
    ],
)
def test_every_kind_is_planned(catalog: Catalog, model: str, kind: str, item: str) -> None:
    plan = plan_of(estimate(asked(model, kind, load=0.05), catalog))

    assert plan.status is Status.MEETS
    assert plan.passes is not None
    assert plan.passes.item == item
    assert plan.memory is not None
    assert plan.memory.need_bytes <= plan.memory.limit_bytes
    assert value(plan, "e2e") >= value(plan, "e2e_mean") * 0.5
    # the parts of a pass add up to it
    assert sum(part.seconds for part in plan.passes.parts) == pytest.approx(value(plan, "pass_time"))


def test_a_load_is_carried_with_room(catalog: Catalog) -> None:
    for load in (1.0, 50.0, 3000.0):
        plan = plan_of(estimate(asked("bge-m3", "encode", load=load), catalog))
        assert value(plan, "request_rate") == pytest.approx(load)
        assert value(plan, "capacity_rate") * 0.91 >= load


def test_a_target_costs_replicas(catalog: Catalog) -> None:
    loose = plan_of(estimate(asked("sdxl-base-1.0", "generate", load=5.0), catalog))
    tight = plan_of(estimate(asked("sdxl-base-1.0", "generate", load=5.0, targets={"e2e_s": 0.7 * value(loose, "e2e")}), catalog))

    assert tight.replicas >= loose.replicas
    if tight.status is Status.MISSES:
        assert tight.reasons[0].code == "miss.e2e"
    else:
        assert value(tight, "e2e") <= 0.7 * value(loose, "e2e")


def test_spares_and_growth_come_on_top(catalog: Catalog) -> None:
    plain = plan_of(estimate(asked("sdxl-base-1.0", "generate", load=5.0), catalog))
    grown = plan_of(estimate(asked("sdxl-base-1.0", "generate", load=5.0, deployment={"growth": 1.0}), catalog))
    spare = plan_of(estimate(asked("sdxl-base-1.0", "generate", load=5.0, deployment={"availability": "n_plus_1"}), catalog))

    assert 1.5 * plain.replicas <= grown.replicas <= 2.5 * plain.replicas
    needed = math.ceil(plain.gpus / 8)  # servers of eight: what the fullest of one server more holds stands by
    assert spare.gpus == plain.gpus + math.ceil(plain.gpus / needed)
    assert spare.servers == needed + 1


@pytest.mark.parametrize(
    ("model", "kind", "code"),
    [
        ("llama-3.3-70b", "generate", "refusal.not_generate"),
        ("llama-3.3-70b", "encode", "refusal.not_encode"),
        ("sdxl-base-1.0", "encode", "refusal.not_encode"),
        ("bge-m3", "generate", "refusal.not_generate"),
        ("kokoro-82m", "encode", "refusal.no_shape"),
        ("nobody", "encode", "refusal.unknown_model"),
    ],
)
def test_work_a_model_is_not_for_is_refused_in_words(catalog: Catalog, model: str, kind: str, code: str) -> None:
    refusal = estimate(asked(model, kind), catalog).refusal

    assert refusal is not None
    assert refusal.code == code
    for lang in ("en", "zh"):
        assert "{" not in code_text(refusal, lang)


def test_everything_said_has_words(catalog: Catalog) -> None:
    for scenario in (asked("flux.1-dev", "generate", deployment={"tensor_parallel": 2}), asked("bge-m3", "encode", load=1e8)):
        answer = estimate(scenario, catalog)
        codes = [*answer.warnings, *(code for plan in answer.plans for code in (*plan.reasons, *plan.remedies, *plan.warnings))]
        assert codes
        assert all("{" not in code_text(code, lang) for code in codes for lang in ("en", "zh"))


def test_same_question_same_answer(catalog: Catalog) -> None:
    scenario = asked("sdxl-base-1.0", "generate")
    assert estimate(scenario, catalog) == estimate(scenario, catalog)
