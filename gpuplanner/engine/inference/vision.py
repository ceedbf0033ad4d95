"""Convolutional networks: weights, and the maps around the widest convolution."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.inference.constants import ComponentConstants
from gpuplanner.engine.inference.encoder import EncoderLoad
from gpuplanner.engine.inference.formulas import map_workspace_bytes
from gpuplanner.engine.result import MemoryPart

USUAL_SIDE = 224
SPEECH_FRAMES = 1000  # half a minute in frames of 30 ms


def largest_map(shape: BlocksShape, side: int | None = None) -> float:
    """Elements of the largest map that a convolution of the network writes, or of its input where that is larger.

    Args:
        shape: the network.
        side: of the square input; what it was made for when None.
    """
    if shape.role == "speech":
        return float(SPEECH_FRAMES * shape.hidden)
    across = side or shape.input_size or USUAL_SIDE
    maps = [op.cols_out * (across * op.scale) ** 2 for op in operator_list(shape).operators if op.kernel is not None]
    return max([shape.channels_in * across**2, *maps])


def vision_memory(
    params: float, shape: BlocksShape, load: EncoderLoad, constants: ComponentConstants, side: int | None = None
) -> dict[MemoryPart, float]:
    """Memory of a convolutional network on one GPU.

    Args:
        params: of the network.
        shape: its blocks.
        load: batch and number formats; its tokens aren't used.
        constants: of the calibration.
        side: of the square input; what it was made for when None.

    Returns:
        Bytes of each part. The context is the driver's; an allocator's counter doesn't see it.
    """
    workspace = map_workspace_bytes(load.batch, load.element_bytes, constants.map_tensors, largest_map(shape, side))
    return {
        MemoryPart.WEIGHTS: params * load.weight_bytes,
        MemoryPart.KV_CACHE: 0.0,
        MemoryPart.ACTIVATIONS: float(workspace),
        MemoryPart.ENGINE: constants.context_bytes,
        MemoryPart.COMMUNICATION: 0.0,
    }
