from __future__ import annotations

import pytest

from gpuplanner.evidence.names import parse_gpu, parse_model
from gpuplanner.evidence.resolve import GpuResolver, ModelResolver


@pytest.fixture(scope="module")
def model(catalog):
    return ModelResolver(catalog.models)


@pytest.fixture(scope="module")
def gpu(catalog):
    return GpuResolver(catalog.gpus)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("meta-llama/Meta-Llama-3.1-405B-Instruct-FP8", "llama-3.1-405b"),
        ("Meta-Llama-3.1-8B-Instruct-quantized.w4a16", "llama-3.1-8b"),
        ("unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit", "llama-3.1-8b"),
        ("Llama 2 (13 B)", "llama-2-13b"),
        ("LLaMA-33B", "llama-30b"),
        ("Qwen2.5-7B-Instruct-AWQ", "qwen2.5-7b"),
        ("Qwen/Qwen1.5-7B-Chat-GPTQ-Int4", "qwen1.5-7b"),
        ("Qwen2-57B-A14B", "qwen2-57b-a14b"),
        ("Qwen3-235B-A22B-FP8", "qwen3-235b-a22b"),
        ("Qwen/Qwen3-235B-A22B-Thinking-2507", "qwen3-235b-a22b-2507"),
        ("DeepSeek-R1-Distill-Qwen-32B", "deepseek-r1-distill-qwen-32b"),
        ("DeepSeek-R1-671B", "deepseek-r1"),
        ("deepseek-ai/DeepSeek-V3-0324", "deepseek-v3"),
        ("Mistral-Small-3.1-24B-Instruct-2503", "mistral-small-3.1-24b"),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "mixtral-8x7b"),
        ("Mistral-7B", "mistral-7b-v0.3"),  # the newest where no revision is named
        ("TheBloke/Mistral-7B-Instruct-v0.1-AWQ", "mistral-7b-v0.1"),
        ("google/gemma-3-12b-it", "gemma-3-12b"),
        ("GPT-OSS-120B", "gpt-oss-120b"),
        ("Phi-4-bnb-4bit", "phi-4"),
        ("QWEN_2.5 72b chat", "qwen2.5-72b"),
    ],
)
def test_model_names_find_their_record(model, written, expected):
    assert model(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        "()",
        "Qwen2.5-9B",
        "Llama-3.5-8B",
        "Qwen3.8-7B",
        "Qwen2-VL (about 70B)",
        "ResNet-999",
        "Nobody-13B",
        "-".join("x" * 300),
    ],
)
def test_what_is_not_in_the_catalogue_stays_unknown(model, written):
    assert model(written) is None


def test_versions_and_sizes_are_never_mixed_up(model):
    assert model("Qwen2-7B") == "qwen2-7b"
    assert model("Qwen2.5-7B") == "qwen2.5-7b"
    assert model("Llama-3-8B") == "llama-3-8b"
    assert model("Llama-3.1-8B") == "llama-3.1-8b"


def test_every_record_is_found_by_its_own_id_and_name(model, catalog):
    for model_id, record in catalog.models.items():
        assert model(model_id) == model_id
        assert model(record.name) is not None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("H100-SXM-80GB", "nvidia-h100-sxm5-80gb"),
        ("NVIDIA H100 80GB HBM3 PCIe", "nvidia-h100-pcie-80gb"),
        ("A100-80GB (variant not stated)", "nvidia-a100-sxm4-80gb"),
        ("A100-40GB (variant not stated)", "nvidia-a100-sxm4-40gb"),
        ("RTX 4090", "nvidia-rtx-4090"),
        ("RTX 4000 Ada", "nvidia-rtx-4000-ada"),
        ("GeForce RTX4090", "nvidia-rtx-4090"),
        ("RTX 3070Ti-8GB", "nvidia-rtx-3070-ti"),
        ("H20-96GB", "nvidia-h20-96gb"),
        ("GB200", "nvidia-gb200-186gb"),
        ("B300 268GB", "nvidia-b300-sxm-288gb"),
        ("RTX-PRO-6000-BSE", "nvidia-rtx-pro-6000-blackwell-server"),
        ("MI300X", "amd-mi300x"),
        ("A10G-24GB/L4-24GB", "nvidia-a10g"),
        ("H200-SXM (virtualized)", "nvidia-h200-sxm-141gb"),
        ("DGX Spark GB10 128GB", "nvidia-gb10-dgx-spark"),
        ("DGX H100", "nvidia-h100-sxm5-80gb"),
    ],
)
def test_gpu_names_find_their_card(gpu, written, expected):
    assert gpu(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        "RTX 4070-Laptop-8GB",
        "RTX 3090 48GB (modified)",
        "TITAN RTX 24GB",
        "24GB consumer GPU",
        "H100-SXM-120GB",
        "RTX 3500 Ada",
        "RTX 3080 Ti 16GB",
    ],
)
def test_other_cards_stay_unknown(gpu, written):
    assert gpu(written) is None


def test_every_card_is_found_by_its_own_name(gpu, catalog):
    for gpu_id, record in catalog.gpus.items():
        assert gpu(gpu_id) == gpu_id
        assert gpu(record.name) is not None


def test_parts_of_a_name():
    name = parse_model("Qwen/Qwen3-235B-A22B-Instruct-2507-FP8")
    assert (name.words, name.versions, name.size, name.active) == ("qwen", ("3",), "235b", "22b")
    assert name.qualifiers == {"instruct", "2507"}
    assert parse_model("gpt-3 1.5t").billions == 1500
    assert parse_model("Mixtral-8x22B").billions is None
    card = parse_gpu("H200-NVL-141GB")
    assert (card.code, card.form, card.memory_gb) == ({"h200"}, "nvl", 141)


def test_names_of_the_own_measurements_resolve(own, model, gpu):
    rows = [row for row in own.rows if row.task.startswith("llm_")]
    resolved = [row for row in rows if model(row.model) and gpu(row.gpu)]
    assert len(resolved) / len(rows) >= 0.95
