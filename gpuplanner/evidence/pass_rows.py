"""Speed rows of images, encoders, vision and speech: what ran, and what the engine says about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gpuplanner.catalog.schema.calibration import Calibration
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.precision import Execution, Refusal
from gpuplanner.engine.passes.defaults import published
from gpuplanner.engine.passes.load import most_requests_per_s
from gpuplanner.engine.passes.speed import devices, stage_times
from gpuplanner.engine.passes.stages import PassLoad, stages_of
from gpuplanner.engine.passes.work import Floats, Stage
from gpuplanner.evidence.formats import weight_precision
from gpuplanner.evidence.pass_setups import Said, alias, runtime_of, said, stated_format, watts_of
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.resolve import GpuResolver, ModelResolver
from gpuplanner.evidence.rows import Row

TASKS: Final = frozenset({"image_gen", "encoder", "cnn", "asr"})
BATCHES: Final = np.array([1, 2, 4, 8, 16, 32, 64, 128, 256], dtype=float)
MANY: Final = np.array([512, 1024, 2048], dtype=float)  # short steps of a recurrent network need many utterances at once
MOST_WINDOWS: Final = 8.0  # windows of a scan that run at once
PERCENTILE: Final = 0.99  # of a server scenario
TIMES: Final = frozenset({"s_per_image", "e2e_ms"})
METRICS: Final = TIMES | {"images_per_s", "samples_per_s"}


@dataclass(frozen=True, slots=True)
class PassCase:
    """A row with everything looked up."""

    row: Row
    model: Model
    gpu: Gpu
    way: Execution
    weight_bytes: float
    runtime: str
    said: Said
    stages: tuple[Stage, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """Figure, hardware family and runtime: under these ranges are kept."""
        return (f"pass_{self.row.task}", self.gpu.family, self.runtime)

    @property
    def timed(self) -> bool:
        """Whether the figure is a time; else a rate. Ranges are those of times."""
        return self.row.metric in TIMES


class PassRuns:
    """Answers the rows of models that answer in passes."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._models = ModelResolver(catalog.models)
        self._gpus = GpuResolver(catalog.gpus)

    def __call__(self, row: Row) -> PassCase | NotDone | None:
        """What ran, or why that can't be told; None when the row is of another kind."""
        if row.table != "speed" or row.task not in TASKS:
            return None
        if row.metric not in METRICS:
            return NotDone(Reason.METRIC, row.metric)
        model = self._model(row)
        gpu = self._catalog.gpus.get(self._gpus(row.gpu) or "")
        runtime = runtime_of(row)
        if isinstance(model, NotDone):
            return model
        if gpu is None:
            return NotDone(Reason.GPU, row.gpu)
        if runtime is None:
            return NotDone(Reason.ENGINE, row.framework)
        precision = self._precision(row, gpu)
        if isinstance(precision, NotDone):
            return precision
        way, weight_bytes = precision
        words = said(row, model.id)
        watts = watts_of(row)
        if watts is not None:
            gpu = gpu.model_copy(update={"tdp_w": watts})
        return PassCase(row, model, gpu, way, weight_bytes, runtime, words, stages_of(model, load_of(model, words)))

    def _model(self, row: Row) -> Model | NotDone:
        found = alias(row.model).get("model") or self._models(row.model)
        model = self._catalog.models.get(found or "")
        if model is None:
            return NotDone(Reason.MODEL, row.model)
        if not stages_of(model, PassLoad()):
            return NotDone(Reason.SHAPE, row.model)
        return model

    def _precision(self, row: Row, gpu: Gpu) -> tuple[Execution, float] | NotDone:
        word = row.weight_precision.split(" inference", 1)[0].split(" Inference", 1)[0].rpartition(":")[2].casefold()
        word = stated_format(row, gpu.family, word.removesuffix("-amp") or "fp16")
        name = "tf32" if word.startswith("tf32") else weight_precision(word, self._catalog.precisions)
        precision = self._catalog.precisions.get(name or "")
        if precision is None:
            return NotDone(Reason.PRECISION, row.weight_precision)
        way = precision.execution(gpu)
        if isinstance(way, Refusal):
            return NotDone(Reason.FORMAT, row.weight_precision)
        return way, precision.bytes_per_weight_effective or 2.0


def load_of(model: Model, words: Said) -> PassLoad:
    """What one item of a row was."""
    usual = published(model)
    return PassLoad(
        width=words.width or usual.width,
        height=words.height or words.width or usual.height,
        frames=usual.frames,
        steps=words.steps or usual.steps,
        guided=usual.guidance if words.guided is None else words.guided,
        tokens=words.tokens or 128.0,
        audio_s=words.audio_s or 30.0,
        beams=words.beams,
        written_scores=words.written_scores,
        merged=words.merged,
    )


def pass_answer(case: PassCase, calibration: Calibration) -> float:
    """The engine's figure for a row, in the row's unit."""
    row, words = case.row, case.said
    count = row.gpus or 1
    if case.timed:
        seconds = _latency_s(case, calibration)
        return seconds * 1e3 if row.metric == "e2e_ms" else seconds / (words.batch or 1)
    if words.batch:
        return words.batch / float(pass_times(case, np.array([words.batch]), calibration)[0]) * count / words.items
    batches = np.append(BATCHES, MANY) if case.row.task == "asr" else BATCHES
    times = pass_times(case, batches, calibration)
    if words.scenario == "server" and words.limit_s:
        busy = calibration.constant("passes.server_busy")
        return most_requests_per_s(batches, times, words.limit_s, PERCENTILE, busy) * count
    return float((batches / times).max()) * count / words.items


def _latency_s(case: PassCase, calibration: Calibration) -> float:
    """From start to result; what takes many windows runs several of them at once."""
    words, alone = case.said, float(case.said.batch or 1)
    windows = words.late_items or words.items
    if windows <= 1:
        return float(pass_times(case, np.array([alone]), calibration)[0])
    together = min(max(MOST_WINDOWS, alone) if case.row.task == "cnn" else alone, windows)
    return float(pass_times(case, np.array([together]), calibration)[0]) * windows / together


def pass_times(case: PassCase, batches: Floats, calibration: Calibration) -> Floats:
    """Seconds of a pass at each batch."""
    at = devices([case.gpu], [case.way], case.weight_bytes, calibration, case.runtime)
    half = at
    if any(not stage.quantised for stage in case.stages) and case.way.compute_format not in {"fp16", "bf16"}:
        half = devices([case.gpu], [_sixteen(case)], 2.0, calibration, case.runtime)
    total: Floats = np.sum([stage_times(stage, at if stage.quantised else half, batches)[0] for stage in case.stages], axis=0)
    return total


def _sixteen(case: PassCase) -> Execution:
    rates = case.gpu.dense_tflops
    if case.way.compute_format in {"fp32", "tf32"} or not (rates.fp16 or rates.bf16):
        return case.way
    return Execution("fp16" if rates.fp16 else "bf16", rates.fp16 or rates.bf16 or 0.0, False, None, False)
