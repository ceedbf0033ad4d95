"""Short names of what measurements were made with: model, GPUs, engine and source as they fit into a column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu

LONGEST: Final = 40
_TUNED: Final = re.compile(r"-(instruct|chat|hf|it)(?=-|$)", re.IGNORECASE)
_SIZE: Final = re.compile(r"(?<=[\d.])b(?=-|$)")
_MEMORY: Final = re.compile(r"\s+(\d+)\s?GB$")
_RELEASE: Final = re.compile(r"(~?)v?(\d+(?:\.\d+){1,2})")
_REPOSITORY: Final = re.compile(r"[\w.-]+/[\w.-]*\w")
_MLPERF: Final = re.compile(r"mlcommons/(inference|training)_results_(v[\d.]+\d)")
_HOST: Final = re.compile(r"https?://(?:www\.)?([^/]+)")
_ENGINES: Final = {
    name.casefold(): name
    for name in (
        "vLLM",
        "SGLang",
        "TensorRT-LLM",
        "LMDeploy",
        "llama.cpp",
        "Transformers",
        "LitGPT",
        "ExLlama",
        "PyTorch",
        "MXNet",
    )
}


def model_label(name: str) -> str:
    """A model's name without what every tuned release carries: "Llama-2-70b-chat-hf" is "Llama-2-70B"."""
    return _SIZE.sub("B", _TUNED.sub("", name))


def machine_label(gpu: str, gpus: int | None, catalog: Catalog) -> str:
    """GPUs of a measurement: "8 × H100 SXM"; the name alone where their number isn't told, nothing where neither is.

    Args:
        gpu: id of the catalogue, or what the source calls it.
        gpus: how many.
        catalog: what is known.
    """
    name = gpu_labels(catalog).get(gpu, gpu) or ("GPU" if gpus else "")
    return f"{gpus}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{name}" if gpus else name


def _labels(gpus: Iterable[Gpu]) -> Mapping[str, str]:
    short = {gpu.id: _short(gpu) for gpu in gpus}
    shared = Counter(_MEMORY.sub("", name) for name in short.values())
    return {key: _sized(name) if shared[_MEMORY.sub("", name)] > 1 else _MEMORY.sub("", name) for key, name in short.items()}


_by_catalog: list[tuple[Catalog, Mapping[str, str]]] = []


def gpu_labels(catalog: Catalog) -> Mapping[str, str]:
    """Short names of all GPUs by id; the memory is named only where two would be called the same."""
    if not _by_catalog or _by_catalog[0][0] is not catalog:
        _by_catalog[:] = [(catalog, _labels(catalog.gpus.values()))]
    return _by_catalog[0][1]


def engine_label(framework: str, version: str) -> str:
    """Engine and release, each once: "TensorRT", "TensorRT 10.2.0, CUDA 12.5" is "TensorRT 10.2"."""
    name = _ENGINES.get(framework.casefold(), framework)
    first = version.partition(",")[0].strip()
    if first.casefold().startswith(framework.casefold()):
        first = first[len(framework) :].strip()
    found = _RELEASE.match(first)
    if not found:
        return name
    release = found[2].removesuffix(".0") if found[2].count(".") > 1 else found[2]
    return f"{name} {found[1]}{release}".strip()


def source_label(source: str) -> str:
    """Where a measurement was published: round of MLPerf, repository or site, else the first words."""
    round_ = _MLPERF.match(source)
    if round_:
        return f"MLPerf {round_[1].capitalize()} {round_[2]}"
    site = _HOST.match(source)
    if site:
        return site[1]
    repository = _REPOSITORY.match(source)
    if repository:
        return repository[0]
    return source if len(source) <= LONGEST else source[: LONGEST - 1].rstrip() + "…"


def _short(gpu: Gpu) -> str:
    name = gpu.name.removeprefix(gpu.vendor).strip() or gpu.name
    name = name.partition(" (")[0].removeprefix("Instinct ").removeprefix("GeForce ")
    return re.sub(r"\bSXM\d\b", "SXM", name)


def _sized(name: str) -> str:
    return _MEMORY.sub(" \\1\N{NO-BREAK SPACE}GB", name)
