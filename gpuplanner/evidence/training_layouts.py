"""How measured training runs were laid out: as a row tells, as it takes to fit, or as a search finds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.training.memory import training_memory
from gpuplanner.engine.training.parts import NotTrainableError
from gpuplanner.engine.training.planning import Asked, training_rows
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.speed.work import Work
from gpuplanner.engine.training.timeline import MOMENTS
from gpuplanner.evidence.rows import Row
from gpuplanner.scenario.document import Kernels, Recompute, TrainingPrecision, TuningMethod

AGAIN: Final = {"none": 0.0, "selective": 1.5, "full": 2.0}  # selective: every second product too (torch)
SHARE: Final = 0.92  # of a card that large runs fill
SLACK: Final = 0.2  # what an allocator leaves unfilled, to tell layouts that surely hold a model
CONTEXT_BYTES: Final = 1.5e9
NEARLY: Final = 0.98
SHARED_OUT: Final = 3.0  # ZeRO stage
PLAIN_BYTES: Final = 8.0  # of a parameter trained in 16 bit with Adam


@dataclass(frozen=True, slots=True)
class Layout:
    """One way the run may have been laid out; ``batch`` samples between two updates."""

    tensor: float
    pipeline: float
    data: float
    context: float
    expert: float
    virtual: float
    micro_batch: float
    micro_batches: float
    zero: float
    recompute: float

    @property
    def batch(self) -> float:
        """Samples of a step."""
        return self.micro_batch * self.micro_batches * self.data


def batch_of(row: Row, gpus: int) -> tuple[float | None, float | None]:
    """Samples a GPU works on at once, and between two updates, as far as the row tells."""
    words = row.batch
    micro = _found(r"(?:micro|local|^batch) (\d+)", words) or _found(r"^(\d+)$", words)
    whole, steps = _found(r"global (\d+)", words), _found(r"grad(?:ient)? accum\w* (\d+)", words)
    each = _found(r"(\d+)/GPU", words)
    if each is not None:
        long = re.search(r"(\d+) or (\d+)/GPU", words) or re.search(r"(\d+)/GPU \(seq128\) or (\d+)/GPU", words)
        micro = float(long[1 if (row.isl or 0) <= 128 else 2]) if long else each
    if whole is None and steps and micro:
        whole = micro * steps * gpus
    return micro, whole


def _found(pattern: str, words: str) -> float | None:
    match = re.search(pattern, words)
    return float(match[1]) if match else None


def told_layout(row: Row, gpus: int, facts: Mapping[str, str], micro: float, whole: float | None) -> Layout:
    """The layout a row gives; what it doesn't say is the framework's habit."""
    tensor, pipeline, context = float(row.tp or 1), float(row.pp or 1), float(facts.get("context", 1))
    data = max(1.0, gpus / (tensor * pipeline * context))
    words = row.framework.casefold()
    shares = "fsdp" in words or "torchtitan" in words or facts.get("zero") == "3" or float(facts.get("sharded", 0)) > 1
    if "torchtitan" in words and pipeline > 1:
        micro, whole = 1.0, micro * data  # a pipeline cuts the local batch into single sequences
    many = max(1.0, (whole or micro * data) / (micro * data))
    again = AGAIN[facts.get("recompute", "full" if re.search("hf trainer|swift", words) else "none")]
    virtual = float(facts.get("virtual", 2 if facts.get("schedule") else 1))
    zero = 3.0 if shares else 1.0 if gpus > 1 else 0.0
    expert = float(row.ep or 1)
    return Layout(tensor, pipeline, data, context, expert, virtual if pipeline > 1 else 1.0, micro, many, zero, again)


def to_fit(found: Work, layout: Layout, *, adapters: bool) -> Setup:
    """A layout as it is trained at scale, to tell how much memory it takes."""
    return Setup(
        precision=TrainingPrecision.MIXED, tokens=found.tokens, micro_batch=layout.micro_batch,
        micro_batches=int(layout.micro_batches), tensor_parallel=int(layout.tensor),
        pipeline_parallel=int(layout.pipeline), data_parallel=int(layout.data), context_parallel=int(layout.context),
        expert_parallel=int(layout.expert), virtual_stages=int(layout.virtual), zero=int(layout.zero),
        sequence_parallel=True, kernels=Kernels.FUSED, gradient_bytes=4.0, buckets=False,
        method=TuningMethod.LORA if adapters else TuningMethod.FULL,
    )  # fmt: skip


def spread_out(layout: Layout, found: Work, gpu: Gpu) -> Layout:
    """Copies that a GPU can't hold weren't copies: the layers are spread over the GPUs, which work one after the other."""
    if layout.data == 1 or PLAIN_BYTES * found.params <= gpu.usable_bytes:
        return layout
    return replace(layout, pipeline=layout.pipeline * layout.data, data=1.0, micro_batches=1.0)


def searched(shape: Shape, gpu: Gpu, gpus: int, whole: int) -> Iterator[Layout]:
    """Layouts that hold the model on so many GPUs."""
    for context in (1, 2, 4, 8):
        setup = Setup(tokens=8192.0, context_parallel=context, virtual_stages=4, sequence_parallel=True, gradient_bytes=4.0)
        try:
            rows = training_rows(shape, setup, Asked(global_batch=whole, gpus=gpus, max_gpus=gpus))
        except (NotTrainableError, ValueError):
            continue
        near = rows.gpus >= NEARLY * gpus  # a few may stand by where degrees don't divide the number
        fits = (rows.need([SLACK] * len(MOMENTS), CONTEXT_BYTES) <= 0.95 * gpu.usable_bytes) & near
        for i in np.flatnonzero(fits):
            again = AGAIN[rows.recompute[int(rows.recompute_index[i])].value]
            pipeline = float(rows.pipeline_parallel[i])
            many = whole / float(rows.micro_batch[i] * rows.data_parallel[i])
            if many >= 1 and again != AGAIN["full"]:
                yield Layout(
                    float(rows.tensor_parallel[i]), pipeline, float(rows.data_parallel[i]), context, 1.0,
                    4.0 if pipeline > 1 else 1.0, float(rows.micro_batch[i]), many, float(rows.zero[i]), again,
                )  # fmt: skip


def computed_again(shape: Shape, setup: Setup, gpu: Gpu) -> float:
    """1 for nothing but scores, 2 for every layer, between them the share of the layers that makes the peak fit."""
    try:
        none, full = (training_memory(shape, replace(setup, recompute=kind)).total for kind in (Recompute.NONE, Recompute.FULL))
    except NotTrainableError:
        return AGAIN["none"]
    room = SHARE * gpu.usable_bytes - CONTEXT_BYTES
    return 1.0 + min(1.0, max(0.0, (none - room) / max(none - full, 1.0)))
