from __future__ import annotations

import pytest

from gpuplanner.evidence.formats import engine_id, kv_precision, version_number, weight_precision


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("fp8", "fp8-e4m3"), ("bf16", "bf16"), ("fp16", "fp16"), ("int4-awq", "int4-awq-g128"), ("w8a8", "int8-w8a8"),
        ("int8-gptq", "int8-w8a16"), ("int4 (gptq)", "int4-gptq-g128"), ("mxfp4", "mxfp4"), ("nvfp4", "nvfp4"), ("fp4", "nvfp4"),
        ("Q4_K_M", "gguf-q4-k-m"), ("gguf-q8_0", "gguf-q8-0"), ("UD-IQ4_XS", "gguf-iq4-xs"), ("Q2_K", "gguf-q2-k"),
        ("nf4-dq", "bnb-nf4"), ("int4-bnb", "bnb-nf4"), ("int4 AutoRound", "int4-gptq-g128"), ("w4a8", "int4-gptq-g128"),
        ("1000", None),
        ("exl3 5.0bpw", "gguf-q4-k-m"), ("", "bf16"),
    ],
)  # fmt: skip
def test_words_for_weights(catalog, word, expected):
    assert weight_precision(word, catalog.precisions) == expected


def test_the_checkpoint_decides_between_kinds_of_fp8_and_fp4(catalog):
    deepseek, oss = catalog.models["deepseek-v3"], catalog.models["gpt-oss-120b"]
    assert weight_precision("fp8", catalog.precisions, deepseek) == (deepseek.stored_as or "fp8-e4m3")
    assert weight_precision("fp4", catalog.precisions, oss) == "mxfp4"
    assert weight_precision("", catalog.precisions, oss) == "mxfp4"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("", "kv-fp16"),
        ("bf16", "kv-fp16"),
        ("fp8_e4m3", "kv-fp8"),
        ("int8 per-token-head", "kv-int8"),
        ("q4_0", "kv-int4"),
        ("fp32", None),
    ],
)
def test_words_for_the_cache(catalog, word, expected):
    assert kv_precision(word, catalog.precisions) == expected


@pytest.mark.parametrize(
    ("framework", "version", "expected"),
    [
        ("TensorRT-LLM", "0.15", "tensorrt-llm"), ("TensorRT", "TensorRT 10.2.0, CUDA 12.4", "tensorrt-llm"),
        ("NIM (TRT-LLM)", "1.6.0", "tensorrt-llm"), ("vLLM", "vLLM 0.4.2", "vllm"), ("vllm-ascend", "", "vllm-ascend"),
        ("SGLang", "", "sglang"), ("llama.cpp", "b3488", "llama-cpp"), ("Transformers", "", "pytorch"), ("SimpleTuner", "", None),
    ],
)  # fmt: skip
def test_engines(catalog, framework, version, expected):
    assert engine_id(framework, version, catalog.engines) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("~0.7.4/0.8", (0, 7)),
        ("vLLM 0.6.3", (0, 6)),
        ("0.20 (PyTorch backend)", (0, 20)),
        ("", None),
        ("2026-03", None),
        ("main", None),
    ],
)
def test_versions(text, expected):
    assert version_number(text) == expected
