"""What a GPU can compute with, and what stays in 16 bit."""

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.precision import Execution, Refusal
from gpuplanner.engine.architecture.operators import Part


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return load_catalog(tmp_path_factory.mktemp("none"))


def _run(catalog: Catalog, precision: str, gpu: str) -> Execution | Refusal:
    return catalog.precisions[precision].execution(catalog.gpus[gpu])


@pytest.mark.parametrize(
    ("precision", "gpu", "number_format"),
    [
        ("bf16", "nvidia-a100-sxm4-80gb", "bf16"),
        ("fp8-e4m3", "nvidia-h100-sxm5-80gb", "fp8"),
        ("fp8-e4m3", "nvidia-l40s", "fp8"),
        ("fp8-e4m3", "amd-mi300x", "fp8"),
        ("int8-w8a8", "nvidia-t4", "int8"),
        ("nvfp4", "nvidia-b200-sxm-180gb", "fp4"),
        ("mxfp4", "amd-mi355x", "fp4"),
    ],
)
def test_native_formats(catalog: Catalog, precision: str, gpu: str, number_format: str) -> None:
    way = _run(catalog, precision, gpu)
    assert isinstance(way, Execution)
    assert way.compute_format == number_format
    assert not way.is_fallback
    assert not way.weight_only
    assert way.tflops == catalog.gpus[gpu].dense_tflops.rate(number_format)


# vLLM documentation: FP8 on Turing and Ampere runs weight-only through Marlin; V100 and T4 have no BF16
@pytest.mark.parametrize(
    ("precision", "gpu", "number_format", "weight_only"),
    [
        ("fp8-e4m3", "nvidia-a100-sxm4-80gb", "bf16", True),
        ("fp8-e4m3", "nvidia-t4", "fp16", True),
        ("nvfp4", "nvidia-h100-sxm5-80gb", "bf16", True),
        ("mxfp4", "nvidia-h100-sxm5-80gb", "bf16", True),
        ("bf16", "nvidia-v100-sxm2-32gb", "fp16", False),
        ("fp16", "intel-gaudi2", "bf16", False),
    ],
)
def test_fallbacks_are_named(catalog: Catalog, precision: str, gpu: str, number_format: str, weight_only: bool) -> None:
    way = _run(catalog, precision, gpu)
    assert isinstance(way, Execution)
    assert way.is_fallback
    assert way.kernel
    assert (way.compute_format, way.weight_only) == (number_format, weight_only)


@pytest.mark.parametrize(
    ("precision", "gpu", "reason"),
    [
        ("fp8-e4m3", "nvidia-v100-sxm2-32gb", "format_missing"),
        ("int8-w8a8", "nvidia-v100-sxm2-32gb", "format_missing"),
        ("int8-w8a8", "nvidia-b200-sxm-180gb", "format_missing"),  # vLLM documentation: not from compute capability 10.0
        ("nvfp4", "amd-mi355x", "format_missing"),
        ("int4-awq-g128", "nvidia-v100-sxm2-32gb", "format_missing"),
        ("int8-w8a8", "nvidia-a10g", "rate_unknown"),
        ("kv-fp8", "nvidia-h100-sxm5-80gb", "no_weights"),
    ],
)
def test_refusals_say_why(catalog: Catalog, precision: str, gpu: str, reason: str) -> None:
    refusal = _run(catalog, precision, gpu)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason


def test_weight_only_formats_compute_in_16_bit(catalog: Catalog) -> None:
    for key in ("int4-gptq-g128", "int4-awq-g128", "bnb-nf4", "int8-w8a16", "gguf-q4-k-m"):
        precision = catalog.precisions[key]
        assert precision.weight_only
        assert precision.compute_format in {"bf16", "fp16"}


def test_effective_bits_contain_the_scales(catalog: Catalog) -> None:
    bits = {key: precision.bits_per_weight_effective for key, precision in catalog.precisions.items()}
    assert bits["int4-gptq-g128"] == 4 + 16 / 128
    assert bits["int4-awq-g128"] == 4 + (16 + 4) / 128
    assert bits["nvfp4"] == 4 + 8 / 16
    assert bits["mxfp4"] == 4 + 8 / 32
    assert bits["fp8-block128"] == pytest.approx(8 + 32 / 128**2, abs=1e-5)
    assert catalog.precisions["kv-fp16"].kv_bits == 16
    assert catalog.precisions["kv-fp8"].kv_bits == 8
    assert catalog.precisions["kv-int8"].kv_bits == 8 + 32 / 128


def test_kept_parts_are_parts(catalog: Catalog) -> None:
    known = {part.value for part in Part}
    for precision in catalog.precisions.values():
        for moe in (False, True):
            assert precision.kept_for(moe=moe, latent=True) <= known


def test_quantised_linears_keep_embedding_and_head(catalog: Catalog) -> None:
    assert catalog.precisions["fp8-e4m3"].kept_for() == {"embedding", "head", "norm", "router"}
    assert catalog.precisions["bf16"].kept_for() == frozenset()
    assert catalog.precisions["gguf-q4-k-m"].whole_model


def test_gpt_oss_keeps_all_but_its_experts(catalog: Catalog) -> None:
    elsewhere = {Part.TOWER, Part.CONVOLUTION, Part.MIXER}  # which a language model has none of
    kept = catalog.precisions["mxfp4"].kept_for("openai/gpt-oss-120b", moe=True)
    assert {part.value for part in Part} - elsewhere - kept == {"experts"}


def test_a_published_checkpoint_decides(catalog: Catalog) -> None:
    nvfp4 = catalog.precisions["nvfp4"]
    assert "attention" in nvfp4.kept_for("deepseek-ai/DeepSeek-V3.1", moe=True, latent=True)
    assert "shared_expert" not in nvfp4.kept_for("deepseek-ai/DeepSeek-V3.1", moe=True, latent=True)
    assert "attention" not in nvfp4.kept_for("Qwen/Qwen3-235B-A22B", moe=True)
    assert "attention" in nvfp4.kept_for("someone/unheard-of", moe=True)
    assert "attention" not in nvfp4.kept_for(None)
