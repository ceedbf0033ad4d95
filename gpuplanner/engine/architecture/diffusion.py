"""A diffusion pipeline: the operators of all its components, each under its component's name."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import DiffusionShape, MultimodalShape, TowersShape
from gpuplanner.engine.architecture.blocks import blocks_list
from gpuplanner.engine.architecture.decoder import decoder_list
from gpuplanner.engine.architecture.multimodal import multimodal_list
from gpuplanner.engine.architecture.operator import OperatorList
from gpuplanner.engine.architecture.towers import towers_list

Component = TowersShape | DecoderShape | MultimodalShape | BlocksShape


def components(shape: DiffusionShape) -> list[tuple[str, OperatorList]]:
    """The list of each component with its name, in the order in which they run."""
    found: list[tuple[str, OperatorList]] = []
    found += [(f"text_encoder{number}", _list(part)) for number, part in enumerate(shape.text_encoders, 1)]
    found += [(f"denoiser{number}", blocks_list(part)) for number, part in enumerate(shape.denoisers, 1)]
    if shape.autoencoder is not None:
        found.append(("autoencoder", blocks_list(shape.autoencoder)))
    return found


def diffusion_list(shape: DiffusionShape) -> OperatorList:
    """All components as one list; sizes are the denoiser's."""
    parts = components(shape)
    denoiser = blocks_list(shape.denoisers[0])
    return replace(
        denoiser, operators=tuple(replace(op, name=f"{name}.{op.name}") for name, part in parts for op in part.operators)
    )


def _list(part: Component) -> OperatorList:
    match part:
        case TowersShape():
            return towers_list(part)
        case DecoderShape():
            return decoder_list(part)
        case MultimodalShape():
            return multimodal_list(part)
        case BlocksShape():
            return blocks_list(part)
