"""How many positions a denoiser that is trained works at, and how long its prompts are."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.shape_towers import DiffusionShape, TowersShape
from gpuplanner.engine.passes.defaults import latent_grid, published
from gpuplanner.engine.training.setup import Setup

HALF: Final = 2.0
ENCODER_CHANNELS: Final = 128  # of an autoencoder's first maps, as large as the picture
ENCODER_MAPS: Final = 3.0  # of them at once: input, output, and what the norm makes of it
LONG_PROMPT: Final = 256  # tokens, where the text encoder takes any number


def latent_setup(
    setup: Setup, model: Model, width: int | None = None, height: int | None = None, frames: int | None = None
) -> Setup:
    """The setup with the lengths of a sample: a picture of this size, or of the size that the model is published with.

    Args:
        setup: of the run.
        model: to be trained; of other kinds than diffusion the setup stays as it is.
        width: of a picture, pixels.
        height: of a picture, pixels.
        frames: of a clip.
    """
    shape = model.shape
    if not isinstance(shape, DiffusionShape):
        return setup
    usual = published(model)
    grid = latent_grid(model, width or usual.width, height or usual.height, frames or usual.frames)
    pixels = (width or usual.width) * (height or usual.height) * (frames or usual.frames)
    encode = ENCODER_MAPS * ENCODER_CHANNELS * HALF * pixels if setup.components_beside and shape.autoencoder is not None else 0.0
    return replace(setup, tokens=grid.tokens(shape.denoisers[0]), context_tokens=text_tokens(shape), encode_bytes=encode)


def text_tokens(shape: DiffusionShape) -> float:
    """Tokens of a prompt: as many as its text encoders are made for, or as pipelines with long prompts are set to."""
    fixed = [tower.tokens for one in shape.text_encoders if isinstance(one, TowersShape) for tower in one.towers]
    return float(max((item for item in fixed if item), default=0) if fixed and all(fixed) else LONG_PROMPT)
