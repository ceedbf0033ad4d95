"""The examples that practitioners' articles work out: the right figures, and how far the articles' own are off.

The right figures were worked out by hand from published shapes: two bytes a parameter of 16-bit weights, sixteen of AdamW in
mixed precision, and for activations Korthikanti et al. (arXiv 2205.05198).
"""

from __future__ import annotations

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.inference.constants import component_constants
from gpuplanner.engine.inference.diffusion import PipelineLoad, PipelineSize, diffusion_memory
from gpuplanner.engine.inference.encoder import EncoderLoad, encoder_memory
from gpuplanner.engine.inference.sizes import encoder_size, pipeline_parts
from gpuplanner.engine.result import MemoryPart, Plan, Status
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario

GB = 1e9
GIB = 2**30
STATES = (MemoryPart.WEIGHTS, MemoryPart.GRADIENTS, MemoryPart.OPTIMIZER)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return load_catalog(user_dir=tmp_path_factory.mktemp("nobody"))


def planned(key: str, catalog: Catalog) -> Plan:
    example = next(example for example in examples() if example.key == key)
    plan = estimate(load_scenario(example.path).scenario, catalog).plan()
    assert plan is not None
    assert plan.status is not Status.IMPOSSIBLE
    assert plan.memory is not None
    return plan


def held(plan: Plan, *parts: MemoryPart) -> float:
    """The most that parts have at one moment."""
    assert plan.memory is not None
    moments = plan.memory.moments or (plan.memory,)
    return max(sum(moment.parts.get(part, 0.0) for part in parts) for moment in moments)


def test_llama_7b_is_13_and_a_half_gigabytes(catalog: Catalog) -> None:
    """The article multiplies 70e9 by two: 140 GB. It then runs it in 20 to 30 GB; with a few users it is 17 to 20."""
    plan = planned("serve_llama_7b", catalog)
    assert held(plan, MemoryPart.WEIGHTS) == pytest.approx(13.48 * GB, rel=0.01)
    assert 16 * GB < plan.memory.need_bytes < 21 * GB


def test_glm_9b_in_int8(catalog: Catalog) -> None:
    """The article has 9 GB of weights and asks for 18. 40 layers · 2 groups · 128 · 2 · 2 B = 40 KiB a token: 0.31 GiB at 8K."""
    plan = planned("serve_glm_4_9b_int8", catalog)
    assert held(plan, MemoryPart.WEIGHTS) == pytest.approx(9.4 * GB, rel=0.15)  # embedding and head stay in 16 bit
    assert held(plan, MemoryPart.KV_CACHE) == pytest.approx(0.31 * GIB, rel=0.05)
    assert plan.memory.need_bytes < 18 * GB


def test_bert_base(catalog: Catalog) -> None:
    """The article: 1.1 B parameters, 13.2 GB of states, 0.13 GB of activations. It is 0.11 B, 1.76 GB and more than 5 GB."""
    plan = planned("train_bert_base", catalog)
    assert plan.figures["trained_params"].value == pytest.approx(0.1095e9, rel=0.005)
    assert held(plan, *STATES) == pytest.approx(1.76 * GB, rel=0.03)
    assert 5.1 * GB < held(plan, MemoryPart.ACTIVATIONS) < 11.2 * GB


def test_vit_large(catalog: Catalog) -> None:
    """The article: 3.07 B parameters, 36.8 GB. It is 0.304 B without the head of its day, 4.9 GB of states."""
    plan = planned("train_vit_large", catalog)
    assert plan.figures["trained_params"].value == pytest.approx(0.3043e9, rel=0.01)
    assert held(plan, *STATES) == pytest.approx(4.87 * GB, rel=0.03)
    assert 4 * GB < held(plan, MemoryPart.ACTIVATIONS) < 8.5 * GB
    assert plan.gpus == 1


def test_tuning_7b_takes_two_cards(catalog: Catalog) -> None:
    """The article asks for eight cards and more for LLaMA-7B. 16 B · 6.74e9 = 108 GB: two of 80 GB that share the states."""
    plan = planned("finetune_llama_7b_in_full", catalog)
    assert plan.gpus == 2
    assert plan.figures["checkpoint"].value == pytest.approx(14 * 6.738e9, rel=0.01)  # not ten times the model's size


def test_adapters_need_a_fraction(catalog: Catalog) -> None:
    """QLoRA, arXiv 2305.14314: 65B within 48 GB, so 70B within 80; LoRA on a 16-bit base needs two cards for the base alone."""
    assert planned("finetune_70b_qlora", catalog).gpus == 1
    lora = planned("finetune_70b_lora", catalog)
    assert lora.gpus == 2
    assert lora.figures["trained_params"].value < 0.02 * 70.6e9


def test_gpt_3(catalog: Catalog) -> None:
    """The article: cards of 40 GB. 16 B · 175e9 = 2.8 TB, at least 35 cards of 80 GB before any activation."""
    plan = planned("train_gpt_3_175b", catalog)
    assert plan.figures["trained_params"].value == pytest.approx(174.6e9, rel=0.005)
    assert plan.gpus >= 35
    assert plan.tensor_parallel == 8
    assert plan.training is not None
    copies = plan.training.data_parallel  # each holds weights and gradients; the optimizer's 12 B are shared out
    assert plan.training.sharding == "optimizer" or copies == 1
    # the fullest stage holds the embedding besides its layers
    assert held(plan, *STATES) * plan.gpus == pytest.approx((4 * copies + 12) * 174.6e9, rel=0.05)


def test_bert_base_answers_in_far_less_than_a_gigabyte_and_a_half(catalog: Catalog) -> None:
    """The article: 1.5 GB per inference. 0.22 GB of weights, tens of megabytes of activations; the context is paid once."""
    size = encoder_size(catalog.models["bert-base-uncased"])
    assert size is not None
    parts = encoder_memory(size, EncoderLoad(batch=1, tokens=512), component_constants(catalog.calibration))
    assert parts[MemoryPart.WEIGHTS] == pytest.approx(0.219 * GB, rel=0.01)
    assert parts[MemoryPart.ACTIVATIONS] < 0.1 * GB


def test_stable_diffusion_fits_small_cards(catalog: Catalog) -> None:
    """1.07 B parameters in FP16 are 2.1 GB; making one picture of 512 x 512 fits a card of 8 GB."""
    parts = pipeline_parts(catalog.models["stable-diffusion-1.5"])
    assert parts is not None
    text = sum(parts.text_encoders.values())
    size = PipelineSize(2 * text, 2 * parts.denoiser_params, 2 * parts.autoencoder_params, parts.denoiser)
    memory = diffusion_memory(size, PipelineLoad(512, 512, guided=True, text_tokens=77), component_constants(catalog.calibration))
    assert memory[MemoryPart.WEIGHTS] == pytest.approx(2.13 * GB, rel=0.01)
    assert sum(memory.values()) < 8 * GB


def test_bert_base_as_a_service(catalog: Catalog) -> None:
    """The article asks for 1.5 GB an inference. 2 B · 0.1095e9 = 0.22 GB of weights; with the context it stays below the 1.5."""
    plan = planned("encode_bert_base", catalog)
    assert held(plan, MemoryPart.WEIGHTS) == pytest.approx(0.219 * GB, rel=0.01)
    assert held(plan, MemoryPart.ACTIVATIONS) < 0.1 * GB
    assert plan.memory.need_bytes < 1.5 * GB
    assert plan.gpus == 1
    assert plan.passes is not None
    assert (plan.passes.item, plan.passes.tokens, plan.batch) == ("text", 512, 1)


def test_stable_diffusion_as_a_service(catalog: Catalog) -> None:
    """1.07 B parameters in FP16 are 2.1 GB; a picture of 512 x 512 fits 8 GB and takes a few seconds in 30 steps on this card."""
    plan = planned("images_stable_diffusion", catalog)
    assert held(plan, MemoryPart.WEIGHTS) == pytest.approx(2.13 * GB, rel=0.01)
    assert plan.memory.need_bytes < 8 * GB
    assert plan.passes is not None
    assert (plan.passes.width, plan.passes.height, plan.passes.steps) == (512, 512, 30)
    assert 0.3 < plan.figures["pass_time"].value < 6  # public benchmarks of this card: 1 to 2 s


PASSING = ("embedding_bge_m3", "rerank_bge_v2_m3", "images_sdxl", "images_flux", "video_wan_14b", "speech_whisper_large_v3",
           "vision_vit_large")  # fmt: skip


@pytest.mark.parametrize("key", PASSING)
def test_passes_carry_their_load(key: str, catalog: Catalog) -> None:
    plan = planned(key, catalog)
    scenario = load_scenario(next(example.path for example in examples() if example.key == key)).scenario
    assert plan.status is not Status.MISSES
    assert plan.figures["e2e"].value <= scenario.targets.e2e_s
    assert plan.figures["request_rate"].value <= plan.figures["capacity_rate"].value * 1.001
    assert 0 < plan.passes.utilization <= 1
    carried = plan.figures["request_rate"].value * plan.passes.items
    assert plan.figures["item_rate"].value == pytest.approx(carried, rel=0.01)
