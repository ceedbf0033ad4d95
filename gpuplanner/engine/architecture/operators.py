"""Any model as one list of operators, from which parameters, FLOPs, bytes and state all derive."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import DiffusionShape, MultimodalShape, Seq2SeqShape, TowersShape
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.architecture.blocks import blocks_list
from gpuplanner.engine.architecture.decoder import decoder_list
from gpuplanner.engine.architecture.diffusion import diffusion_list
from gpuplanner.engine.architecture.multimodal import multimodal_list
from gpuplanner.engine.architecture.operator import AttentionState, Cut, Kernel, Operator, OperatorList, Part, Runs
from gpuplanner.engine.architecture.seq2seq import seq2seq_list
from gpuplanner.engine.architecture.towers import towers_list

__all__ = ["AttentionState", "Cut", "Kernel", "Operator", "OperatorList", "Part", "Runs", "operator_list"]


def operator_list(shape: Shape) -> OperatorList:
    """The operators of a model, in the order in which data meets them.

    Args:
        shape: the architecture's values, sizes in elements.

    Returns:
        The list from which every other figure is summed.
    """
    match shape:
        case DecoderShape():
            return decoder_list(shape)
        case MultimodalShape():
            return multimodal_list(shape)
        case TowersShape():
            return towers_list(shape)
        case Seq2SeqShape():
            return seq2seq_list(shape)
        case BlocksShape():
            return blocks_list(shape)
        case DiffusionShape():
            return diffusion_list(shape)
