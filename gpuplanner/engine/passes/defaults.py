"""What a pipeline or an encoder is published with: sizes, steps, guidance; and the latents a picture becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import DiffusionShape

_PER_PIXEL: Final = re.compile(r"H/(\d+)")
_PER_FRAME: Final = re.compile(r"T/(\d+)")
USUAL_SIDE: Final = 1024
USUAL_CLIP: Final = (832, 480, 81)
USUAL_STEPS: Final = 50
_LATENT_SIDE: Final = 8.0
_LATENT_FRAMES: Final = 4.0


@dataclass(frozen=True, slots=True)
class Published:
    """How a model is meant to be run; None where that isn't known and the usual stands in (``assumed``)."""

    width: int
    height: int
    frames: int
    steps: int
    guidance: bool
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A picture or a clip in latents. ``side`` of the latents; ``per_token`` latents a token of a transformer takes (area)."""

    width: int
    height: int
    frames: int
    side: float
    latent_frames: float
    image_tokens: float

    def tokens(self, denoiser: BlocksShape) -> float:
        """Tokens (or map positions) of the latents in a denoiser's own count."""
        return self.side**2 * self.latent_frames if maps(denoiser) else self.image_tokens * self.latent_frames


def maps(denoiser: BlocksShape) -> bool:
    """Whether a denoiser works on maps that shrink and grow (a U-Net), not on tokens."""
    return any(piece.kind == "conv" and piece.scale < 1 and piece.stride == (2,) for b in denoiser.blocks for piece in b.pieces)


def published(model: Model) -> Published:
    """What a pipeline is published with, from its record's facts.

    Args:
        model: a diffusion model; of others the answer means nothing.
    """
    facts, config = _mapping(model.facts.get("generation")), _mapping(model.facts.get("config"))
    video = model.kind is ModelKind.VIDEO_DIFFUSION
    side = config.get("native_resolution")
    square = int(side) if isinstance(side, int) else USUAL_SIDE
    width, height = (USUAL_CLIP[0], USUAL_CLIP[1]) if video else (square, square)
    steps = facts.get("steps") or model.facts.get("typical_steps_unverified")
    return Published(
        width=int(facts.get("width") or width),
        height=int(facts.get("height") or height),
        frames=int(facts.get("frames") or (USUAL_CLIP[2] if video else 1)),
        steps=int(steps or USUAL_STEPS),
        guidance=bool(facts.get("guidance", True)),
        assumed=not steps,
    )


def latent_grid(model: Model, width: int, height: int, frames: int) -> Grid:
    """The latents of a picture or clip."""
    from gpuplanner.engine.inference.sizes import pipeline_parts

    facts, latent = _mapping(model.facts.get("generation")), str(_mapping(model.facts.get("config")).get("latent", ""))
    pixels = float(facts.get("pixels_per_latent") or ((m := _PER_PIXEL.search(latent)) and m[1]) or _LATENT_SIDE)
    per_frame = float(facts.get("frames_per_latent") or ((m := _PER_FRAME.search(latent)) and m[1]) or _LATENT_FRAMES)
    per_token = facts.get("pixels_per_token")
    if per_token is None:
        parts = pipeline_parts(model) if isinstance(model.shape, DiffusionShape) else None
        per_token = parts.denoiser.pixels_per_token if parts is not None else 2 * pixels
    latent_frames = 1.0 if frames <= 1 else (frames - 1) / per_frame + 1
    side = (width * height) ** 0.5 / pixels
    return Grid(width, height, max(1, frames), side, latent_frames, width * height / float(per_token) ** 2)


def denoises_tokens(model: Model) -> bool:
    """Whether a model's denoiser is a transformer, whose tokens several GPUs can share out; a U-Net's maps are not."""
    shape = model.shape
    return isinstance(shape, DiffusionShape) and bool(shape.denoisers) and not any(maps(d) for d in shape.denoisers)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
