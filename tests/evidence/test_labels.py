from __future__ import annotations

import pytest

from gpuplanner.evidence.labels import engine_label, gpu_labels, machine_label, model_label, source_label


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Llama-2-70b-chat-hf", "Llama-2-70B"),
        ("Llama-3.3-70B-Instruct", "Llama-3.3-70B"),
        ("Mistral-Small-24B-Instruct-2501", "Mistral-Small-24B-2501"),
        ("Mixtral-8x7B-Instruct-v0.1", "Mixtral-8x7B-v0.1"),
        ("gemma-2-2b-it", "gemma-2-2B"),
        ("DeepSeek-R1", "DeepSeek-R1"),
    ],
)
def test_models(name, short):
    assert model_label(name) == short


@pytest.mark.parametrize(
    ("framework", "version", "short"),
    [
        ("TensorRT", "TensorRT 10.2.0, CUDA 12.5", "TensorRT 10.2"),
        ("vLLM", "vLLM 0.9.0.2.dev108+g71faa1880.d20250730.rocm641, Pytorch 2.7.0", "vLLM 0.9"),
        ("vllm", "0.8.5.dev169", "vLLM 0.8.5"),
        ("vllm", "~0.6.5.dev", "vLLM ~0.6.5"),
        ("vLLM", "0.6.0 step10", "vLLM 0.6"),
        ("tensorrt-llm", "1.0.0rc3", "TensorRT-LLM 1.0"),
        ("sglang", "", "SGLang"),
        ("litgpt", "8641822", "LitGPT"),
        ("Mango", "Mango LLMBoost AI Enterprise Platform, vllm-0.9", "Mango"),
    ],
)
def test_an_engine_and_its_release_are_named_once(framework, version, short):
    assert engine_label(framework, version) == short


@pytest.mark.parametrize(
    ("source", "short"),
    [
        ("mlcommons/inference_results_v5.1 (read from fork x/y):summary_results.json", "MLPerf Inference v5.1"),
        ("NVIDIA/TensorRT-LLM:docs/source/performance/perf-overview.md @ 0.15", "NVIDIA/TensorRT-LLM"),
        ("QwenLM/Qwen3@8205ba2 docs/source/benchmark/speed_benchmark.rst", "QwenLM/Qwen3"),
        ("https://docs.sglang.io/docs/basic_usage/deepseek_v3.md", "docs.sglang.io"),
        ("public start-up log 4", "public start-up log 4"),
        ("x" * 60, "x" * 39 + "…"),
    ],
)
def test_sources(source, short):
    assert source_label(source) == short


def test_a_gpu_is_called_by_what_tells_it_from_the_others(catalog):
    names = gpu_labels(catalog)
    assert names["nvidia-h100-sxm5-80gb"] == "H100 SXM"
    assert names["nvidia-a100-sxm4-80gb"] == "A100 SXM 80\N{NO-BREAK SPACE}GB"
    assert names["amd-mi300x"] == "MI300X"
    assert len(set(names.values())) == len(names)
    assert max(map(len, names.values())) <= 45


def test_how_many(catalog):
    plain = machine_label("nvidia-h100-sxm5-80gb", 8, catalog).replace("\N{NO-BREAK SPACE}", " ")
    assert plain == "8 × H100 SXM"
    assert machine_label("nvidia-h100-sxm5-80gb", None, catalog) == "H100 SXM"
    assert machine_label("", 4, catalog).endswith("GPU")
    assert machine_label("", None, catalog) == ""
    assert machine_label("something else", None, catalog) == "something else"
