"""Memory rows of models that aren't served token by token: encoders, vision, speech, diffusion, and files on disk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.engine.inference.constants import component_constants
from gpuplanner.engine.inference.encoder import EncoderLoad, EncoderSize, encoder_memory
from gpuplanner.engine.inference.sizes import encoder_size
from gpuplanner.engine.inference.vision import vision_memory
from gpuplanner.engine.result import MemoryPart
from gpuplanner.evidence.names import parse_model
from gpuplanner.evidence.peaks import sees_context
from gpuplanner.evidence.pipelines import PipelineRow, pipeline_answer
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.resolve import GpuResolver, ModelResolver
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.training_names import spellings
from gpuplanner.evidence.wordbits import element_bytes, weight_bytes

KINDS: Final = frozenset({"encoder_peak", "diffusion_peak", "checkpoint_size"})
_DIFFUSION: Final = {ModelKind.IMAGE_DIFFUSION, ModelKind.VIDEO_DIFFUSION}
_LANGUAGE: Final = {ModelKind.LLM, ModelKind.VLM}
_ADAM_BYTES: Final = {True: 8.0, False: 12.0}  # two FP32 moments; beside 16-bit weights an FP32 copy of them too
_USUAL_TOKENS: Final = 128
_PATCH: Final = 16
_TUBELET: Final = 2  # frames a video transformer's token spans
MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Answer:
    """A prediction in the row's unit, and what it was made for."""

    value: float
    model: str
    gpu: str


class Components:
    """Answers the rows whose models have no decoder to serve."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._constants = component_constants(catalog.calibration)
        self._models = ModelResolver(catalog.models)
        self._gpus = GpuResolver(catalog.gpus)

    def _find(self, name: str) -> str | None:
        """Id of the model meant, under any of the ways papers write it."""
        return next((found for spelling in spellings(name) if (found := self._models(spelling)) is not None), None)

    def __call__(self, row: Row) -> Answer | NotDone | None:
        """A prediction or why there is none; None when the row is of another kind."""
        if row.table != "memory" or not (row.task in KINDS or self._other_peak(row) or _makes_pictures(row)):
            return None
        gpu = self._gpus(row.gpu) or ""
        if row.task == "checkpoint_size":
            return self._on_disk(row, gpu)
        model_id = self._find(row.model)
        if model_id is None:
            return NotDone(Reason.MODEL, row.model)
        model = self._catalog.models[model_id]
        if model.kind in _DIFFUSION:
            usable = self._catalog.gpus[gpu].usable_bytes if gpu else None
            found = pipeline_answer(PipelineRow(row, model, self._catalog.precisions, usable), self._constants)
        else:
            found = self._encoder(row, model)
        return found if isinstance(found, NotDone) else Answer(found, model_id, gpu)

    def _other_peak(self, row: Row) -> bool:
        if row.task != "infer_peak":
            return False
        model_id = self._find(row.model)
        return model_id is not None and self._catalog.models[model_id].kind not in _LANGUAGE

    def _encoder(self, row: Row, model: Model) -> float | NotDone:
        per_weight = weight_bytes(row.weight_precision, self._catalog.precisions)
        if per_weight is None:
            return NotDone(Reason.PRECISION, row.weight_precision)
        parts = self._parts(row, model, per_weight)
        if parts is None:
            return NotDone(Reason.SHAPE, row.model)
        if row.batch.strip() == "0":  # loaded, nothing run
            parts = {part: 0.0 if part is MemoryPart.ACTIVATIONS else held for part, held in parts.items()}
        stated = row.extra.get("cuda_context_mib", "")
        context = float(stated) * MIB if stated.isdigit() else parts[MemoryPart.ENGINE]
        return sum(parts.values()) - parts[MemoryPart.ENGINE] + (context if sees_context(row.metric) else 0.0)

    def _parts(self, row: Row, model: Model, per_weight: float) -> dict[MemoryPart, float] | None:
        size = encoder_size(model)
        if size is not None:
            return encoder_memory(size, _encoder_load(row, size, per_weight, model.kind), self._constants)
        if not isinstance(model.shape, BlocksShape) or not model.params_total:
            return None
        height = row.extra.get("height", "")
        load = _encoder_load(row, EncoderSize(0, 1, 1, 1), per_weight, model.kind)
        return vision_memory(model.params_total, model.shape, load, self._constants, int(height) if height.isdigit() else None)

    def _on_disk(self, row: Row, gpu: str) -> Answer | NotDone:
        if re.search(r"\blora\b|adapter", row.model, re.IGNORECASE):
            return NotDone(Reason.EXTRAS, row.model)
        model_id = self._find(row.model)
        known = self._catalog.models[model_id].params_total if model_id is not None else None
        named = parse_model(row.model).billions
        params = float(known) if known else (named or 0.0) * 1e9
        per_weight = weight_bytes(row.weight_precision, self._catalog.precisions)
        if not params:
            return NotDone(Reason.MODEL, row.model)
        if per_weight is None:
            return NotDone(Reason.PRECISION, row.weight_precision)
        states = row.extra.get("optimizer_states", "0")
        adam = _ADAM_BYTES[per_weight >= 4] if states == "1" else 0.0
        if states == "only":
            per_weight, adam = 0.0, _ADAM_BYTES[False]
        return Answer(params * (per_weight + adam), model_id or "", gpu)


def _encoder_load(row: Row, size: EncoderSize, per_weight: float, kind: ModelKind) -> EncoderLoad:
    beams = row.extra.get("beam_size") or row.extra.get("beam") or "1"
    attention = row.extra.get("attention") or row.extra.get("attn") or ""
    return EncoderLoad(
        batch=max(1, int(float(row.batch))) if row.batch.replace(".", "").isdigit() else 1,
        tokens=size.source_tokens or int(row.isl or _image_tokens(row)),
        weight_bytes=per_weight,
        element_bytes=element_bytes(row.weight_precision),
        written_scores=attention == "eager",
        beams=int(beams) if beams.isdigit() else 1,
        # the published class of such a checkpoint; the benchmark that came with releases 1 to 3 ran the bare model
        predicts_words=kind is ModelKind.ENCODER and row.framework == "transformers",
    )


def _image_tokens(row: Row) -> int:
    width, height = row.extra.get("width", ""), row.extra.get("height", "")
    if not (width.isdigit() and height.isdigit()):
        return _USUAL_TOKENS
    frames = row.extra.get("frames", "")
    spans = max(1, int(frames) // _TUBELET) if frames.isdigit() else 1
    return int(width) // _PATCH * (int(height) // _PATCH) * spans + 1


def _makes_pictures(row: Row) -> bool:
    return row.task == "fits" and row.extra.get("task") in {"image", "video"}
