"""Rows that tell how much memory training took: measured, and traced from model classes."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.training.memory import TrainingMemory, training_memory
from gpuplanner.engine.training.parts import NotTrainableError
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.timeline import MOMENTS
from gpuplanner.evidence.components import Answer
from gpuplanner.evidence.peers import peer
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.resolve import GpuResolver, ModelResolver
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.training_names import spellings
from gpuplanner.evidence.training_samples import whole
from gpuplanner.evidence.training_setup import setup_of
from gpuplanner.evidence.training_setups import (
    habit,
)

KINDS: Final = frozenset({"train_peak", "train_peak_traced", "train_max_context"})
_LONGEST: Final = 2**24
_EXPANDABLE_SINCE: Final = "2025"  # since then scripts let the allocator's segments grow (PyTorch 2.1 and later)
_FILLED: Final = 0.96  # of a card before the allocator gives its cache back
_SEES: Final = re.compile("vision_language|omni|multimodal")


class TrainingRuns:
    """Answers training rows with one catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._models = ModelResolver(catalog.models)
        self._gpus = GpuResolver(catalog.gpus)

    def __call__(self, row: Row) -> Answer | NotDone | None:
        """A prediction or why there is none; None when the row is of another kind."""
        if row.table != "memory" or row.task not in KINDS:
            return None
        found = self.run(row)
        if isinstance(found, NotDone):
            return found
        model_id, shape, setup = found
        try:
            value = self._longest(row, shape, setup) if row.task == "train_max_context" else self._peak(row, shape, setup)
        except NotTrainableError:
            return NotDone(Reason.SHAPE, row.model)
        if value is None:
            return NotDone(Reason.FIT)
        return Answer(value, model_id, self._gpus(row.gpu) or "")

    def memory(self, row: Row) -> TrainingMemory | None:
        """The tensors of a row's run on the fullest GPU; None where it can't be computed."""
        found = self.run(row)
        if isinstance(found, NotDone):
            return None
        try:
            return training_memory(found[1], found[2])
        except NotTrainableError:
            return None

    def run(self, row: Row) -> tuple[str, Shape, Setup] | NotDone:
        """Model, shape and set-up of a row, or what isn't known of it."""
        model_id = self._named(row)
        model = self._catalog.models[model_id] if model_id is not None else None
        if model_id is None or model is None or model.shape is None:
            model_id = self._peer(row, model)
            model = self._catalog.models[model_id] if model_id is not None else None
        if model_id is None or model is None or model.shape is None:
            return NotDone(Reason.MODEL if model is None else Reason.SHAPE, row.model)
        shape = _of_length(model.shape, row)
        if shape is None:
            return NotDone(Reason.LAYOUT, row.training.get("layers", ""))
        return model_id, shape, setup_of(row, model)

    def _named(self, row: Row) -> str | None:
        return next((found for name in spellings(row.model) if (found := self._models(name)) is not None), None)

    def _peer(self, row: Row, own: Model | None) -> str | None:
        """A language model of about the same size, where internals aren't published."""
        if (
            "height" in row.extra
            or row.task == "train_peak_traced"
            or (own is not None and own.language is None and not _SEES.search(own.kind.value))
        ):
            return None
        size = row.training.get("params_b", "")
        return peer(row.model, own, self._catalog.models) or (
            peer(f"{row.model}-{size}B", own, self._catalog.models) if size else None
        )

    def _peak(self, row: Row, shape: Shape, setup: Setup) -> float:
        scale = row.gpus or 1 if row.scope == "sum_gpus" else 1
        memory = training_memory(shape, setup)
        seen = scale * self._seen(row, memory)
        if habit(row.framework).loads_whole and setup.zero >= 3:
            # the first gathers come while the whole copy still lies there
            copy = training_memory(shape, replace(setup, zero=0)).weights
            seen = max(seen, copy + memory.weights + memory.communication)
        return seen

    def _seen(self, row: Row, memory: TrainingMemory) -> float:
        """What the row's way of measuring counts."""
        way = counted(row)
        if way is Counted.TENSORS:
            return memory.total
        context = self._constant("training.context_bytes") if way is Counted.CARD else 0.0
        if stated := re.search(r"(\d+) mib", row.metric.casefold()):
            context = float(stated[1]) * 2**20
        held = self.reserved(row, memory, context + self.beside(row, memory))
        gpu = self._catalog.gpus.get(self._gpus(row.gpu) or "")
        if gpu is None or way is Counted.CARD:
            return held
        return min(held, max(memory.total, _FILLED * gpu.usable_bytes))  # a cache is emptied before memory runs out

    def beside(self, row: Row, memory: TrainingMemory) -> float:
        """What the allocator keeps from loading the weights, where they are copied to a framework's own buffers."""
        kind = loads(row)
        return self._constant("training.loading", kind) * memory.weights if kind else 0.0

    def reserved(self, row: Row, memory: TrainingMemory, context: float) -> float:
        """What the allocator holds at the worst moment of a row's step."""
        shares = {name: self._constant("training.fragmentation", name) for name in MOMENTS}
        return memory.reserved(shares, context, self._constant("training.varying") if lengths_vary(row) else 0.0)

    def _constant(self, *names: str) -> float:
        return self._catalog.calibration.constant(*names)

    def _longest(self, row: Row, shape: Shape, setup: Setup) -> float | None:
        size = row.extra.get("gpu_mem_gb", "")
        if not size.isdigit():
            return None
        low, high = 0, _LONGEST
        while high - low > 64:
            middle = (low + high) // 2
            memory = training_memory(shape, replace(setup, tokens=middle))
            held = self.reserved(row, memory, self._constant("training.context_bytes"))
            low, high = (middle, high) if held <= float(size) * 2**30 else (low, middle)
        return float(low) if low else None


class Counted(StrEnum):
    """What a way of measuring counts."""

    TENSORS = "tensors"
    RESERVED = "reserved"  # what the allocator holds
    CARD = "card"


def loads(row: Row) -> str | None:
    """How a run's framework loads weights that it copies then: "full", "adapters"; None where it fills its own tensors."""
    if not habit(row.framework).reloads or counted(row) is Counted.TENSORS:
        return None
    return "full" if row.method.startswith("full") else "adapters"


def counted(row: Row) -> Counted:
    """What a row's way of measuring counts: tensors alone, what the allocator holds, or all of the card."""
    metric = row.metric.casefold()
    if row.task == "train_peak_traced" or re.search(r"allocated|active|tracemalloc", metric):
        return Counted.TENSORS
    if re.match(r"torchao", row.framework.casefold()) and metric in {"max memory", "peak memory"}:
        return Counted.TENSORS  # its benchmarks log max_memory_allocated
    return Counted.RESERVED if re.search(r"reserved|torch", metric) else Counted.CARD


def lengths_vary(row: Row) -> bool:
    """Whether sequences of different lengths follow each other, so that the allocator's blocks seldom fit the next one."""
    extra = row.extra
    fixed = extra.get("packing") in {"1", "true"} or extra.get("packed") == "1" or "fixed" in extra.get("dataset", "")
    return not fixed and row.date < _EXPANDABLE_SINCE and bool(re.search(r"swift|torchtune|factory", row.framework.casefold()))


def _of_length(shape: Shape, row: Row) -> Shape | None:
    """The shape with as many layers as the row says, where it says fewer."""
    layers = whole(row.training.get("layers"), 0) or whole(row.extra.get("layers"), 0)
    if not layers or not isinstance(shape, DecoderShape) or layers >= shape.layer_count:
        return shape
    kinds, left = [], layers
    for kind in shape.layers:
        count = min(kind.count, left) if kind is not shape.layers[-1] else left
        if count:
            kinds.append(kind.model_copy(update={"count": count}))
        left -= count
    return shape.model_copy(update={"layers": tuple(kinds)})
