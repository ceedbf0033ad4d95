"""Memory rows of diffusion pipelines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.precision import Precision
from gpuplanner.engine.inference.constants import ComponentConstants
from gpuplanner.engine.inference.diffusion import Offload, PipelineLoad, PipelineSize, diffusion_memory
from gpuplanner.engine.inference.sizes import PipelineParts, autoencoder_of, pipeline_parts
from gpuplanner.engine.result import MemoryPart
from gpuplanner.evidence.peaks import sees_context
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.wordbits import element_bytes, weight_bytes

HALF: Final = 2.0  # bytes of what isn't quantised
_USUAL_SIDE: Final = 1024
_USUAL_VIDEO: Final = (832, 480, 81)
_SIZE: Final = re.compile(r"(\d{3,4})\s*x\s*(\d{3,4})")


@dataclass(frozen=True, slots=True)
class PipelineRow:
    """A row with its model looked up. ``usable_bytes`` of the card, None where the row needs none."""

    row: Row
    model: Model
    precisions: Mapping[str, Precision]
    usable_bytes: float | None


def pipeline_answer(asked: PipelineRow, constants: ComponentConstants) -> float | NotDone:
    """Peak bytes of a pipeline, or for rows that ask whether it fits 1 or 0."""
    row = asked.row
    parts = pipeline_parts(asked.model)
    if parts is None:
        return NotDone(Reason.SHAPE, row.model)
    per_weight = weight_bytes(row.weight_precision, asked.precisions)
    if per_weight is None:
        return NotDone(Reason.PRECISION, row.weight_precision)
    if row.task == "fits" and (asked.usable_bytes is None or (row.gpus or 1) > 1 or "layerwise" in _flags(row)):
        return NotDone(Reason.GPU if asked.usable_bytes is None else Reason.LAYOUT, row.gpu)
    memory = diffusion_memory(_size(row, asked.model, parts, per_weight), _load(row, asked.model, parts), constants)
    need = sum(memory.values())
    if row.task == "fits":
        return 1.0 if need <= (asked.usable_bytes or 0.0) else 0.0
    if not sees_context(row.metric) and "vram" not in row.metric.casefold():
        need -= memory[MemoryPart.ENGINE]
    kept = constants.reserved_share * memory[MemoryPart.ACTIVATIONS] if "reserved" in row.metric else 0.0
    return need + kept


def _size(row: Row, model: Model, parts: PipelineParts, per_weight: float) -> PipelineSize:
    whole = min(per_weight, HALF) if per_weight < HALF else per_weight
    text_bytes = whole if _quantises_text(row) or per_weight >= HALF else HALF
    text = sum(parts.text_encoders.values())
    if "t5_cpu" in _flags(row):
        text = 0.0
    rest = max(per_weight, HALF)
    loaded = (text + parts.denoiser_params + parts.autoencoder_params) * HALF
    in_place = "+torchao" in row.framework and per_weight < HALF
    channels, frames = autoencoder_of(model)
    return PipelineSize(
        text_encoder_bytes=text * text_bytes,
        denoiser_bytes=parts.denoiser_params * whole,
        autoencoder_bytes=parts.autoencoder_params * rest,
        denoiser=parts.denoiser,
        decoder_channels=channels,
        frames_at_once=frames,
        video=parts.video,
        loading_bytes=loaded if in_place else 0.0,
    )


def _load(row: Row, model: Model, parts: PipelineParts) -> PipelineLoad:
    width, height, frames = _picture(row, parts)
    flags = _flags(row)
    activations = element_bytes(row.weight_precision)
    offload = Offload.NONE
    if re.search(r"cpu_offload=model|model cpu offload|offload_model", flags):
        offload = Offload.MODEL
    if re.search(r"sequential", flags):
        offload = Offload.SEQUENTIAL
    # the XL autoencoder overflows in FP16 and is run in FP32 unless that is switched off
    upcast = "sdxl" in (model.family or "") and "fp16" in row.weight_precision.casefold() and "upcast_vae=0" not in flags
    return PipelineLoad(
        width=width,
        height=height,
        frames=frames,
        batch=max(1, int(float(row.batch))) if row.batch.replace(".", "").isdigit() else 1,
        guided="guidance=0" not in flags and not (model.family or "").startswith("flux"),
        element_bytes=activations,
        decoder_element_bytes=4.0 if upcast else activations,
        written_scores="sdpa=0" in flags,
        offload=offload,
        tiled="vae_tiling=1" in flags or "vae tiling" in flags,
        sliced="vae_slicing=1" in flags,
    )


def _picture(row: Row, parts: PipelineParts) -> tuple[int, int, int]:
    width, height, frames = (row.extra.get(name, "") for name in ("width", "height", "frames"))
    if not (width.isdigit() and height.isdigit()):
        named = _SIZE.search(_flags(row))
        usual = _USUAL_VIDEO[:2] if parts.video else (_USUAL_SIDE, _USUAL_SIDE)
        width, height = (named[1], named[2]) if named else map(str, usual)
    return int(width), int(height), int(frames) if frames.isdigit() else _USUAL_VIDEO[2] if parts.video else 1


def _quantises_text(row: Row) -> bool:
    said = row.extra.get("quantize_text_encoder")
    if said is not None:
        return said == "1"
    scope = re.search(r"\(([^)]*)\)", row.weight_precision)
    if scope and "transformer" in scope[1].casefold():
        return bool(re.search(r"t5|text", scope[1], re.IGNORECASE))
    return "+" not in row.weight_precision


def _flags(row: Row) -> str:
    return ";".join(f"{key}={value}" if value else key for key, value in row.extra.items()).casefold()
