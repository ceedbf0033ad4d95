"""Rows that tell whether a training run fitted its GPUs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.shape_towers import TowersShape
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.training.formulas import reserved_bytes
from gpuplanner.engine.training.memory import training_memory
from gpuplanner.engine.training.parts import NotTrainableError
from gpuplanner.engine.training.setup import Setup
from gpuplanner.evidence.components import Answer
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.resolve import GpuResolver
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.standin import stand_in
from gpuplanner.evidence.training_rows import TrainingRuns
from gpuplanner.evidence.training_setups import habit
from gpuplanner.scenario.document import Recompute, TrainingPrecision, TuningMethod

TASKS: Final = frozenset({"finetune", "pretrain"})
_RECOMPUTES: Final = re.compile(  # unless told not to
    r"factory|swift|qwen finetune|verl|openrlhf|grpo|titan|megatron|cogvideo finetune"
)
_COPIES: Final = re.compile(r"factory|diffusers|unsloth|accelerate|kohya")  # data parallel unless a sharding is configured
_DRAWS: Final = re.compile(r"simpletuner|diffusers|kohya|cogvideo|comfyui")
_ALL_IN_ONE: Final = re.compile(r"\bppo\b", re.IGNORECASE)  # policy and critic are trained, each beside a frozen copy
_WITH_REFERENCE: Final = re.compile(r"\b(grpo|dpo)\b", re.IGNORECASE)
_ROLLOUTS: Final = (re.compile(r"\bverl\b"), 0.4)  # keeps an engine that writes on the same GPUs, with this share of them
_NOTE: Final = re.compile(r"\s*\((?![^)]*\d ?B\b)[^)]*\)$")  # behind a name, where it isn't the size
_EVERY: Final = re.compile(r"checkpointing interval(\d)")  # only each so many-th layer is computed again
_SHARDED_16: Final = re.compile(r"factory|swift|qwen finetune|openrlhf|deepspeed")  # DeepSpeed keeps FP32 weights
_OFFLOAD: Final = re.compile(r"(?<!no )(cpu )?offload(?!ing off)", re.IGNORECASE)


class TrainingFits:
    """Answers such rows with one catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._runs = TrainingRuns(catalog)
        self._gpus = GpuResolver(catalog.gpus)

    def __call__(self, row: Row) -> Answer | NotDone | None:
        """1 where the run fits and 0 where it doesn't, or why that isn't known; None when the row is of another kind."""
        if row.table != "memory" or row.task != "fits" or row.extra.get("task") not in TASKS:
            return None
        found = self._runs.run(replace(row, model=_NOTE.sub("", row.model)))
        if isinstance(found, NotDone):
            return found
        room = self._room(row)
        if room is None:
            return NotDone(Reason.GPU, row.gpu)
        model_id, shape, setup = found
        if _DRAWS.search(row.framework.casefold()) and self._catalog.models[model_id].language is not None:
            return NotDone(Reason.MODEL, row.model)  # a language model can't stand in for one that draws
        try:
            setup = chosen(row, setup, shape, room)
            need = self._need(row, shape, setup)
            if every := _EVERY.search(" ".join(row.extra)):
                whole = self._need(row, shape, replace(setup, recompute=Recompute.FULL))
                need -= (need - whole) / int(every[1])
            if _ROLLOUTS[0].search(row.framework.casefold()):
                room *= 1.0 - _ROLLOUTS[1]
        except NotTrainableError:
            return NotDone(Reason.SHAPE, row.model)
        return Answer(1.0 if need <= room else 0.0, model_id, self._gpus(row.gpu) or "")

    def _room(self, row: Row) -> float | None:
        gpu = self._gpus(row.gpu)
        if gpu is not None:
            return float(self._catalog.gpus[gpu].usable_bytes)
        place = stand_in(row, self._catalog.gpus)
        return place.usable_bytes if place is not None else None

    def _need(self, row: Row, shape: Shape, setup: Setup) -> float:
        """What the fullest GPU must hold, the driver's context with it. [B]"""
        memory = training_memory(shape, setup)
        constant = self._catalog.calibration.constant
        context, loading = constant("training.context_bytes"), 0.0
        if habit(row.framework).loads_whole and setup.zero >= 3:
            loading = training_memory(shape, replace(setup, zero=0)).weights + memory.weights + context
        copies = 2.0 if _ALL_IN_ONE.search(row.model) else 1.0
        frozen = memory.weights * (copies if _ALL_IN_ONE.search(row.model) or _WITH_REFERENCE.search(row.model) else 0.0)
        standing = copies * (memory.total - memory.changing) + frozen
        held = reserved_bytes(standing, memory.changing, constant("training.fragmentation"), context)
        return max(float(held), loading)


def chosen(row: Row, setup: Setup, shape: Shape, room: float) -> Setup:
    """The run as people set it up who want it to fit, unless the source says otherwise.

    Weights that one GPU can't hold are shared out, and so is everything where the framework does so by itself; others copy the
    model to every GPU until told how to share it.
    """
    words = " ".join([*row.extra, row.note])
    if setup.data_parallel > 1 and not row.training.get("zero_stage") and "ddp" not in words.casefold():
        stage = re.search(r"(?<!no )zero-([0123])", words.casefold())
        most = 2 if "no zero-3" in words.casefold() else 3
        if not stage and _COPIES.search(row.framework.casefold()) and training_memory(shape, setup).weights < room:
            most = 0
        setup = replace(setup, zero=int(stage[1]) if stage else most)
    if _recomputes(row, setup, shape, words):
        setup = replace(setup, recompute=Recompute.FULL)
    if setup.zero and _SHARDED_16.search(row.framework.casefold()) and setup.method is TuningMethod.FULL:
        setup = replace(setup, precision=TrainingPrecision.MIXED, step_gradient_bytes=4.0, bucket_bytes=2e9)
    if _OFFLOAD.search(words):
        setup = replace(setup, offload_optimizer=True, offload_params=setup.zero >= 3)
    if "ramtorch" in words:  # weights stay in host memory and come layer by layer
        setup = replace(setup, offload_params=True)
    if (sharded := re.search(r"\bFSDP (\d+)", words)) and (row.gpus or 1) % int(sharded[1]) == 0:
        degree = (row.gpus or 1) // int(sharded[1])
        setup = replace(setup, data_parallel=int(sharded[1]), tensor_parallel=degree, sequence_parallel=degree > 1)
    return setup


def _recomputes(row: Row, setup: Setup, shape: Shape, words: str) -> bool:
    """Whether layers are computed again, as people have it who want a run to fit; graphs hold all that they recorded."""
    if row.training.get("recompute") or setup.recompute is not Recompute.NONE or isinstance(shape, TowersShape):
        return False
    if "reduce-overhead" in words:
        return False
    said = re.search(r"(?<!no )gradient checkpointing(?! flag)|checkpointing layer", words)
    return bool(said or _RECOMPUTES.search(row.framework.casefold()))
