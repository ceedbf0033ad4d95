"""What a model is published with, for fields that were left empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.model import Model
    from gpuplanner.engine.passes.defaults import Published


def width(model: Model) -> int | None:
    """Of a picture, in pixels."""
    return found.width if (found := _published(model)) else None


def height(model: Model) -> int | None:
    """Of a picture, in pixels."""
    return found.height if (found := _published(model)) else None


def frames(model: Model) -> int | None:
    """Of a clip."""
    return found.frames if (found := _published(model)) else None


def steps(model: Model) -> int | None:
    """Of the denoiser."""
    return found.steps if (found := _published(model)) else None


def image_px(model: Model) -> int | None:
    """Side of the images a network was made for."""
    from gpuplanner.catalog.schema.shape_blocks import BlocksShape  # after the first paint
    from gpuplanner.catalog.schema.shape_towers import TowersShape
    from gpuplanner.engine.passes.stages import native_px

    if isinstance(model.shape, TowersShape):
        return native_px(model.shape)
    return model.shape.input_size if isinstance(model.shape, BlocksShape) else None


def _published(model: Model) -> Published | None:
    from gpuplanner.engine.passes.defaults import published

    return published(model) if model.kind.diffuses else None
