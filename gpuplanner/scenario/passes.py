"""What is asked of models that answer in passes: images and video; vectors, scores, labels and transcripts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gpuplanner.scenario.asked import Asked, Batch, Pixels


class PipelineOffload(StrEnum):
    """What of a pipeline waits in host memory: nothing, the components not at work, or every layer not at work."""

    NONE = "none"
    MODEL = "model"
    SEQUENTIAL = "sequential"


class DecodeKind(StrEnum):
    """How latents become pictures: all at once, one picture after the other, or in tiles."""

    WHOLE = "whole"
    SLICED = "sliced"
    TILED = "tiled"


class GenerationChoice(Asked):
    """Images or video made by a diffusion pipeline; None means what the model is published with.

    A request makes ``images`` pictures (or clips of ``frames``) of ``width`` by ``height`` pixels in ``steps`` steps;
    ``guidance`` says whether each step asks the denoiser twice. ``batch`` requests run at once on a replica. Of one request the
    two halves of guidance run on GPUs of their own where ``cfg_parallel``, and ``sequence_parallel`` GPUs share out the tokens.
    """

    width: Pixels | None = None
    height: Pixels | None = None
    frames: Annotated[int, Field(ge=1, le=100_000)] | None = None
    steps: Annotated[int, Field(ge=1, le=1000)] | None = None
    guidance: bool | None = None
    images: Annotated[int, Field(ge=1, le=1000)] = 1
    batch: Batch | None = None
    offload: PipelineOffload = PipelineOffload.NONE
    decode: DecodeKind = DecodeKind.WHOLE
    cfg_parallel: bool = False
    sequence_parallel: Annotated[int, Field(ge=1, le=64)] = 1


class EncodingChoice(Asked):
    """Texts, images or speech through an encoder, a reranker, a vision network or a recogniser.

    A request holds ``items``: texts of ``tokens`` tokens (for a reranker question and candidate together), images of
    ``image_px`` a side (None: as published), or ``audio_s`` seconds of speech. ``batch`` items run at once (None: automatic).
    """

    items: Annotated[int, Field(ge=1, le=100_000)] = 1
    tokens: Annotated[int, Field(ge=1, le=1_000_000)] = 256
    image_px: Pixels | None = None
    audio_s: Annotated[float, Field(gt=0, le=86_400)] = 15
    batch: Batch | None = None
