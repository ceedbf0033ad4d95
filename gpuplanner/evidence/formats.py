"""Words for number formats and serving engines in measurement rows, to catalogue ids."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from gpuplanner.catalog.schema.model import Model

_NOT_A_WORD: Final = re.compile(r"[\s_./()+:-]+")
_GGUF: Final = re.compile(r"(?<![a-z0-9])(i?q\d)[-_ ]?(k|\d|xxs|xs|s|m|nl)?[-_ ]?(xxs|xs|s|m|l|xl)?(?![a-z0-9])")

# What a word in a measurement means, the most telling first; each is (all of these words, catalogue id).
_WEIGHTS: Final[tuple[tuple[frozenset[str], str], ...]] = tuple(
    (frozenset(words.split()), precision)
    for words, precision in (
        ("nvfp4 fp8", "nvfp4-fp8"),
        ("nvfp4 mixed", "nvfp4-fp8"),
        ("nvfp4", "nvfp4"),
        ("mxfp4", "mxfp4"),
        ("mxfp8", "mxfp8"),
        ("nf4 dq", "bnb-nf4"),
        ("nf4 bnb", "bnb-nf4"),
        ("nf4", "bnb-nf4-single"),
        ("fp4 dq", "bnb-nf4"),
        ("int4 bnb", "bnb-nf4"),
        ("4bit bnb", "bnb-nf4"),
        ("int8 bnb", "int8-w8a16"),
        ("awq", "int4-awq-g128"),
        ("int8 gptq", "int8-w8a16"),
        ("8bit gptq", "int8-w8a16"),
        ("w8a16", "int8-w8a16"),
        ("w8a8", "int8-w8a8"),
        ("smoothquant", "int8-w8a8"),
        ("gptq", "int4-gptq-g128"),
        ("autoround", "int4-gptq-g128"),
        ("w4a16", "int4-gptq-g128"),
        ("w4a8", "int4-gptq-g128"),  # in memory, four bits and scales whatever the products are computed in
        ("fp4 fp8", "fp4"),  # experts in four bits, the rest in eight: most of it is experts
        ("fp8 block", "fp8-block128"),
        ("fp8", "fp8-e4m3"),
        ("e4m3", "fp8-e4m3"),
        ("fp4", "fp4"),
        ("int8", "int8-w8a8"),
        ("int4", "int4-awq-g128"),
        ("bf16", "bf16"),
        ("bfloat16", "bf16"),
        ("fp16", "fp16"),
        ("float16", "fp16"),
        ("half", "fp16"),
        ("f16", "fp16"),
        ("tf32", "fp32"),
        ("fp32", "fp32"),
        ("f32", "fp32"),
    )
)
_OF_BITS: Final = {
    2.6: "gguf-q2-k", 3.1: "gguf-iq3-xxs", 3.9: "gguf-q3-k-m", 4.3: "gguf-iq4-xs", 4.8: "gguf-q4-k-m", 5.5: "gguf-q5-k-s",
    6.6: "gguf-q6-k", 8.5: "gguf-q8-0",
}  # fmt: skip
_KV: Final = (
    ("kv-int4", ("int4", "q4")),
    ("kv-int8", ("int8", "q8")),
    ("kv-fp8", ("fp8", "e4m3", "e5m2", "mxfp8")),
    ("kv-fp16", ("fp16", "bf16", "f16", "auto", "bfloat16", "16")),
)
_ENGINES: Final = (
    ("tensorrt-llm", ("tensorrt-llm", "trt-llm", "trtllm", "tensorrt llm")),
    ("vllm-ascend", ("vllm-ascend", "vllm ascend")),
    ("sglang", ("sglang",)),
    ("vllm", ("vllm",)),
    ("llama-cpp", ("llama.cpp", "llama-cpp", "llamacpp", "llama-bench", "tabbyapi", "exllamav3")),
    ("ollama", ("ollama",)),
    ("lmdeploy", ("lmdeploy", "turbomind")),
    ("tgi", ("text-generation-inference", "tgi")),
    ("mindie", ("mindie",)),
    (
        "pytorch",
        ("transformers", "autoawq", "exllama", "gptq-for-llama", "pytorch", "litgpt", "hf ", "reference code", "generate.py"),
    ),
    # inference submissions to MLPerf name the library underneath
    ("tensorrt-llm", ("tensorrt",)),
)


def weight_precision(word: str, known: Collection[str], model: Model | None = None) -> str | None:
    """The precision id of weights.

    Args:
        word: as the source writes it ("int4-awq", "Q4_K_M", "fp8"); empty for the checkpoint's own format.
        known: precision ids of the catalogue.
        model: decides between kinds of FP8 and FP4 when its checkpoint is published in one.

    Returns:
        An id of ``known``; None when the word means none of them.
    """
    text = word.casefold()
    stored = model.stored_as if model is not None else None
    if not text.strip():
        return stored or ("bf16" if "bf16" in known else None)
    found = _gguf(text, known) or _by_bits(text, known) or _by_words(text)
    if found == "bnb-nf4-single" and found not in known:
        found = "bnb-nf4"
    if found == "fp4":
        found = stored if stored in {"mxfp4", "nvfp4"} else "nvfp4"
    if found == "fp8-e4m3" and stored is not None and stored.startswith("fp8"):
        found = stored
    return found if found in known else None


def kv_precision(word: str, known: Collection[str]) -> str | None:
    """The precision id of the KV cache; 16 bit where the source says nothing."""
    text = word.casefold().strip()
    if not text:
        return "kv-fp16" if "kv-fp16" in known else None
    found = next((precision for precision, marks in _KV if any(mark in text for mark in marks)), None)
    return found if found in known else None


def engine_id(framework: str, version: str, known: Collection[str]) -> str | None:
    """The serving engine's id, after its name or, where that only names a library, its version string."""
    for text in (framework.casefold(), version.casefold()):
        for engine, marks in _ENGINES:
            if engine in known and any(mark in f"{text} " for mark in marks):
                return engine
    return None


def version_number(version: str) -> tuple[int, int] | None:
    """Major and minor version out of what a source writes ("~0.7.4/0.8", "vLLM 0.6.3"); None when there is none."""
    match = re.search(r"(?<![\d.])v?(\d{1,2})\.(\d{1,3})(?![\d]*-\d)", version)
    return (int(match[1]), int(match[2])) if match else None


def _gguf(text: str, known: Collection[str]) -> str | None:
    match = _GGUF.search(text)
    if match is None:
        return None
    parts = [part for part in match.groups() if part]
    candidates = ("-".join(["gguf", *parts]), "-".join(["gguf", *parts, "m"]), "-".join(["gguf", *parts[:2]]))
    return next((name for name in candidates if name in known), None)


def _by_bits(text: str, known: Collection[str]) -> str | None:
    """Formats of a stated mean number of bits (ExLlama's) go by the one of about that size."""
    stated = re.search(r"(?<![\d.])(\d(?:\.\d+)?) ?bpw", text)
    if stated is None:
        return None
    near = min(_OF_BITS, key=lambda bits: abs(bits - float(stated[1])))
    return _OF_BITS[near] if _OF_BITS[near] in known else None


def _by_words(text: str) -> str | None:
    spaced = _NOT_A_WORD.sub(" ", text)
    for words, precision in _WEIGHTS:
        if all(re.search(rf"(?<![a-z0-9]){word}|{word}(?![a-z0-9])", spaced) for word in words):
            return precision
    return None
