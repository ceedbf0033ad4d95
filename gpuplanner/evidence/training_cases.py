"""Measured training runs in the engine's terms: work, recipe, layouts, and what the row's figure is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import DiffusionShape
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.speed.step import Job
from gpuplanner.engine.training.speed.work import Sample, Work, work
from gpuplanner.evidence.convergence import samples_to_converge, usual_tokens
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.resolve import GpuResolver, ModelResolver
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.training_layouts import (
    SHARED_OUT,
    Layout,
    batch_of,
    computed_again,
    searched,
    spread_out,
    to_fit,
    told_layout,
)
from gpuplanner.evidence.training_names import spellings
from gpuplanner.evidence.training_told import told

METRICS: Final = frozenset(
    {"samples_per_s", "images_per_s", "tokens_per_s_per_gpu", "tflops_per_gpu", "mfu", "step_time_s", "time_to_train"}
)
TIMES: Final = frozenset({"step_time_s", "time_to_train"})
# mean tokens of a sample, template included; a batch is as long as its longest
DATASETS: Final = {"alpaca": 110.0, "alpaca2k": 110.0, "metamathqa": 210.0}
OF_LIMIT: Final = 1 / 3  # mean tokens of a sample beside the limit, where nothing else is told: most are far shorter
SPREAD: Final = 0.45  # standard deviation of such lengths over their mean
ALPACA2K_SAMPLES: Final = 2000.0
NEWEST: Final = 2026 + 7 / 12
MINUTES: Final = 60.0
ADAPTER_SHARE: Final = 0.004  # of the parameters, in usual ranks
SEQUENCE_LIKE: Final = 512.0
GUESSED: Final = "guessed"


@dataclass(frozen=True, slots=True)
class Case:
    """A row ready to be computed. Of several layouts the fastest counts: whoever doesn't tell it has tuned it.

    The row's figure is ``scale`` times samples a second, or for times ``scale`` over them.
    """

    row: Row
    model: str
    gpu: Gpu
    gpus: int
    format: str
    software: str
    work: Work
    job: Job
    layouts: tuple[Layout, ...]
    scale: float
    age: float  # years before the newest measurements
    guessed: bool = False  # of its samples only the longest is told

    @property
    def kind(self) -> str:
        """What its range goes by: the family of its GPU, or that its lengths are guessed."""
        return GUESSED if self.guessed else self.gpu.family

    @property
    def is_time(self) -> bool:
        """Whether less is better."""
        return self.row.metric in TIMES


class Cases:
    """Turns rows into cases with one catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._models = ModelResolver(catalog.models)
        self._gpus = GpuResolver(catalog.gpus)
        self._again: dict[tuple[Shape, Setup, str], float] = {}
        self._searched: dict[tuple[object, ...], tuple[Layout, ...]] = {}

    def __call__(self, row: Row) -> Case | NotDone | None:
        """A case, or why there is none; None when the row is of another kind."""
        if row.table != "speed" or not row.task.startswith("train"):
            return None
        if row.metric not in METRICS:
            return NotDone(Reason.METRIC, row.metric)
        model = next((self._catalog.models[found] for name in _names(row.model) if (found := self._models(name))), None)
        if model is None:
            return NotDone(Reason.MODEL, row.model)
        if model.shape is None:
            return NotDone(Reason.SHAPE, row.model)
        gpu = next((self._catalog.gpus[found] for name in _cards(row.gpu) if (found := self._gpus(name))), None)
        if gpu is None:
            return NotDone(Reason.GPU, row.gpu)
        facts = told(row)
        if facts.get("method") == "other":
            return NotDone(Reason.EXTRAS, row.model)
        if facts.get("lengths") == "capped" and not row.isl:
            return NotDone(Reason.LENGTHS)
        return self._case(row, model, model.shape, gpu, facts)

    def _case(self, row: Row, model: Model, shape: Shape, gpu: Gpu, facts: Mapping[str, str]) -> Case | NotDone:
        software = software_of(row, shape)
        format_used = format_of(row, gpu, shape)
        if np.isnan(_rate(gpu, format_used)):
            return NotDone(Reason.FORMAT, format_used)
        found = work(shape, sample_of(row, shape, facts))
        gpus = row.gpus or 1
        layouts = self._layouts(row, model, shape, gpu, gpus, facts, found)
        if not layouts:
            return NotDone(Reason.LAYOUT)
        job = job_of(row, shape, format_used, facts)
        if "dataset" in facts:
            job = replace(job, padding=_longest(layouts[0].micro_batch))
        scale = scale_of(row, model, found, gpus, layouts[0], facts, job, gpu, format_used)
        if isinstance(scale, NotDone):
            return scale
        guessed = facts.get("lengths") == "capped"
        return Case(row, model.id, gpu, gpus, format_used, software, found, job, layouts, scale, age_of(row), guessed)

    def _layouts(
        self, row: Row, model: Model, shape: Shape, gpu: Gpu, gpus: int, facts: Mapping[str, str], found: Work
    ) -> tuple[Layout, ...]:
        micro, whole = batch_of(row, gpus)
        if not isinstance(shape, DecoderShape):
            each = micro or max(1.0, (whole or 64.0 * gpus) / gpus)
            many = max(1.0, (whole or each * gpus) / (each * gpus))
            zero = 3.0 if isinstance(shape, DiffusionShape) and found.params > 2e9 else 0.0
            return (Layout(1, 1, gpus, 1, 1, 1, each, many, zero, 0),)
        if "mlcommons" in row.source or (micro is None and whole is not None and gpus > 1):
            return self._search(model, shape, gpu, gpus, whole or gpus)
        layout = told_layout(row, gpus, facts, micro or 1.0, whole)
        if software_of(row, shape) == "trainer" and facts.get("method") == "full" and layout.zero < SHARED_OUT:
            layout = spread_out(layout, found, gpu)
        if "recompute" not in facts and software_of(row, shape) == "megatron":
            layout = replace(layout, recompute=self._fitting(row, shape, gpu, layout, found))
        return (layout,)

    def _fitting(self, row: Row, shape: Shape, gpu: Gpu, layout: Layout, found: Work) -> float:
        """How much is computed again where nobody tells: as many layers as it takes to fit."""
        setup = to_fit(found, layout, adapters=told(row).get("method") == "lora")
        key = (shape, setup, gpu.id)
        if key not in self._again:
            self._again[key] = computed_again(shape, setup, gpu)
        return self._again[key]

    def _search(self, model: Model, shape: Shape, gpu: Gpu, gpus: int, whole: float) -> tuple[Layout, ...]:
        key = (model.id, gpu.id, gpus, whole)
        if key not in self._searched:
            self._searched[key] = tuple(searched(shape, gpu, gpus, int(whole)))
        return self._searched[key]


def _names(name: str) -> Iterator[str]:
    """A model's name as tables of training write it: "(train)", a size after a version, an abbreviated family."""
    plain = re.sub(r"\s*\(.*\)$", "", name)
    for candidate in (name, plain):
        yield from spellings(candidate)
    yield re.sub(r"-\d+(\.\d+)?B$", "", plain)
    if plain.startswith("SD-"):
        number = plain.removeprefix("SD-")
        yield f"stable-diffusion-{number}"
        yield f"stable-diffusion-{re.sub(r'[.]0$', '.1', number)}"  # 2.0 and 2.1 share their network
    yield re.sub(r"^(Nemotron)-(\d+B)$", r"\1-4-\2", plain)


def _cards(name: str) -> Iterator[str]:
    """A card's name, then without what a customer had changed of it: memory and power."""
    yield name
    yield re.sub(r"-\d+GB-HBM\w+-\d+W$", "", name)
    yield re.sub(r"-\d+GB-HBM\w+-\d+W$", "-80GB", name)


def software_of(row: Row, shape: Shape) -> str:
    """The kind of training software."""
    words = row.framework.casefold()
    if not isinstance(shape, DecoderShape):
        return "tuned" if "mlcommons" in row.source or row.source.startswith("NVIDIA") else "examples"
    if re.search(r"llm-foundry|composer|torchtitan|torchtune|fsdp|accelerate", words):
        return "fsdp"
    if re.search(r"trainer|peft|swift|deepspeed|axolotl|unsloth|factory|transformers|lightning", words):
        return "trainer"
    return "fabric" if "litgpt" in words else "megatron"


_FORMATS: Final = (("fp4", r"fp4"), ("fp8", r"fp8"), ("tf32", r"tf32"), ("fp32", r"^fp32$"), ("fp16", r"fp16"))


def format_of(row: Row, gpu: Gpu, shape: Shape) -> str:
    """The format of the products. Submissions to MLPerf take the smallest that their model and card allow."""
    words = row.weight_precision.casefold()
    if words:
        return next((name for name, pattern in _FORMATS if re.search(pattern, words)), "bf16")
    if "mlcommons" not in row.source or isinstance(shape, BlocksShape):
        return "fp16"
    if gpu.family == "hopper" or gpu.vendor != "NVIDIA" or isinstance(shape, DiffusionShape):
        return "fp8" if gpu.dense_tflops.fp8 and not (isinstance(shape, DiffusionShape) and gpu.family != "blackwell") else "bf16"
    return "fp4" if gpu.dense_tflops.fp4 and isinstance(shape, DecoderShape) else "fp16"


def _rate(gpu: Gpu, format_used: str) -> float:
    found = gpu.dense_tflops.rate(format_used)
    if found is None and format_used in {"bf16", "fp16"}:
        found = gpu.dense_tflops.fp16 or gpu.dense_tflops.bf16
    return float("nan") if found is None else found


def sample_of(row: Row, shape: Shape, facts: Mapping[str, str]) -> Sample:
    """How large a sample was."""
    if isinstance(shape, DiffusionShape):  # latents: an eighth of the picture, of packed ones a sixteenth
        packed = shape.denoisers[0].hidden >= 3000
        return Sample(side=16.0 if packed else 64.0, context_tokens=256.0 if packed else 77.0)
    if isinstance(shape, BlocksShape):
        return Sample()
    if facts.get("lengths") == "capped" and row.isl:
        return Sample(tokens=OF_LIMIT * row.isl)
    tokens = usual_tokens(row) or DATASETS.get(facts.get("dataset", "")) or row.isl or SEQUENCE_LIKE
    return Sample(tokens=float(min(tokens, row.isl or tokens)))


def job_of(row: Row, shape: Shape, format_used: str, facts: Mapping[str, str]) -> Job:
    """The recipe as far as speed is concerned."""
    adapters = facts.get("method") in {"lora", "qlora", "prompt"} and row.task == "train_finetune"
    few_bits = bool(re.search(r"nf4|int4|int8|4bit|awq|gptq", row.weight_precision.casefold())) or facts.get("method") == "qlora"
    wide = 4.0 if format_used in {"fp32", "tf32"} else 2.0
    return Job(
        trained=ADAPTER_SHARE if adapters else 1.0,
        weight_bytes=wide,
        gradient_bytes=wide if not isinstance(shape, DecoderShape) else 4.0 if software_of(row, shape) == "megatron" else 2.0,
        state_bytes=12.0,
        quantised=adapters and few_bits,
        packed=bool(re.search(r"int4|int8|awq|gptq", row.weight_precision.casefold())) and "bnb" not in row.weight_precision,
        element_bytes=wide,
        flash=isinstance(shape, DecoderShape) or "mlcommons" in row.source,
    )


def age_of(row: Row) -> float:
    """Years from a measurement to the newest ones, as far as its source says."""
    date = re.match(r"(\d{4})(?:-(\d{2}))?", row.date)
    if date is None:
        return 0.0
    return max(0.0, NEWEST - int(date[1]) - (int(date[2] or 6) - 1) / 12)


def _longest(count: float) -> float:
    """How much longer the longest of so many samples is than the mean one, lengths being spread like a normal."""
    return 1.0 + SPREAD * float(np.sqrt(2 * np.log(max(count, 1.0))))


def scale_of(
    row: Row, model: Model, found: Work, gpus: int, layout: Layout, facts: Mapping[str, str], job: Job, gpu: Gpu, format_used: str
) -> float | NotDone:
    """What samples a second are multiplied by, or for times divided into, to give the row's figure."""
    match row.metric:
        case "samples_per_s" | "images_per_s":
            return 1.0
        case "tokens_per_s_per_gpu":
            return found.tokens / gpus
        case "tflops_per_gpu":
            return counted_flops(row, found, job) / gpus / 1e12
        case "mfu":
            return counted_flops(row, found, job) / gpus / (_rate(gpu, format_used) * 1e12)
        case "step_time_s":
            return layout.batch
    if "epochs" in facts or facts.get("dataset") == "alpaca2k":
        return ALPACA2K_SAMPLES * float(facts.get("epochs", 1))
    needed = samples_to_converge(model.id, layout.batch)
    return NotDone(Reason.LENGTHS) if needed is None else needed / MINUTES


def counted_flops(row: Row, found: Work, job: Job) -> float:
    """Operations a sample is said to need, as the source's own tools count them.

    Composer counts every parameter and all pairs; NeMo until 2024 all pairs without the embedding; since then half of them.
    """
    words = row.framework.casefold()
    share = 2.0 + job.trained
    if "composer" in words or "foundry" in words:
        return share * (2 * found.params * found.tokens + found.pairs)
    whole = words == "nemo" and row.task != "train_finetune"
    return share * (found.linear + (found.pairs if whole else found.attention))
