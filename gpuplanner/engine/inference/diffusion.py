"""Diffusion pipelines: which components lie on the GPU at once, and the stage that needs most on top."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gpuplanner.engine.inference.constants import ComponentConstants
from gpuplanner.engine.inference.formulas import decode_workspace_bytes, layer_workspace_bytes, pipeline_bytes
from gpuplanner.engine.result import MemoryPart

TILE = 512  # side of an image's tile in pixels, where the autoencoder works tile by tile


class Offload(StrEnum):
    """What leaves the GPU: nothing, components that don't run, or every layer but the one that runs."""

    NONE = "none"
    MODEL = "model"
    SEQUENTIAL = "sequential"


@dataclass(frozen=True, slots=True)
class DenoiserSize:
    """A denoiser's dimensions: ``pixels_per_token`` along a side, ``frames_per_token`` in time."""

    hidden: int
    mlp_width: int
    heads: int
    pixels_per_token: float
    frames_per_token: float = 1.0


@dataclass(frozen=True, slots=True)
class PipelineSize:
    """Bytes of the components in the formats they run in, and what the stages follow from.

    ``loading_bytes``: all components as they lay on the GPU before they were quantised there; 0 where they are loaded quantised.
    ``frames_at_once``: of a video, how many the autoencoder decodes together; 1 for images.
    """

    text_encoder_bytes: float
    denoiser_bytes: float
    autoencoder_bytes: float
    denoiser: DenoiserSize
    decoder_channels: int = 128
    frames_at_once: int = 1
    video: bool = False
    loading_bytes: float = 0.0


@dataclass(frozen=True, slots=True)
class PipelineLoad:
    """What is made. ``guided``: conditioned and unconditioned run as one batch. ``text_tokens`` beside the image's.

    ``gpus`` share out the denoiser's samples and tokens; the autoencoder works on each of them alone.
    """

    width: int
    height: int
    frames: int = 1
    batch: int = 1
    guided: bool = False
    text_tokens: int = 512
    element_bytes: float = 2.0
    decoder_element_bytes: float = 2.0
    written_scores: bool = False
    offload: Offload = Offload.NONE
    tiled: bool = False
    sliced: bool = False
    gpus: int = 1


def diffusion_memory(size: PipelineSize, load: PipelineLoad, constants: ComponentConstants) -> dict[MemoryPart, float]:
    """Memory of a pipeline on one GPU at its peak.

    Args:
        size: of the components.
        load: what is made, how.
        constants: of the calibration.

    Returns:
        Bytes of each part; weights are those on the GPU at the peak.
    """
    everything = size.text_encoder_bytes + size.denoiser_bytes + size.autoencoder_bytes
    denoise, decode = denoiser_workspace(size, load, constants), decoder_workspace(size, load, constants)
    stages = {
        Offload.NONE: ((everything, max(denoise, decode)),),
        Offload.MODEL: ((size.text_encoder_bytes, 0.0), (size.denoiser_bytes, denoise), (size.autoencoder_bytes, decode)),
        Offload.SEQUENTIAL: ((0.0, denoise), (size.autoencoder_bytes, decode)),
    }[load.offload]
    resident, workspace = max(stages, key=sum)
    peak = float(pipeline_bytes(size.loading_bytes, resident, workspace))
    return {
        MemoryPart.WEIGHTS: resident,
        MemoryPart.KV_CACHE: 0.0,
        MemoryPart.ACTIVATIONS: peak - resident,
        MemoryPart.ENGINE: constants.context_bytes,
        MemoryPart.COMMUNICATION: 0.0,
    }


def denoiser_workspace(size: PipelineSize, load: PipelineLoad, constants: ComponentConstants) -> float:
    """Activations of one denoising step. [B]"""
    part = size.denoiser
    image = load.width * load.height / part.pixels_per_token**2
    tokens = image * _latent_frames(load.frames, part.frames_per_token) + load.text_tokens
    at_once = load.batch * (2 if load.guided else 1) / load.gpus
    scores = constants.score_tensors if load.written_scores else 0.0
    workspace = layer_workspace_bytes(
        at_once,
        load.element_bytes,
        tokens,
        constants.denoiser_hidden_tensors,
        part.hidden,
        constants.mlp_tensors,
        part.mlp_width,
        scores,
        part.heads,
        0.0,
        0,
    )
    return float(workspace)


def decoder_workspace(size: PipelineSize, load: PipelineLoad, constants: ComponentConstants) -> float:
    """Activations of the autoencoder while it decodes. [B]"""
    width, height = _tile(size, load) if load.tiled else (load.width, load.height)
    frames = min(size.frames_at_once, load.frames) if size.video else 1
    at_once = 1 if load.sliced or load.tiled else load.batch
    maps = constants.video_decoder_maps if size.video else constants.decoder_maps
    workspace = decode_workspace_bytes(
        at_once, maps, size.decoder_channels, width, height, frames, load.decoder_element_bytes, constants.convolution_bytes
    )
    return float(workspace)


def _tile(size: PipelineSize, load: PipelineLoad) -> tuple[float, float]:
    if size.video:  # half the picture along each side
        return load.width / 2, load.height / 2
    return min(TILE, load.width), min(TILE, load.height)


def _latent_frames(frames: int, frames_per_token: float) -> float:
    return 1.0 if frames <= 1 else (frames - 1) / frames_per_token + 1
