"""Engines that set no memory aside, and those of other makers: planned, explained, and consistent."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.engine.result import MemoryPart, Plan, Provenance, Status
from gpuplanner.scenario.document import Scenario, replace

CATALOG = load_catalog()
ENGINES = {
    "pytorch": ("bf16", "kv-fp16"),
    "llama-cpp": ("gguf-q4-k-m", "kv-fp16"),
    "ollama": ("gguf-q4-k-m", "kv-fp16"),
    "lmdeploy": ("int4-awq-g128", "kv-int8"),
    "tgi": ("bf16", "kv-fp16"),
    "mindie": ("int8-w8a8", "kv-fp16"),
    "vllm-ascend": ("bf16", "kv-fp16"),
}


def asked(engine: str, **changes: object) -> Scenario:
    weights, kv = ENGINES[engine]
    scenario = Scenario()
    fixed = {
        "deployment.engine": engine, "precision.weights": weights, "precision.kv_cache": kv, "workload.load": 4,
        "model.id": "llama-3.1-8b",
    }  # fmt: skip
    for path, value in {**fixed, **{name.replace("__", "."): value for name, value in changes.items()}}.items():
        scenario = replace(scenario, path, value)
    return scenario


def running(scenario: Scenario) -> list[Plan]:
    return [plan for plan in estimate(scenario, CATALOG).plans if plan.status is not Status.IMPOSSIBLE]


def on(scenario: Scenario, gpu: str) -> Plan:
    return next(plan for plan in running(scenario) if plan.gpu_id == gpu)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_plans_on_the_gpus_that_list_it(engine: str) -> None:
    plans = running(asked(engine))
    assert plans
    for plan in plans:
        assert any(name == engine or name.startswith(f"{engine}-") for name in CATALOG.gpus[plan.gpu_id].engines)
        assert plan.memory is not None
        assert plan.memory.need_bytes <= plan.memory.usable_bytes


@pytest.mark.parametrize("engine", ENGINES)
def test_opened_figures_are_those_of_the_plan(engine: str) -> None:
    scenario = asked(engine)
    plan = running(scenario)[0]
    assert plan.memory is not None
    parts = dict(plan.memory.parts)
    for part in (MemoryPart.WEIGHTS, MemoryPart.KV_CACHE, MemoryPart.ACTIVATIONS, MemoryPart.ENGINE):
        assert explain(scenario, CATALOG, plan, str(part)).result.value == pytest.approx(parts[part])
    assert explain(scenario, CATALOG, plan, "pool").result.value == pytest.approx(plan.memory.kv_pool_bytes)


def test_prompts_read_in_one_go_take_room_for_each_request() -> None:
    few, many = (on(asked("pytorch", workload__load=load, deployment__max_gpus=1), "nvidia-h200-sxm-141gb") for load in (2, 8))
    assert few.memory is not None
    assert many.memory is not None
    assert (few.batch, many.batch) == (2, 8)
    assert many.memory.parts[MemoryPart.ACTIVATIONS] == pytest.approx(4 * few.memory.parts[MemoryPart.ACTIVATIONS])


def test_llama_cpp_shares_a_model_by_layers_and_leaves_the_embedding_to_the_host() -> None:
    assert all(plan.tensor_parallel == 1 for plan in running(asked("llama-cpp")))
    plan = on(asked("llama-cpp", deployment__max_gpus=1), "nvidia-h100-sxm5-80gb")
    assert plan.memory is not None
    model, precision = CATALOG.models["llama-3.1-8b"], CATALOG.precisions["gguf-q4-k-m"]
    embedding = 128256 * 4096
    assert precision.bytes_per_weight_effective is not None
    assert model.params_total is not None
    on_card = (model.params_total - embedding) * precision.bytes_per_weight_effective
    assert plan.memory.parts[MemoryPart.WEIGHTS] == pytest.approx(on_card, rel=0.03)
    assert plan.memory.parts[MemoryPart.ACTIVATIONS] == 512 * 4 * (128256 + 4096)


def test_a_model_lives_in_three_quarters_of_an_apple_machine() -> None:
    plan = on(asked("llama-cpp", model__id="llama-3.3-70b"), "apple-m2-ultra")
    assert plan.memory is not None
    assert plan.memory.usable_bytes == pytest.approx(0.75 * 192 * 2**30)


def test_speed_of_an_engine_without_rows_is_extrapolated() -> None:
    timed, untimed = (on(asked(engine), "nvidia-h100-sxm5-80gb").figures["tpot"] for engine in ("llama-cpp", "tgi"))
    assert untimed.provenance is Provenance.EXTRAPOLATED
    assert timed.provenance is not Provenance.EXTRAPOLATED
