"""Memory of a pass on one GPU, by the number of items at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import DiffusionShape, MultimodalShape, TowersShape
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.inference.constants import ComponentConstants, component_constants
from gpuplanner.engine.inference.diffusion import Offload, PipelineLoad, PipelineSize, diffusion_memory
from gpuplanner.engine.inference.encoder import EncoderLoad, EncoderSize, encoder_memory
from gpuplanner.engine.inference.sizes import autoencoder_of, encoder_size, pipeline_parts
from gpuplanner.engine.inference.vision import vision_memory
from gpuplanner.engine.passes.request import FULL_BYTES, HALF_BYTES, PassRequest
from gpuplanner.engine.passes.stages import tower_tokens
from gpuplanner.engine.passes.work import Floats
from gpuplanner.engine.result import MemoryPart
from gpuplanner.scenario.passes import DecodeKind, GenerationChoice

XL = "sdxl"


@dataclass(frozen=True, slots=True)
class PassMemory:
    """Bytes of each part at each batch; arrays of one entry a batch."""

    parts: dict[MemoryPart, Floats]

    @property
    def need(self) -> Floats:
        """All parts."""
        total: Floats = np.sum(list(self.parts.values()), axis=0)
        return total

    def at(self, index: int) -> dict[MemoryPart, float]:
        """The parts at one batch."""
        return {part: float(values[index]) for part, values in self.parts.items()}


def pass_memory(request: PassRequest, catalog: Catalog, batches: Floats, choice: GenerationChoice) -> PassMemory:
    """Memory of one GPU at each batch.

    Args:
        request: what runs.
        catalog: for the constants.
        batches: items at once.
        choice: how a pipeline is run.
    """
    constants = component_constants(catalog.calibration)
    of_batch = _by_batch(request, constants, choice)
    rows = [of_batch(int(batch)) for batch in batches]
    parts = {part: np.array([row[part] for row in rows]) for part in rows[0]}
    if request.spread.gpus > 1:  # channels of the communication library
        parts[MemoryPart.COMMUNICATION] += catalog.calibration.constant("passes.communication_bytes")
    return PassMemory(parts)


def _by_batch(
    request: PassRequest, constants: ComponentConstants, choice: GenerationChoice
) -> Callable[[int], dict[MemoryPart, float]]:
    """Memory as a function of the items at once; the model's dimensions are read once."""
    model, shape = request.model, request.model.shape
    element = request.element_bytes
    if isinstance(shape, DiffusionShape):
        size = _pipeline_size(request)
        return lambda batch: diffusion_memory(size, _pipeline_load(request, batch, choice, element), constants)
    if isinstance(shape, BlocksShape):
        params, side = params_of(model), request.load.image_px
        return lambda batch: vision_memory(params, shape, EncoderLoad(batch, 1, request.weight_bytes, element), constants, side)
    dimensions = encoder_size(model) or _reader_size(model)
    tokens = _tokens(request, dimensions)
    return lambda batch: encoder_memory(dimensions, EncoderLoad(batch, tokens, request.weight_bytes, element), constants)


def _tokens(request: PassRequest, size: EncoderSize) -> int:
    shape = request.model.shape
    if isinstance(shape, TowersShape):
        return max(1, round(max(tower_tokens(tower, shape, request.load) for tower in shape.towers)))
    return size.source_tokens or round(request.load.tokens)


def _reader_size(model: Model) -> EncoderSize:
    """Dimensions of a language model that reads."""
    shape = model.shape.text if isinstance(model.shape, MultimodalShape) else model.shape
    assert isinstance(shape, DecoderShape)
    listed = operator_list(shape)
    return EncoderSize(params_of(model), listed.hidden, listed.widest_mlp, listed.heads)


def _pipeline_size(request: PassRequest) -> PipelineSize:
    parts = pipeline_parts(request.model)
    if parts is None:
        raise ValueError(request.model.id)
    channels, frames = autoencoder_of(request.model)
    rest = max(request.weight_bytes, HALF_BYTES)
    return PipelineSize(
        text_encoder_bytes=sum(parts.text_encoders.values()) * rest,
        denoiser_bytes=parts.denoiser_params * request.weight_bytes,
        autoencoder_bytes=parts.autoencoder_params * rest,
        denoiser=parts.denoiser,
        decoder_channels=channels,
        frames_at_once=frames,
        video=parts.video,
    )


def _pipeline_load(request: PassRequest, batch: int, choice: GenerationChoice, element: float) -> PipelineLoad:
    load = request.load
    # the XL autoencoder overflows in FP16 and is run in FP32
    upcast = XL in (request.model.family or "") and request.weights.id == "fp16"
    return PipelineLoad(
        width=load.width,
        height=load.height,
        frames=load.frames,
        batch=batch,
        guided=load.guided,
        element_bytes=element,
        decoder_element_bytes=FULL_BYTES if upcast else element,
        offload=Offload(choice.offload.value),
        tiled=choice.decode is DecodeKind.TILED,
        sliced=choice.decode is DecodeKind.SLICED,
        gpus=request.spread.gpus,
    )


def params_of(model: Model) -> float:
    """Parameters of a model, counted where they aren't published."""
    if model.params_total:
        return float(model.params_total)
    return float(operator_list(model.shape).total_params) if model.shape is not None else 0.0
