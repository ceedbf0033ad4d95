"""What lies beside a served model: against parameter counts published elsewhere, and by properties."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.engine.memory.beside import adapter_params, image_tokens, one_layer_params
from gpuplanner.engine.result import MemoryPart
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.serving import Speculation

CATALOG = load_catalog()
GPU = "nvidia-h200-sxm-141gb" if "nvidia-h200-sxm-141gb" in CATALOG.gpus else next(g for g in CATALOG.gpus if "h200" in g)
GIB = 2**30


def planned(model="llama-3.1-8b", engine="vllm", **serving):
    plain = Scenario()
    changes = {
        "model": plain.model.model_copy(update={"id": model}),
        "deployment": plain.deployment.model_copy(update={"gpus": (GPU,), "engine": engine, "tensor_parallel": 1}),
        "serving": plain.serving.model_copy(update=serving),
    }
    scenario = plain.model_copy(update=changes)
    return scenario, next(plan for plan in estimate(scenario, CATALOG).plans if plan.gpu_id == GPU)


def weights(**asked):
    _, plan = planned(**asked)
    return plan.memory.parts[MemoryPart.WEIGHTS]


@pytest.mark.parametrize(
    ("model", "rank", "published"),
    # trainable parameters as PEFT prints them for all linear layers
    [("llama-2-7b", 8, 19_988_480), ("llama-2-7b", 16, 39_976_960),
     ("llama-3.1-8b", 16, 41_943_040), ("mistral-7b-v0.3", 64, 167_772_160)],
)  # fmt: skip
def test_adapters_have_the_parameters_that_are_printed(model, rank, published):
    assert sum(adapter_params(operator_list(CATALOG.models[model].shape), rank)) == published


def test_adapters_take_their_bytes():
    more = weights(adapters=16, adapter_rank=16) - weights()
    assert more == pytest.approx(16 * 41_943_040 * 2, rel=1e-6)


def test_a_draft_model_takes_its_weights_and_leaves_less_room():
    _, plain = planned()
    _, both = planned(speculation=Speculation.DRAFT, draft_model="llama-3.2-1b")
    more = both.memory.parts[MemoryPart.WEIGHTS] - plain.memory.parts[MemoryPart.WEIGHTS]
    assert more == pytest.approx(1_235_814_400 * 2, rel=1e-6)
    assert both.memory.requests_fit < plain.memory.requests_fit


def test_heads_are_about_a_layer():
    operators = operator_list(CATALOG.models["llama-3.1-8b"].shape)
    # EAGLE's head for this model: a layer and a matrix of twice the width
    assert one_layer_params(operators) == pytest.approx(218_112_000 + 2 * 4096**2, rel=1e-3)


@pytest.mark.parametrize(
    ("model", "width", "height", "tokens"),
    [("qwen2.5-vl-7b", 1008, 1008, 36 * 36), ("qwen2.5-vl-7b", 2016, 1008, 72 * 36),
     ("gemma-3-12b", 896, 896, 256), ("llama-3.1-8b", 9, 9, 0)],
)  # fmt: skip
def test_tokens_of_an_image(model, width, height, tokens):
    assert image_tokens(CATALOG.models[model], width, height) == tokens


def test_images_lengthen_the_prompt():
    _, without = planned(model="qwen2.5-vl-7b")
    _, seen = planned(model="qwen2.5-vl-7b", images=2, image_width=1008, image_height=1008)
    assert seen.memory.requests_fit < without.memory.requests_fit
    assert seen.memory.parts[MemoryPart.WEIGHTS] > without.memory.parts[MemoryPart.WEIGHTS]


def test_layers_left_in_host_memory_leave_the_card():
    whole, half = weights(engine="llama-cpp"), weights(engine="llama-cpp", gpu_layers=16)
    none, all_of_them = weights(engine="llama-cpp", gpu_layers=0), weights(engine="llama-cpp", gpu_layers=99)
    assert none == 0
    assert 0.3 * whole < half < 0.5 * whole
    assert all_of_them == whole


def test_the_sum_opens():
    scenario, plan = planned(adapters=4, adapter_rank=8)
    opened = explain(scenario, CATALOG, plan, "beside")
    assert opened.result.value == pytest.approx(4 * 20_971_520 * 2)
    assert explain(scenario, CATALOG, plan, "weights").result.value == pytest.approx(plan.memory.parts[MemoryPart.WEIGHTS])
    with pytest.raises(KeyError):
        explain(*(planned()[0], CATALOG, planned()[1], "beside"))
